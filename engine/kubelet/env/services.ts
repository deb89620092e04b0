import { type ServicePort, specOf } from '../../kinds/core/service/types.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { ClusterObjects } from '../objects.ts'

/** Variables that tell containers where the Services of their namespace are, and always where the API server is. */
export function serviceEnvironment(objects: ClusterObjects, namespace: string, links: boolean): Map<string, string> {
  const services = new Map<string, ApiObject>()
  const master = objects.service('default', 'kubernetes')
  if (master !== undefined) services.set('kubernetes', master)
  if (links) for (const service of objects.services(namespace)) services.set(service.metadata.name, service)
  const all = new Map<string, string>()
  for (const service of services.values()) {
    const { clusterIP = '', ports = [] } = specOf(service)
    const [first] = ports
    if (clusterIP === '' || clusterIP === 'None' || first === undefined) continue
    const name = variable(service.metadata.name)
    all.set(`${name}_SERVICE_HOST`, clusterIP)
    all.set(`${name}_SERVICE_PORT`, String(first.port))
    for (const port of ports) {
      if (port.name !== undefined && port.name !== '') {
        all.set(`${name}_SERVICE_PORT_${variable(port.name)}`, String(port.port))
      }
    }
    all.set(`${name}_PORT`, urlOf(clusterIP, first))
    for (const port of ports) {
      const protocol = port.protocol ?? 'TCP'
      const prefix = `${name}_PORT_${port.port}_${protocol.toUpperCase()}`
      all.set(prefix, urlOf(clusterIP, port))
      all.set(`${prefix}_PROTO`, protocol.toLowerCase())
      all.set(`${prefix}_PORT`, String(port.port))
      all.set(`${prefix}_ADDR`, clusterIP)
    }
  }
  return all
}

const variable = (name: string): string => name.replaceAll('-', '_').toUpperCase()

const urlOf = (address: string, { protocol = 'TCP', port }: ServicePort): string =>
  `${protocol.toLowerCase()}://${address.includes(':') ? `[${address}]` : address}:${port}`
