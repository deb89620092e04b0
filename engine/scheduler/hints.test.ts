import { afterEach, describe, expect, it } from 'vitest'
import { Random } from '../clock/random.ts'
import { World } from '../controllers/world.testing.ts'
import type { ApiObject } from '../objects/types.ts'
import { addNode, addPod, NODES, type NodeOptions, PODS, type PodOptions } from './pods.testing.ts'
import { scheduler } from './scheduler.ts'

let world: World
afterEach(() => {
  world.close()
  expect(world.errors).toEqual([])
})

const near = (app: string, kind = 'podAffinity') => ({
  affinity: {
    [kind]: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' },
      ],
    },
  },
})
const spread = (topologyKey: string) => ({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey, whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } },
  ],
})
const changeNode = (name: string, change: (now: ApiObject) => ApiObject, subresource?: string) =>
  world.update(NODES, name, change, { namespace: '', ...(subresource === undefined ? {} : { subresource }) })
const changeSpec = (name: string, spec: object) =>
  changeNode(name, (now) => ({ ...now, spec: { ...(now.spec as object), ...spec } }))
const label = (name: string, key: string, value: string) =>
  changeNode(name, (now) => ({
    ...now,
    metadata: { ...now.metadata, labels: { ...now.metadata.labels, [key]: value } },
  }))
const allocate = (name: string, amounts: object) =>
  changeNode(
    name,
    (now) => {
      const { allocatable } = now.status as { allocatable: object }
      return { ...now, status: { ...(now.status as object), allocatable: { ...allocatable, ...amounts } } }
    },
    'status',
  )
const relabel = (name: string, labels: Record<string, string>) =>
  world.update(PODS, name, (now) => ({ ...now, metadata: { ...now.metadata, labels } }))
const end = (name: string) => world.cluster.backend.registry(PODS)?.delete('default', name, { gracePeriodSeconds: 0 })
const tolerate = (name: string) =>
  world.update(PODS, name, (now) => ({
    ...now,
    spec: { ...(now.spec as object), tolerations: [{ key: 'k', operator: 'Exists' }] },
  }))

interface Case {
  readonly node?: NodeOptions
  /** Pods that are there already. */
  readonly there?: Readonly<Record<string, PodOptions>>
  readonly waiting: PodOptions
  readonly changed: () => unknown
}

/** Whether the waiting Pod is tried once more. */
async function isTried({ node = { cpu: '2' }, there = {}, waiting, changed }: Case): Promise<boolean> {
  world = await World.make((cluster, report) => [scheduler(cluster, { random: new Random(1), report })], { nodes: 0 })
  addNode(world, 'a', node)
  for (const [name, options] of Object.entries(there)) {
    addPod(world, name, options)
    world.step()
  }
  addPod(world, 'waiting', waiting)
  world.step()
  const tries = () =>
    world.eventsOf('Pod', 'waiting').length + Number(JSON.stringify(world.get(PODS, 'waiting')).includes('nodeName'))
  const before = tries()
  expect(before).toBe(1)
  changed()
  world.step(10)
  return tries() > before
}

describe('a Pod that no node takes is tried again', () => {
  const helps: readonly (readonly [string, Case])[] = [
    ['when a node comes that is large enough', { waiting: { cpu: '3' }, changed: () => addNode(world, 'b') }],
    ['when a node becomes larger', { waiting: { cpu: '3' }, changed: () => allocate('a', { cpu: '4' }) }],
    [
      'when a node is opened again',
      { node: { unschedulable: true }, waiting: {}, changed: () => changeSpec('a', { unschedulable: false }) },
    ],
    [
      'when a taint is taken away',
      {
        node: { taints: [{ key: 'k', effect: 'NoSchedule' }] },
        waiting: {},
        changed: () => changeSpec('a', { taints: [] }),
      },
    ],
    [
      'when it comes to tolerate the taint',
      { node: { taints: [{ key: 'k', effect: 'NoSchedule' }] }, waiting: {}, changed: () => tolerate('waiting') },
    ],
    [
      'when a node gets its label',
      { waiting: { spec: { nodeSelector: { disk: 'ssd' } } }, changed: () => label('a', 'disk', 'ssd') },
    ],
    [
      'when a Pod comes that it wants to be near',
      { waiting: { spec: near('web') }, changed: () => addPod(world, 'web', { labels: { app: 'web' } }) },
    ],
    [
      'when a Pod becomes one that it wants to be near',
      { there: { web: {} }, waiting: { spec: near('web') }, changed: () => relabel('web', { app: 'web' }) },
    ],
    [
      'when a Pod goes that it does not want to meet',
      {
        there: { web: { labels: { app: 'web' } } },
        waiting: { spec: near('web', 'podAntiAffinity') },
        changed: () => end('web'),
      },
    ],
    [
      'when a Pod goes that has its port',
      {
        there: { one: { spec: portOf(80) } },
        waiting: { spec: portOf(80) },
        changed: () => end('one'),
      },
    ],
    [
      'when a node gets the label over which it is spread',
      { waiting: { labels: { app: 'web' }, spec: spread('rack') }, changed: () => label('a', 'rack', '1') },
    ],
  ]
  it.each(helps)('%s', async (_, one) => {
    expect(await isTried(one)).toBe(true)
  })
})

describe('a Pod that no node takes is not tried again', () => {
  const idle: readonly (readonly [string, Case])[] = [
    [
      'when a node comes that is too small',
      { waiting: { cpu: '3' }, changed: () => addNode(world, 'b', { cpu: '1' }) },
    ],
    ['when a node becomes smaller', { waiting: { cpu: '3' }, changed: () => allocate('a', { memory: '1Gi' }) }],
    ['when a node gets another label', { waiting: { cpu: '3' }, changed: () => label('a', 'disk', 'ssd') }],
    [
      'when another Pod comes that it does not want to meet',
      {
        there: { one: { labels: { app: 'web' } } },
        waiting: { spec: near('web', 'podAntiAffinity') },
        changed: () => addPod(world, 'two', { labels: { app: 'web' } }),
      },
    ],
    [
      'when a Pod goes that has another port',
      {
        there: { one: { spec: portOf(80) }, two: { spec: portOf(81) } },
        waiting: { spec: portOf(80) },
        changed: () => end('two'),
      },
    ],
    [
      'when a Pod changes that has nothing to do with it',
      { there: { web: {} }, waiting: { spec: near('web') }, changed: () => relabel('web', { app: 'other' }) },
    ],
  ]
  it.each(idle)('%s', async (_, one) => {
    expect(await isTried(one)).toBe(false)
  })
})

function portOf(hostPort: number) {
  return {
    containers: [
      {
        name: 'main',
        image: 'busybox:1',
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        resources: {},
        ports: [{ containerPort: 80, hostPort, protocol: 'TCP' }],
      },
    ],
  }
}
