import { afterEach, describe, expect, it } from 'vitest'
import { Random } from '../clock/random.ts'
import { World } from '../controllers/world.testing.ts'
import { addNode, addPod, conditionOf, NODES, type NodeOptions, nodeOf, PODS, type PodOptions } from './pods.testing.ts'
import { scheduler } from './scheduler.ts'

let world: World
afterEach(() => {
  world.close()
  expect(world.errors).toEqual([])
})

/** A world of these nodes alone. */
async function withNodes(nodes: Readonly<Record<string, NodeOptions>>): Promise<void> {
  world = await World.make((cluster, report) => [scheduler(cluster, { random: new Random(1), report })], { nodes: 0 })
  for (const [name, options] of Object.entries(nodes)) addNode(world, name, options)
  world.step()
}

function schedule(name: string, options?: PodOptions): string {
  addPod(world, name, options)
  world.step()
  return nodeOf(world, name)
}

const message = (name: string): unknown => conditionOf(world, name).message
const NOT_HELPFUL = (count: number, of = count): string =>
  `no new claims to deallocate, preemption: 0/${of} nodes are available: ${count} Preemption is not helpful for scheduling.`

describe('binding', () => {
  it('puts a Pod on a node and says so', async () => {
    await withNodes({ worker: {} })
    expect(schedule('web')).toBe('worker')
    expect(conditionOf(world, 'web')).toMatchObject({ type: 'PodScheduled', status: 'True' })
    expect(world.eventsOf('Pod', 'web')).toEqual(['Normal Scheduled Successfully assigned default/web to worker'])
  })

  it('writes events as clients of events.k8s.io do', async () => {
    await withNodes({ worker: {} })
    schedule('web')
    const [event] = world.list({ group: '', resource: 'events' })
    expect(event).toMatchObject({
      action: 'Binding',
      reason: 'Scheduled',
      type: 'Normal',
      reportingComponent: 'default-scheduler',
      reportingInstance: 'default-scheduler-control-plane',
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      eventTime: '2026-01-01T00:00:00.000000Z',
      involvedObject: { kind: 'Pod', apiVersion: 'v1', namespace: 'default', name: 'web' },
    })
    expect(event).not.toHaveProperty('count')
  })

  it('leaves Pods of other schedulers and gated ones alone', async () => {
    await withNodes({ worker: {} })
    expect(schedule('other', { spec: { schedulerName: 'mine' } })).toBe('')
    expect(schedule('gated', { spec: { schedulingGates: [{ name: 'example.com/wait' }] } })).toBe('')
    expect(world.eventsOf('Pod', 'gated')).toEqual([])
    world.update(PODS, 'gated', (now) => {
      const { schedulingGates: _, ...spec } = now.spec as Record<string, unknown>
      return { ...now, spec }
    })
    world.step()
    expect(nodeOf(world, 'gated')).toBe('worker')
  })
})

describe('the message of a Pod that no node takes', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, NodeOptions>>, PodOptions, string])[] = [
    [
      'more CPU than any node has',
      { a: {}, b: {}, c: {} },
      { cpu: '8' },
      `0/3 nodes are available: 3 Insufficient cpu. ${NOT_HELPFUL(3)}`,
    ],
    [
      'reasons of several nodes, sorted as text',
      { a: { cpu: '1' }, b: { taints: [{ key: 'k', effect: 'NoSchedule' }] }, c: { unschedulable: true } },
      { cpu: '2', memory: '1Gi' },
      `0/3 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. ${NOT_HELPFUL(3)}`,
    ],
    [
      'all that one node lacks',
      { a: { cpu: '1', memory: '1Gi' } },
      { cpu: '2', memory: '2Gi' },
      `0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. ${NOT_HELPFUL(1)}`,
    ],
    [
      'devices',
      { a: { others: { 'example.com/gpu': '1' } } },
      {
        spec: {
          containers: [
            {
              name: 'main',
              image: 'busybox:1',
              imagePullPolicy: 'Always',
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
              resources: { requests: { 'example.com/gpu': '2' }, limits: { 'example.com/gpu': '2' } },
            },
          ],
        },
      },
      `0/1 nodes are available: 1 Insufficient example.com/gpu. ${NOT_HELPFUL(1)}`,
    ],
    [
      'no room for another Pod, and nobody to make it',
      { a: { pods: '0' } },
      {},
      '0/1 nodes are available: 1 Too many pods. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    ],
    [
      'a node selector',
      { a: {}, b: {} },
      { spec: { nodeSelector: { disk: 'ssd' } } },
      `0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. ${NOT_HELPFUL(2)}`,
    ],
    [
      'affinity to a node by name',
      { a: { cpu: '1' }, b: {}, c: {} },
      {
        cpu: '2',
        spec: {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['a'] }] }],
              },
            },
          },
        },
      },
      `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${NOT_HELPFUL(3)}`,
    ],
    [
      'affinity to Pods that are not there',
      { a: {} },
      {
        spec: {
          affinity: {
            podAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'kubernetes.io/hostname' },
              ],
            },
          },
        },
      },
      `0/1 nodes are available: 1 node(s) didn't match pod affinity rules. ${NOT_HELPFUL(1)}`,
    ],
    [
      'a spread over a label that nodes lack',
      { a: {} },
      {
        labels: { app: 'web' },
        spec: {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'topology.kubernetes.io/zone',
              whenUnsatisfiable: 'DoNotSchedule',
              labelSelector: { matchLabels: { app: 'web' } },
            },
          ],
        },
      },
      `0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label). ${NOT_HELPFUL(1)}`,
    ],
    [
      'a claim that is not there',
      { a: {}, b: {} },
      { spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] } },
      '0/2 nodes are available: persistentvolumeclaim "data" not found. not found',
    ],
  ]
  it.each(cases)('%s', async (_, nodes, options, expected) => {
    await withNodes(nodes)
    expect(schedule('web', options)).toBe('')
    expect(conditionOf(world, 'web')).toMatchObject({ status: 'False', reason: 'Unschedulable', message: expected })
    expect(world.eventsOf('Pod', 'web')).toEqual([`Warning FailedScheduling ${expected}`])
  })

  it('says that there are no nodes at all', async () => {
    await withNodes({})
    expect(schedule('web')).toBe('')
    expect(message('web')).toBe('no nodes available to schedule pods')
  })

  it('counts those that anti-affinity and ports keep away', async () => {
    await withNodes({ a: {} })
    const apart = {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' },
        ],
      },
    }
    expect(schedule('first', { labels: { app: 'web' }, spec: { affinity: apart } })).toBe('a')
    const victims =
      'no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.'
    schedule('second', { labels: { app: 'web' }, spec: { affinity: apart } })
    expect(message('second')).toBe(
      `0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules. ${victims}`,
    )
    schedule('third', { labels: { app: 'web' } })
    expect(message('third')).toBe(
      `0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules. ${victims}`,
    )
  })
})

