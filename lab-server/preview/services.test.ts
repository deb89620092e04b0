import { beforeEach, describe, expect, it } from 'vitest'
import { FakeKube } from '../checks/kube.fake.ts'
import type { KubeObject } from '../kube/connection.ts'
import { findPods, listServices } from './services.ts'

let kube: FakeKube
beforeEach(() => {
  kube = new FakeKube()
})

function service(name: string, spec: object = {}, namespace = 'default'): void {
  const ports = [{ name: 'http', port: 80, protocol: 'TCP' }]
  kube.put({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports, ...spec } })
}

interface Endpoint {
  conditions?: { ready?: boolean }
  targetRef?: { kind: string; name: string; namespace?: string }
  addresses?: string[]
}

function slice(of: string, endpoints: Endpoint[] | null, change: object = {}, namespace = 'default'): void {
  const object = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${of}-${kube.objects.length}`, namespace, labels: { 'kubernetes.io/service-name': of } },
    ports: [{ name: 'http', port: 9898, protocol: 'TCP' }],
    endpoints,
    ...change,
  }
  kube.put(object as unknown as KubeObject)
}

const pod = (name: string, ready = true): Endpoint => ({
  conditions: { ready },
  targetRef: { kind: 'Pod', name, namespace: 'default' },
})
const web = { namespace: 'default', service: 'web', port: 80 }

describe('the Services that can be shown', () => {
  it('are those of the reader that have a TCP port, with the number of their ready Pods', async () => {
    service('web')
    slice('web', [pod('a'), pod('b', false)])
    slice('web', [pod('a'), pod('c')])
    service('shop', { ports: [{ port: 8080 }, { port: 53, protocol: 'UDP' }] }, 'team')
    service('kubernetes')
    service('dns', { ports: [{ port: 53, protocol: 'UDP' }] })
    service('elsewhere', { type: 'ExternalName', externalName: 'metadata.example' })
    service('kube-dns', {}, 'kube-system')
    expect(await listServices(kube)).toEqual([
      { namespace: 'default', name: 'web', ports: [{ port: 80, name: 'http' }], ready: 2 },
      { namespace: 'team', name: 'shop', ports: [{ port: 8080 }], ready: 0 },
    ])
  })
})

describe('the Pods behind a Service', () => {
  it('are its ready ones, on the port that stands behind the one asked for', async () => {
    service('web', {
      ports: [
        { name: 'metrics', port: 9000 },
        { name: 'http', port: 80 },
      ],
    })
    slice('web', [pod('a'), pod('b', false), { targetRef: { kind: 'Pod', name: 'c' } }])
    slice('other', [pod('d')])
    expect(await findPods(kube, web)).toEqual({
      kind: 'pods',
      pods: [
        { namespace: 'default', pod: 'a', port: 9898 },
        { namespace: 'default', pod: 'c', port: 9898 },
      ],
    })
  })

  it('have a reason when there are none', async () => {
    expect(await findPods(kube, web)).toEqual({ kind: 'no-service' })
    service('web')
    expect(await findPods(kube, { ...web, port: 81 })).toEqual({ kind: 'no-port' })
    slice('web', null)
    slice('web', [pod('a', false)])
    expect(await findPods(kube, web)).toEqual({ kind: 'no-pods' })
  })

  it('S-32: are never an address, nor Pods of another namespace, whatever an EndpointSlice says', async () => {
    service('web')
    slice('web', [
      { addresses: ['169.254.169.254'], conditions: { ready: true } },
      { addresses: ['127.0.0.1'], targetRef: { kind: 'Node', name: 'worker' } },
      { targetRef: { kind: 'Pod', name: 'coredns', namespace: 'kube-system' } },
    ])
    expect(await findPods(kube, web)).toEqual({ kind: 'no-pods' })
    service('elsewhere', { type: 'ExternalName', externalName: 'localhost' })
    expect(await findPods(kube, { ...web, service: 'elsewhere' })).toEqual({ kind: 'no-pods' })
  })

  it('S-32: of the cluster itself are not shown', async () => {
    service('kube-dns', {}, 'kube-system')
    slice('kube-dns', [{ targetRef: { kind: 'Pod', name: 'coredns' } }], {}, 'kube-system')
    expect(await findPods(kube, { namespace: 'kube-system', service: 'kube-dns', port: 80 })).toEqual({
      kind: 'protected',
    })
  })
})
