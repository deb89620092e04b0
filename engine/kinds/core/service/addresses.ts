import type { Backend } from '../../../admission/plugin.ts'
import { follow } from '../../../controllers/cluster.ts'
import { Writer } from '../../../controllers/writer.ts'
import { isV4, parseIp } from '../../../objects/ip.ts'
import type { ApiObject, NewObject } from '../../../objects/types.ts'
import { keyOfObject } from '../../../storage/key.ts'
import { clusterIpsOf } from './indexes.ts'

const SERVICES = { group: '', resource: 'services' }
const ENDPOINTS = { group: '', resource: 'endpoints' }
const ADDRESSES = { group: 'networking.k8s.io', resource: 'ipaddresses' }

/**
 * Keeps what the API server itself keeps beside Services: an IPAddress for each address that one has, and with a Service that is gone go its
 * addresses and the Endpoints of its name. What is returned ends it.
 */
export function keepServiceAddresses(backend: Backend): () => void {
  const services = backend.store.collection(SERVICES)
  if (services === undefined) return () => {}
  const known = new Map<string, readonly string[]>()
  return follow(services, backend, ({ type, object }) => {
    const key = keyOfObject(object)
    const before = known.get(key) ?? []
    const now = type === 'DELETED' ? [] : clusterIpsOf(object)
    known.set(key, now)
    for (const ip of before) if (!now.includes(ip)) remove(backend, ADDRESSES, undefined, ip)
    for (const ip of now) add(backend, ip, object)
    if (type !== 'DELETED') return
    known.delete(key)
    remove(backend, ENDPOINTS, object.metadata.namespace, object.metadata.name)
  })
}

function add(backend: Backend, ip: string, service: ApiObject): void {
  const addresses = backend.store.collection(ADDRESSES)
  if (addresses === undefined || addresses.get(undefined, ip) !== undefined) return
  new Writer(backend, 'kube-apiserver').create(ADDRESSES, addressOf(ip, service))
}

function addressOf(ip: string, { metadata }: ApiObject): NewObject {
  const address = parseIp(ip)
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: {
      name: ip,
      labels: {
        'ipaddress.kubernetes.io/ip-family': address === undefined || isV4(address) ? 'IPv4' : 'IPv6',
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { resource: 'services', namespace: metadata.namespace, name: metadata.name } },
  }
}

function remove(
  backend: Backend,
  resource: { readonly group: string; readonly resource: string },
  namespace: string | undefined,
  name: string,
): void {
  const registry = backend.registry(resource)
  if (registry?.collection.get(namespace, name) !== undefined) registry.delete(namespace, name)
}
