import { afterEach, beforeEach, expect, it } from 'vitest'
import { formatTime } from '../../objects/time.ts'
import type { ApiObject, GroupResource, NewObject } from '../../objects/types.ts'
import { networkControllers } from '../network.ts'
import { World } from '../world.testing.ts'
import { Writer } from '../writer.ts'
import { ENDPOINTS, type Endpoints, PODS, SERVICES, SLICES, type Slice } from './types.ts'

let world: World
beforeEach(async () => {
  world = await World.make(networkControllers, { nodes: 3 })
})
afterEach(() => world.close())

const put = (resource: GroupResource, object: object, metadata: object): ApiObject => {
  const { backend } = world.cluster
  const own = { uid: backend.ids.uid(), creationTimestamp: formatTime(world.clock.now()), resourceVersion: '' }
  const whole = { ...object, metadata: { namespace: 'default', ...metadata, ...own } } as ApiObject
  return new Writer(backend, 'test').put(resource, undefined, whole)
}

const service = (name: string, spec: object, metadata: object = {}) =>
  put(
    SERVICES,
    {
      apiVersion: 'v1',
      kind: 'Service',
      spec: { type: 'ClusterIP', ipFamilies: ['IPv4'], selector: { app: 'web' }, ...spec },
    },
    { name, ...metadata },
  )
const HTTP = { name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }

interface PodFacts {
  readonly ip?: string
  readonly ready?: boolean
  readonly labels?: object
  readonly node?: string
  readonly phase?: string
  readonly spec?: object
}
const statusOf = ({ ip, ready = true, phase = 'Running' }: PodFacts) => ({
  phase,
  conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: formatTime(world.clock.now()) }],
  ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
})
const pod = (name: string, facts: PodFacts) =>
  put(
    PODS,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      spec: {
        nodeName: facts.node ?? 'worker',
        containers: [{ name: 'web', ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }] }],
        ...facts.spec,
      },
      status: statusOf(facts),
    },
    { name, labels: facts.labels ?? { app: 'web' } },
  )
const change = (name: string, by: (now: ApiObject) => object) => {
  const pods = world.cluster.backend.store.collection(PODS)
  const now = pods?.get('default', name) as ApiObject
  pods?.put({ ...now, ...by(now) } as ApiObject)
}
const slicesOf = (name: string) =>
  (world.list(SLICES, 'default') as readonly Slice[]).filter(
    ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name,
  )
const slice = (name: string) => slicesOf(name)[0] as Slice
const ready = (name: string) =>
  Object.fromEntries((slice(name).endpoints ?? []).map(({ targetRef, conditions }) => [targetRef?.name, conditions]))
const subsets = (name: string) => (world.get(ENDPOINTS, name) as Endpoints).subsets
const writeEndpoints = (name: string, object: object, metadata: object = {}) =>
  world.create(ENDPOINTS, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name, namespace: 'default', ...metadata },
    ...object,
  } as NewObject)

