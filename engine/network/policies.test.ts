import { afterEach, beforeEach, expect, it } from 'vitest'
import { greets, NetworkWorld, type TestPod } from './network.testing.ts'

let world: NetworkWorld
let web: TestPod
beforeEach(async () => {
  world = await NetworkWorld.make()
  for (const [name, team] of [
    ['shop', 'red'],
    ['bank', 'blue'],
  ] as const) {
    const metadata = { name, labels: { team, 'kubernetes.io/metadata.name': name } }
    world.world.create(
      { group: '', resource: 'namespaces' },
      { apiVersion: 'v1', kind: 'Namespace', metadata },
      undefined,
    )
  }
  web = world.pod('web', { namespace: 'shop', labels: { app: 'web' } })
  greets(web, 80, 'web')
})
afterEach(() => world.close())

const DENY = { podSelector: {}, policyTypes: ['Ingress'] }
const from = (peer: object, ports?: readonly object[]) => ({
  podSelector: { matchLabels: { app: 'web' } },
  policyTypes: ['Ingress'],
  ingress: [{ from: [peer], ...(ports === undefined ? {} : { ports }) }],
})
const reach = (pod: Parameters<NetworkWorld['reach']>[0]) => world.reach(pod, web.address, 80, 3000)

it('drops what no policy allows, and takes the attempt up again once one does', async () => {
  const client = world.pod('client', { namespace: 'shop', labels: { app: 'client' } })
  world.policy('deny', DENY, 'shop')
  expect(await reach(client)).toBe('ETIMEDOUT')
  const attempt = world.reach(client, web.address, 80, 60_000)
  await world.world.clock.step(4000)
  world.policy('allow', from({ podSelector: { matchLabels: { app: 'client' } } }), 'shop')
  expect(await attempt).toBe('web')
  expect(await reach(world.pod('other', { namespace: 'shop' }))).toBe('ETIMEDOUT')
  world.world.cluster.backend
    .registry({ group: 'networking.k8s.io', resource: 'networkpolicies' })
    ?.delete('shop', 'deny')
  world.world.cluster.backend
    .registry({ group: 'networking.k8s.io', resource: 'networkpolicies' })
    ?.delete('shop', 'allow')
  expect(await reach(world.pod('third', { namespace: 'shop' }))).toBe('web')
})

it('keeps connections that there are', async () => {
  const client = world.pod('client', { namespace: 'shop' })
  const socket = await client.connect(web.address, 80)
  world.policy('deny', DENY, 'shop')
  expect(await socket.read()).not.toBeNull()
})

it('knows namespaces by their labels', async () => {
  world.policy('blue', from({ namespaceSelector: { matchLabels: { team: 'blue' } } }), 'shop')
  expect(await reach(world.pod('one', { namespace: 'bank' }))).toBe('web')
  expect(await reach(world.pod('two', { namespace: 'shop' }))).toBe('ETIMEDOUT')
})

it('is asked of the sender as of the receiver', async () => {
  world.policy('no-way-out', { podSelector: {}, policyTypes: ['Egress'] }, 'bank')
  expect(await reach(world.pod('one', { namespace: 'bank' }))).toBe('ETIMEDOUT')
  expect(await reach(world.pod('two', { namespace: 'shop' }))).toBe('web')
})

it('looks at where a Service leads, not at the Service', async () => {
  const address = { clusterIP: '10.96.20.20', clusterIPs: ['10.96.20.20'] }
  world.service('web', { ...address, ports: [{ port: 8000, targetPort: 80 }] }, [{ addresses: [web.address] }], 'shop')
  const client = world.pod('client', { namespace: 'bank' })
  const spec = (port: number) => ({
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ ports: [{ port, protocol: 'TCP' }] }],
  })
  world.policy('by-service', spec(8000), 'bank')
  expect(await world.reach(client, '10.96.20.20', 8000, 3000)).toBe('ETIMEDOUT')
  world.policy('by-pod', spec(80), 'bank')
  expect(await world.reach(client, '10.96.20.20', 8000, 3000)).toBe('web')
})

it('finds named ports in the Pod that is reached', async () => {
  world.world.create(
    { group: '', resource: 'pods' },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { ...POD, containers: [{ ...CONTAINER, ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }] }] },
    },
    'shop',
  )
  greets(web, 81, 'other')
  world.policy('http', from({ podSelector: {} }, [{ protocol: 'TCP', port: 'http' }]), 'shop')
  const client = world.pod('client', { namespace: 'shop' })
  expect(await reach(client)).toBe('web')
  expect(await world.reach(client, web.address, 81, 3000)).toBe('ETIMEDOUT')
})

it('lets the own node pass, and others by their address', async () => {
  world.policy('deny', DENY, 'shop')
  expect(await reach(world.network.node('worker'))).toBe('web')
  const near = world.pod('near', { attachment: { hostNetwork: true } })
  const far = world.pod('far', { node: 'worker2', attachment: { hostNetwork: true } })
  expect(await reach(near)).toBe('web')
  expect(await reach(far)).toBe('ETIMEDOUT')
  expect(await reach(world.network.apiServer)).toBe('ETIMEDOUT')
  world.policy('block', from({ ipBlock: { cidr: '172.18.0.4/32' } }), 'shop')
  expect(await reach(far)).toBe('web')
})

it('sees clients outside by a NodePort on the own node, and the node in their place on another one', async () => {
  const ports = [{ port: 80, nodePort: 30080 }]
  const address = { clusterIP: '10.96.20.20', clusterIPs: ['10.96.20.20'], type: 'NodePort' }
  world.service('web', { ...address, ports }, [{ addresses: [web.address], nodeName: 'worker' }], 'shop')
  world.policy('outside', from({ ipBlock: { cidr: '172.18.0.1/32' } }), 'shop')
  expect(await world.reach(world.network.outside, '172.18.0.3', 30080, 3000)).toBe('web')
  expect(await world.reach(world.network.outside, '172.18.0.4', 30080, 3000)).toBe('ETIMEDOUT')
})

it('says nothing of connections of a Pod with itself', async () => {
  world.policy('deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }, 'shop')
  expect(await reach(web)).toBe('web')
  expect(await world.reach(web, '127.0.0.1', 80)).toBe('web')
})

const CONTAINER = {
  name: 'web',
  image: 'nginx',
  imagePullPolicy: 'Always',
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
}
const POD = {
  restartPolicy: 'Always',
  dnsPolicy: 'ClusterFirst',
  terminationGracePeriodSeconds: 30,
  enableServiceLinks: true,
  securityContext: {},
  schedulerName: 'default-scheduler',
}
