import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Hop, Socket } from './contract.ts'
import { greets, NetworkWorld, type TestPod } from './network.testing.ts'

let world: NetworkWorld
let client: TestPod
beforeEach(async () => {
  world = await NetworkWorld.make()
  client = world.pod('client')
})
afterEach(() => world.close())

const ADDRESS = '10.96.10.10'
const web = (spec: object = {}) => ({
  clusterIP: ADDRESS,
  clusterIPs: [ADDRESS],
  ports: [{ port: 80, targetPort: 8080 }],
  ...spec,
})
const nodePort = (spec: object = {}) =>
  web({ type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }], ...spec })

function server(name: string, node: string) {
  const pod = world.pod(name, { node })
  greets(pod, 8080, name)
  return pod
}
const behind = ({ address }: TestPod, nodeName: string, conditions: object = {}) => ({
  addresses: [address],
  nodeName,
  conditions: { ready: true, serving: true, terminating: false, ...conditions },
})
const DRAINING = { ready: false, terminating: true }

async function many(count: number, from: Parameters<NetworkWorld['reach']>[0] = client, host = ADDRESS, port = 80) {
  const counts: Record<string, number> = {}
  for (let time = 0; time < count; time++) {
    const answer = await world.reach(from, host, port)
    counts[answer] = (counts[answer] ?? 0) + 1
  }
  return counts
}

it('spreads connections over the endpoints by chance, and only over ready ones', async () => {
  const [a, b, c] = [server('a', 'worker'), server('b', 'worker2'), server('c', 'worker2')]
  world.service('web', web(), [
    behind(a, 'worker'),
    behind(b, 'worker2'),
    behind(c, 'worker2', { ready: false, serving: false }),
  ])
  const counts = await many(200)
  expect(Object.keys(counts).sort()).toEqual(['a', 'b'])
  expect(counts.a).toBeGreaterThan(60)
  expect(counts.b).toBeGreaterThan(60)
})

it('goes to endpoints that drain only while there is no other', async () => {
  const [a, b] = [server('a', 'worker'), server('b', 'worker2')]
  world.service('web', web(), [behind(a, 'worker', DRAINING), behind(b, 'worker2', { ready: false, serving: false })])
  expect(await many(5)).toEqual({ a: 5 })
})

it('refuses at once where a Service has no endpoint, and is silent on ports that it has not', async () => {
  world.service('web', web(), [])
  const start = world.world.clock.now()
  expect(await world.reach(client, ADDRESS, 80)).toBe('ECONNREFUSED')
  expect(world.world.clock.now()).toBe(start)
  expect(await world.reach(client, ADDRESS, 81)).toBe('ETIMEDOUT')
})

it('follows the API after a moment, and not more often than once a second', async () => {
  const [a, b] = [server('a', 'worker'), server('b', 'worker')]
  world.service('web', web(), [behind(a, 'worker')])
  const slices = { group: 'discovery.k8s.io', resource: 'endpointslices' }
  const lead = (pod: TestPod) =>
    world.world.update(slices, 'web-1', (now) => ({ ...now, endpoints: [behind(pod, 'worker')] }))
  lead(b)
  world.world.step(29)
  expect(await many(3)).toEqual({ a: 3 })
  world.world.step(1)
  expect(await many(3)).toEqual({ b: 3 })
  lead(a)
  world.world.step(999)
  expect(await many(3)).toEqual({ b: 3 })
  world.world.step(1)
  expect(await many(3)).toEqual({ a: 3 })
  world.world.cluster.backend.registry({ group: '', resource: 'services' })?.delete('default', 'web')
  world.settle()
  expect(await world.reach(client, ADDRESS, 80, 1000)).toBe('ETIMEDOUT')
  expect(world.world.clock.next).toBeUndefined()
})

it('knows after a restore what was before', async () => {
  const a = server('a', 'worker')
  world.service('web', web(), [behind(a, 'worker')])
  const { store } = world.world.cluster.backend
  const snapshot = store.snapshot()
  world.world.cluster.backend.registry({ group: '', resource: 'services' })?.delete('default', 'web')
  world.settle()
  store.restore(snapshot)
  world.settle()
  expect(await many(2)).toEqual({ a: 2 })
})

it('keeps a client at its endpoint for as long as the Service says', async () => {
  const pods = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => server(name, 'worker'))
  const affinity = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } }
  world.service(
    'web',
    web(affinity),
    pods.map((pod) => behind(pod, 'worker')),
  )
  expect(Object.values(await many(20))).toEqual([20])
  const seen = new Set<string>()
  for (let time = 0; time < 20; time++) {
    world.world.step(60_000)
    seen.add(await world.reach(client, ADDRESS, 80))
  }
  expect(seen.size).toBeGreaterThan(2)
})

it('is reached by a port of every node, from outside and inside, with the node in place of the sender', async () => {
  const pod = world.pod('a', { node: 'worker' })
  const remotes: string[] = []
  pod.listen(8080, (socket: Socket) => {
    remotes.push(socket.remote.address)
    socket.end()
  })
  world.service('web', nodePort(), [behind(pod, 'worker')])
  for (const node of ['172.18.0.2', '172.18.0.3', '172.18.0.4']) {
    expect(await world.reach(world.network.outside, node, 30080)).toBe('')
  }
  expect(await world.reach(client, '172.18.0.4', 30080)).toBe('')
  expect(await world.reach(client, ADDRESS, 80)).toBe('')
  expect(await world.reach(world.network.node('worker'), '127.0.0.1', 30080)).toBe('')
  expect(remotes).toEqual(['172.18.0.2', '172.18.0.3', '172.18.0.4', '172.18.0.4', client.address, '172.18.0.3'])
})