it('makes the objects that a real cluster has for a Service and its Pod', () => {
  service('web', { clusterIP: '10.96.1.1', ports: [HTTP] }, { labels: { team: 'red' } })
  const { uid } = pod('web-0', { ip: '10.244.1.5' }).metadata
  world.step()
  const targetRef = { kind: 'Pod', namespace: 'default', name: 'web-0', uid }
  const created = '2026-01-01T00:00:00Z'
  expect(slice('web')).toEqual({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: expect.stringMatching(/^web-[a-z0-9]{5}$/),
      generateName: 'web-',
      namespace: 'default',
      uid: expect.any(String),
      resourceVersion: expect.any(String),
      creationTimestamp: created,
      generation: 1,
      labels: {
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': 'web',
        team: 'red',
      },
      annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': created },
      ownerReferences: [
        {
          apiVersion: 'v1',
          kind: 'Service',
          name: 'web',
          uid: world.get(SERVICES, 'web')?.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: [expect.objectContaining({ manager: 'kube-controller-manager', operation: 'Update' })],
    },
    addressType: 'IPv4',
    endpoints: [
      {
        addresses: ['10.244.1.5'],
        conditions: { ready: true, serving: true, terminating: false },
        targetRef,
        nodeName: 'worker',
      },
    ],
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  })
  expect(world.get(ENDPOINTS, 'web')).toMatchObject({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: 'web',
      labels: { team: 'red', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
      annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': created },
    },
    subsets: [
      {
        addresses: [{ ip: '10.244.1.5', nodeName: 'worker', targetRef }],
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ],
  })
  expect(world.errors).toEqual([])
})

it('follows a Pod from its first address to its end', () => {
  service('web', { clusterIP: '10.96.1.1', ports: [HTTP] })
  world.step()
  expect(slice('web')).toMatchObject({ endpoints: null, ports: null })
  const { name } = slice('web').metadata
  pod('web-0', { ready: false })
  world.step()
  expect(slice('web').endpoints).toBeNull()
  change('web-0', () => ({ status: statusOf({ ip: '10.244.1.5', ready: false }) }))
  world.step()
  expect(ready('web')).toEqual({ 'web-0': { ready: false, serving: false, terminating: false } })
  expect(subsets('web')?.[0]?.notReadyAddresses).toHaveLength(1)
  world.step(5000)
  change('web-0', () => ({ status: statusOf({ ip: '10.244.1.5' }) }))
  world.step()
  expect(ready('web')).toEqual({ 'web-0': { ready: true, serving: true, terminating: false } })
  expect(slice('web').metadata.annotations).toEqual({
    'endpoints.kubernetes.io/last-change-trigger-time': '2026-01-01T00:00:05Z',
  })
  change('web-0', ({ metadata }) => ({ metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:30Z' } }))
  world.step()
  expect(ready('web')).toEqual({ 'web-0': { ready: false, serving: true, terminating: true } })
  expect(subsets('web')).toBeUndefined()
  world.cluster.backend.store.collection(PODS)?.remove('default/web-0')
  world.step()
  expect(slice('web')).toMatchObject({ endpoints: null, metadata: { name } })
  expect(slicesOf('web')).toHaveLength(1)
  expect(world.errors).toEqual([])
})

it('publishes Pods that are not ready where the Service asks for it, and never those that are done', () => {
  service('web', { clusterIP: 'None', ports: [HTTP], publishNotReadyAddresses: true })
  pod('web-0', { ip: '10.244.1.5', ready: false, spec: { hostname: 'web-0', subdomain: 'web' } })
  pod('web-1', { ip: '10.244.1.6', ready: false, phase: 'Succeeded' })
  world.step()
  expect(ready('web')).toEqual({ 'web-0': { ready: true, serving: false, terminating: false } })
  expect(slice('web').endpoints?.[0]?.hostname).toBe('web-0')
  expect(slice('web').metadata.labels).toMatchObject({ 'service.kubernetes.io/headless': '' })
  expect(subsets('web')?.[0]?.addresses?.[0]).toMatchObject({ ip: '10.244.1.5', hostname: 'web-0' })
})

it('follows labels, of Pods and of Services, and the selector', () => {
  service('web', { clusterIP: '10.96.1.1', ports: [HTTP] })
  pod('web-0', { ip: '10.244.1.5', labels: { app: 'other' } })
  world.step()
  expect(ready('web')).toEqual({})
  change('web-0', ({ metadata }) => ({ metadata: { ...metadata, labels: { app: 'web' } } }))
  world.step()
  expect(Object.keys(ready('web'))).toEqual(['web-0'])
  const services = world.cluster.backend.store.collection(SERVICES)
  const now = services?.get('default', 'web') as ApiObject
  services?.put({ ...now, metadata: { ...now.metadata, labels: { team: 'blue' } } })
  world.step()
  expect(slice('web').metadata.labels?.team).toBe('blue')
  change('web-0', ({ metadata }) => ({ metadata: { ...metadata, labels: {} } }))
  world.step()
  expect(ready('web')).toEqual({})
})

it('finds named ports in each Pod, and has a slice for each set of them', () => {
  service('web', { clusterIP: '10.96.1.1', ports: [{ ...HTTP, targetPort: 'http' }] })
  pod('web-0', { ip: '10.244.1.5' })
  pod('web-1', {
    ip: '10.244.1.6',
    spec: { containers: [{ name: 'web', ports: [{ name: 'http', containerPort: 9090, protocol: 'TCP' }] }] },
  })
  pod('web-2', { ip: '10.244.1.7', spec: { containers: [{ name: 'web' }] } })
  world.step()
  expect(
    slicesOf('web')
      .map(({ ports, endpoints }) => [ports?.[0]?.port, endpoints?.length])
      .sort(),
  ).toEqual([
    [undefined, 1],
    [8080, 1],
    [9090, 1],
  ])
  expect(subsets('web')).toHaveLength(2)
})

it('has at most a hundred endpoints in a slice, and changes no more slices than it must', () => {
  service('web', { clusterIP: '10.96.1.1', ports: [HTTP] })
  for (let index = 0; index < 250; index++) pod(`web-${index}`, { ip: `10.244.1.${index + 2}` })
  world.step()
  expect(
    slicesOf('web')
      .map(({ endpoints }) => endpoints?.length)
      .sort(),
  ).toEqual([100, 100, 50])
  const versions = new Map(slicesOf('web').map(({ metadata }) => [metadata.name, metadata.resourceVersion]))
  pod('web-250', { ip: '10.244.2.2' })
  world.step()
  const changed = slicesOf('web').filter(({ metadata }) => versions.get(metadata.name) !== metadata.resourceVersion)
  expect(changed.map(({ endpoints }) => endpoints?.length)).toEqual([51])
})

it('leaves Services without a selector and those of type ExternalName alone', () => {
  service('hand', { clusterIP: '10.96.1.1', ports: [HTTP], selector: undefined })
  service('far', { type: 'ExternalName', externalName: 'example.com' })
  world.step()
  expect([...slicesOf('hand'), ...slicesOf('far')]).toEqual([])
  expect(world.list(ENDPOINTS, 'default').map(({ metadata }) => metadata.name)).toEqual(['kubernetes'])
})

it('skips Pods of a node that is gone, says so, and tries again', () => {
  service('web', { clusterIP: '10.96.1.1', ports: [HTTP] })
  pod('web-0', { ip: '10.244.1.5', node: 'lost' })
  world.step()
  expect(ready('web')).toEqual({})
  expect(world.eventsOf('Service', 'web')).toEqual([
    'Warning FailedToUpdateEndpointSlices Error updating Endpoint Slices for Service default/web: skipping Pod web-0 for Service default/web: Node lost Not Found',
  ])
  expect(world.errors).toHaveLength(1)
})

it('puts back what somebody else has changed in a slice, after a second', () => {
  service('web', { clusterIP: '10.96.1.1', ports: [HTTP] })
  pod('web-0', { ip: '10.244.1.5' })
  world.step()
  const { name } = slice('web').metadata
  world.update(SLICES, name, (now) => ({ ...now, endpoints: [] }))
  world.step(999)
  expect(slice('web').endpoints).toEqual([])
  world.step(1)
  expect(slice('web').endpoints).toHaveLength(1)
  world.cluster.backend.registry(SLICES)?.delete('default', name)
  world.cluster.backend.registry(ENDPOINTS)?.delete('default', 'web')
  world.step(1000)
  expect(slice('web').endpoints).toHaveLength(1)
  expect(subsets('web')).toHaveLength(1)
})

it('hints endpoints for their own node where the Service asks for nearness', () => {
  service('web', { clusterIP: '10.96.1.1', ports: [HTTP], trafficDistribution: 'PreferSameNode' })
  pod('web-0', { ip: '10.244.1.5' })
  pod('web-1', { ip: '10.244.1.6', ready: false })
  world.step()
  expect(slice('web').endpoints?.map(({ hints }) => hints)).toEqual([{ forNodes: [{ name: 'worker' }] }, undefined])
})

it('mirrors Endpoints that are written by hand', () => {
  service('db', { clusterIP: '10.96.1.1', ports: [{ port: 5432 }], selector: undefined })
  writeEndpoints('db', {
    subsets: [
      { addresses: [{ ip: '192.168.1.10' }, { ip: '192.168.1.11' }], ports: [{ port: 5432, protocol: 'TCP' }] },
    ],
  })
  world.step()
  expect(slice('db')).toMatchObject({
    metadata: {
      generateName: 'db-',
      labels: {
        'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
        'kubernetes.io/service-name': 'db',
      },
      ownerReferences: [{ kind: 'Endpoints', name: 'db' }],
    },
    endpoints: [
      { addresses: ['192.168.1.10'], conditions: { ready: true } },
      { addresses: ['192.168.1.11'], conditions: { ready: true } },
    ],
    ports: [{ name: '', port: 5432, protocol: 'TCP' }],
  })
  world.update(ENDPOINTS, 'db', (now) => ({
    ...now,
    subsets: [{ addresses: [{ ip: '192.168.1.12' }], ports: [{ port: 5433, protocol: 'TCP' }] }],
  }))
  world.step(1000)
  expect(slicesOf('db')).toHaveLength(1)
  expect(slice('db')).toMatchObject({ endpoints: [{ addresses: ['192.168.1.12'] }], ports: [{ port: 5433 }] })
  world.cluster.backend.registry(ENDPOINTS)?.delete('default', 'db')
  world.step(1000)
  expect(slicesOf('db')).toEqual([])
})

it('takes nothing of what is not its own to mirror', () => {
  service('db', { clusterIP: '10.96.1.1', ports: [{ port: 5432 }], selector: undefined })
  const made = { subsets: [{ addresses: [{ ip: '192.168.1.10' }], ports: [{ port: 5432, protocol: 'TCP' }] }] }
  writeEndpoints('db', made, { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } })
  writeEndpoints('alone', made)
  world.step()
  expect([...slicesOf('db'), ...slicesOf('alone')]).toEqual([])
})

it('goes on after a restore', () => {
  service('web', { clusterIP: '10.96.1.1', ports: [HTTP] })
  pod('web-0', { ip: '10.244.1.5' })
  world.step()
  const snapshot = world.cluster.backend.store.snapshot()
  pod('web-1', { ip: '10.244.1.6' })
  world.step()
  expect(Object.keys(ready('web'))).toEqual(['web-0', 'web-1'])
  world.cluster.backend.store.restore(snapshot)
  world.step()
  pod('web-2', { ip: '10.244.1.7' })
  world.step()
  expect(Object.keys(ready('web'))).toEqual(['web-0', 'web-2'])
})