describe('another try', () => {
  it('comes as soon as something changes that may help', async () => {
    await withNodes({ a: { labels: { disk: 'hdd' } } })
    schedule('ssd', { spec: { nodeSelector: { disk: 'ssd' } } })
    schedule('large', { cpu: '6' })
    world.update(NODES, 'a', (now) => ({ ...now, metadata: { ...now.metadata, labels: { disk: 'ssd' } } }), {
      namespace: '',
    })
    world.step(10)
    expect(nodeOf(world, 'ssd')).toBe('a')
    expect(nodeOf(world, 'large')).toBe('')
    addNode(world, 'b', { cpu: '8' })
    world.step(10)
    expect(nodeOf(world, 'large')).toBe('b')
  })

  it('comes when a Pod is gone that took the room', async () => {
    await withNodes({ a: { cpu: '2' } })
    schedule('first', { cpu: '2' })
    schedule('second', { cpu: '2' })
    expect(nodeOf(world, 'second')).toBe('')
    world.cluster.backend.registry(PODS)?.delete('default', 'first', { gracePeriodSeconds: 0 })
    world.step(10)
    expect(nodeOf(world, 'second')).toBe('a')
  })

  it('comes after five minutes, though nothing has changed', async () => {
    await withNodes({ a: {} })
    schedule('web', { cpu: '8' })
    const series = () => (world.list({ group: '', resource: 'events' })[0] as { series?: { count: number } }).series
    world.step(299_000)
    expect(world.list({ group: '', resource: 'events' })).toHaveLength(1)
    world.step(62_000)
    // The Pod has another version since it got its condition: another event
    expect(world.list({ group: '', resource: 'events' })).toHaveLength(2)
    expect(series()).toBeUndefined()
  })

  it('waits when something went wrong: a second, then two', async () => {
    await withNodes({})
    schedule('web')
    addNode(world, 'a')
    world.step()
    expect(nodeOf(world, 'web')).toBe('')
    world.step(2_000)
    expect(nodeOf(world, 'web')).toBe('a')
  })

  it('is given to the more important first', async () => {
    await withNodes({})
    for (const [name, priority] of [
      ['low', 1],
      ['high', 10],
    ] as const) {
      addPod(world, name, { cpu: '3', spec: { priority } })
    }
    world.step()
    addNode(world, 'a')
    world.step(3_000)
    expect([nodeOf(world, 'high'), nodeOf(world, 'low')]).toEqual(['a', ''])
  })
})

it('knows the cluster anew after a restore, and goes on after a stop', async () => {
  await withNodes({ a: { cpu: '2' } })
  const { store } = world.cluster.backend
  const empty = store.snapshot()
  schedule('first', { cpu: '2' })
  store.restore(empty)
  world.step()
  expect(schedule('second', { cpu: '2' })).toBe('a')
  expect(schedule('third', { cpu: '2' })).toBe('')
})

it('leaves no timer behind', async () => {
  await withNodes({ a: {} })
  schedule('web', { cpu: '8' })
  expect(world.clock.pending).toBeGreaterThan(1)
  world.close()
  // What is left is the store's, for Events that grow old
  world.cluster.backend.store.restore({ resourceVersion: 1, collections: {} })
  expect(world.clock.pending).toBe(0)
})