it('with the Local policy keeps the sender, and drops on nodes without an endpoint', async () => {
  const pod = world.pod('a', { node: 'worker' })
  const remotes: string[] = []
  pod.listen(8080, (socket: Socket) => {
    remotes.push(socket.remote.address)
    socket.end()
  })
  world.service('web', nodePort({ externalTrafficPolicy: 'Local' }), [behind(pod, 'worker')])
  expect(await world.reach(world.network.outside, '172.18.0.3', 30080)).toBe('')
  expect(await world.reach(world.network.outside, '172.18.0.4', 30080)).toBe('ETIMEDOUT')
  expect(await world.reach(client, '172.18.0.4', 30080)).toBe('')
  expect(remotes).toEqual(['172.18.0.1', '172.18.0.4'])
})

it('with the internal Local policy leads to the own node alone', async () => {
  const [a, b] = [server('a', 'worker'), server('b', 'worker2')]
  world.service('web', web({ internalTrafficPolicy: 'Local' }), [behind(a, 'worker'), behind(b, 'worker2')])
  expect(await many(10)).toEqual({ a: 10 })
  const far = world.pod('far', { node: 'control-plane' })
  expect(await world.reach(far, ADDRESS, 80)).toBe('ETIMEDOUT')
})

it('prefers endpoints that are hinted for the node', async () => {
  const [a, b] = [server('a', 'worker'), server('b', 'worker2')]
  const hinted = (pod: TestPod, node: string) => ({ ...behind(pod, node), hints: { forNodes: [{ name: node }] } })
  world.service('web', web({ trafficDistribution: 'PreferSameNode' }), [hinted(a, 'worker'), hinted(b, 'worker2')])
  expect(await many(10)).toEqual({ a: 10 })
  const counts = await many(40, world.pod('far', { node: 'control-plane' }))
  expect(Object.keys(counts).sort()).toEqual(['a', 'b'])
})

it('answers external addresses that a Service claims, and leads a Pod to itself', async () => {
  const a = server('a', 'worker')
  world.service('web', web({ externalIPs: ['203.0.113.7'] }), [behind(a, 'worker')])
  expect(await world.reach(client, '203.0.113.7', 80)).toBe('a')
  expect(await world.reach(a, ADDRESS, 80)).toBe('a')
})

it('knows Services by their address on nodes only, not outside', async () => {
  world.service('web', web(), [behind(server('a', 'worker'), 'worker')])
  expect(await world.reach(world.network.outside, ADDRESS, 80)).toBe('ENETUNREACH')
  expect(await world.reach(world.network.outside, '10.244.1.3', 8080)).toBe('ENETUNREACH')
  expect(await world.reach(world.network.node('worker2'), ADDRESS, 80)).toBe('a')
})

it('leads different ports to different targets, each by its protocol', async () => {
  const a = server('a', 'worker')
  greets(a, 9090, 'metrics')
  const ports = [
    { name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' },
    { name: 'metrics', port: 9000, targetPort: 9090, protocol: 'TCP' },
    { name: 'stats', port: 9001, targetPort: 9090, protocol: 'UDP' },
  ]
  world.service('web', web({ ports }), [behind(a, 'worker')])
  expect(await world.reach(client, ADDRESS, 9000)).toBe('metrics')
  expect(await world.reach(client, ADDRESS, 9001)).toBe('ETIMEDOUT')
})

it('tells through which Service a connection went', async () => {
  const hops: Hop[] = []
  world.network.onHop((hop) => hops.push(hop))
  world.service('web', nodePort(), [behind(server('a', 'worker2'), 'worker2')])
  world.service('none', { clusterIP: '10.96.10.11', clusterIPs: ['10.96.10.11'], ports: [{ port: 80 }] }, [])
  await world.reach(client, ADDRESS, 80)
  await world.reach(world.network.outside, '172.18.0.2', 30080)
  await world.reach(client, '10.96.10.11', 80)
  expect(hops.map(({ from, via, reached, outcome }) => [from.kind, via, reached?.kind, outcome])).toEqual([
    ['pod', { kind: 'ClusterIP', namespace: 'default', name: 'web' }, 'pod', 'connected'],
    ['outside', { kind: 'NodePort', namespace: 'default', name: 'web' }, 'pod', 'connected'],
    ['pod', { kind: 'ClusterIP', namespace: 'default', name: 'none' }, undefined, 'no-endpoints'],
  ])
})

it('leads the Service kubernetes to the API server', async () => {
  const tls = { names: ['kubernetes.default.svc'], authority: 'PEM' }
  const handle = (socket: Socket) => {
    socket.write(new TextEncoder().encode('api')).catch(() => {})
    socket.end()
  }
  const own = await NetworkWorld.make({ apiServer: { handle, tls } })
  own.settle()
  const pod = own.pod('client')
  expect(await own.reach(pod, '10.96.0.1', 443)).toBe('api')
  expect(await own.reach(pod, '172.18.0.2', 6443)).toBe('api')
  const socket = await pod.connect('10.96.0.1', 443, { tls: true })
  expect(socket.tls).toEqual(tls)
  own.close()
})
