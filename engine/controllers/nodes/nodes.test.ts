import { afterEach, describe, expect, it } from 'vitest'
import { formatMicroTime } from '../../objects/time.ts'
import type { ApiObject } from '../../objects/types.ts'
import { addPod, conditionOf, type PodOptions } from '../../scheduler/pods.testing.ts'
import { nodeControllers } from '../nodes.ts'
import { World } from '../world.testing.ts'
import { LEASES, NODES, type Node, PODS, readyOf, taintsOf } from './node.ts'

let world: World
/** Nodes whose kubelets renew their leases. */
const alive = new Set<string>()
let endLeases = (): void => {}
afterEach(() => {
  endLeases()
  world.close()
  expect(world.errors).toEqual([])
})

async function make(nodes = 3): Promise<void> {
  alive.clear()
  world = await World.make(nodeControllers, { nodes })
  for (const { metadata } of world.list(NODES)) alive.add(metadata.name)
  endLeases = world.clock.every(10_000, () => {
    for (const name of alive) {
      world.update(
        LEASES,
        name,
        (now) => ({ ...now, spec: { ...(now.spec as object), renewTime: formatMicroTime(world.clock.now()) } }),
        { namespace: 'kube-node-lease' },
      )
    }
  })
}

const node = (name: string): ApiObject => world.get(NODES, name, '') as ApiObject
const taints = (name: string): string[] =>
  taintsOf(node(name))
    .map(({ key, effect }) => `${key}:${effect}`)
    .sort()
const tolerating = (seconds: number): PodOptions['spec'] => ({
  tolerations: ['not-ready', 'unreachable'].map((what) => ({
    key: `node.kubernetes.io/${what}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: seconds,
  })),
})

/** A Pod that runs there and is ready. */
function run(name: string, nodeName: string, spec: PodOptions['spec'] = tolerating(300)): void {
  addPod(world, name, { spec: { ...spec, nodeName } })
  const conditions = [
    { type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: '2026-01-01T00:00:00Z' },
  ]
  world.update(PODS, name, (now) => ({ ...now, status: { phase: 'Running', conditions } }), { subresource: 'status' })
}
const isGoing = (name: string): boolean => world.get(PODS, name)?.metadata.deletionTimestamp !== undefined

/** In steps, so that timers of leases and controllers take turns. */
const pass = (seconds: number): void => world.step(seconds * 1000)

function setReady(name: string, status: string): void {
  world.update(
    NODES,
    name,
    (now) => {
      const conditions = ((now as Node).status?.conditions ?? []).map((one) => ({
        ...one,
        status: one.type === 'Ready' ? status : 'False',
        lastHeartbeatTime: '2026-01-01T01:00:00Z',
      }))
      return { ...now, status: { ...(now as Node).status, conditions } }
    },
    { namespace: '', subresource: 'status' },
  )
}

describe('a node that is not heard of', () => {
  it('is unknown after 50 seconds, and so are its Pods', async () => {
    await make()
    run('web', 'worker')
    run('other', 'worker2')
    pass(21)
    alive.delete('worker')
    pass(48)
    expect(readyOf(node('worker'))?.status).toBe('True')
    pass(10)
    expect(readyOf(node('worker'))).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    })
    expect(taints('worker')).toEqual([
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ])
    expect(taintsOf(node('worker')).every(({ timeAdded }) => timeAdded !== undefined)).toBe(true)
    expect(conditionOf(world, 'web', 'Ready').status).toBe('False')
    expect(conditionOf(world, 'other', 'Ready').status).toBe('True')
    expect(world.eventsOf('Pod', 'web')).toEqual(['Warning NodeNotReady Node is not ready'])
    expect(world.eventsOf('Node', 'worker')).toEqual([
      'Normal RegisteredNode Node worker event: Registered Node worker in Controller',
      'Normal NodeNotReady Node worker status is now: NodeNotReady',
    ])
    expect(taints('worker2')).toEqual([])
  })

  it('loses its Pods when they have tolerated it for long enough', async () => {
    await make()
    run('web', 'worker')
    run('daemon', 'worker', { tolerations: [{ operator: 'Exists' }] })
    run('hasty', 'worker', tolerating(10))
    pass(21)
    alive.delete('worker')
    pass(60)
    expect([isGoing('hasty'), isGoing('web')]).toEqual([false, false])
    pass(12)
    expect([isGoing('hasty'), isGoing('web')]).toEqual([true, false])
    pass(290)
    expect([isGoing('web'), isGoing('daemon')]).toEqual([true, false])
    expect(conditionOf(world, 'web', 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    })
    expect(world.eventsOf('Pod', 'web').at(-1)).toBe('Normal TaintManagerEviction Marking for deletion Pod default/web')
  })

  it('keeps them when it comes back in time', async () => {
    await make()
    run('web', 'worker')
    pass(21)
    alive.delete('worker')
    pass(100)
    expect(taints('worker')).toHaveLength(2)
    alive.add('worker')
    setReady('worker', 'True')
    pass(10)
    expect(taints('worker')).toEqual([])
    expect(world.eventsOf('Pod', 'web').at(-1)).toBe(
      'Normal TaintManagerEviction Cancelling deletion of Pod default/web',
    )
    pass(400)
    expect(isGoing('web')).toBe(false)
  })

  it('has the other taint when its kubelet says itself that it is not ready', async () => {
    await make()
    pass(21)
    setReady('worker', 'False')
    pass(6)
    expect(taints('worker')).toEqual([
      'node.kubernetes.io/not-ready:NoExecute',
      'node.kubernetes.io/not-ready:NoSchedule',
    ])
    alive.delete('worker')
    pass(60)
    expect(taints('worker')).toEqual([
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ])
  })

  it('was never heard of, if it never posted anything', async () => {
    await make()
    world.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'silent' } }, '')
    pass(58)
    expect(readyOf(node('silent'))).toBeUndefined()
    pass(10)
    expect(readyOf(node('silent'))).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
    })
  })
})

describe('of several lost nodes', () => {
  it('one is tainted each ten seconds', async () => {
    await make(5)
    pass(21)
    alive.delete('worker')
    alive.delete('worker2')
    const tainted = () => ['worker', 'worker2'].filter((name) => taints(name).some((one) => one.endsWith('NoExecute')))
    pass(56)
    expect(tainted()).toHaveLength(1)
    pass(11)
    expect(tainted()).toHaveLength(2)
  })

  it('none is tainted in a small zone of which most is lost', async () => {
    await make(5)
    pass(21)
    for (const name of ['worker', 'worker2', 'worker3', 'worker4']) alive.delete(name)
    pass(200)
    const states = ['worker', 'worker2', 'worker3', 'worker4'].map((name) => readyOf(node(name))?.status)
    expect(states).toEqual(['Unknown', 'Unknown', 'Unknown', 'Unknown'])
    expect(
      world
        .list(NODES)
        .flatMap((one) => taints(one.metadata.name))
        .filter((one) => one.endsWith('unreachable:NoExecute')),
    ).toEqual([])
  })

  it('none is if all are', async () => {
    await make(2)
    run('web', 'worker', {})
    pass(21)
    alive.clear()
    pass(400)
    expect(readyOf(node('worker'))?.status).toBe('Unknown')
    expect(taints('worker')).toEqual(['node.kubernetes.io/unreachable:NoSchedule'])
    expect(isGoing('web')).toBe(false)
  })
})

describe('taints', () => {
  it('follow conditions and cordons', async () => {
    await make()
    world.update(NODES, 'worker', (now) => ({ ...now, spec: { ...(now.spec as object), unschedulable: true } }), {
      namespace: '',
    })
    world.update(
      NODES,
      'worker',
      (now) => {
        const conditions = ((now as Node).status?.conditions ?? []).map((one) =>
          one.type === 'DiskPressure' ? { ...one, status: 'True' } : one,
        )
        return { ...now, status: { ...(now as Node).status, conditions } }
      },
      { namespace: '', subresource: 'status' },
    )
    // Who else follows the node sees it without them first
    world.step()
    expect(taints('worker')).toEqual([])
    world.step(10)
    expect(taints('worker')).toEqual([
      'node.kubernetes.io/disk-pressure:NoSchedule',
      'node.kubernetes.io/unschedulable:NoSchedule',
    ])
    world.update(
      NODES,
      'worker',
      (now) => {
        const { unschedulable: _, ...spec } = now.spec as Record<string, unknown>
        return { ...now, spec }
      },
      { namespace: '' },
    )
    world.step(10)
    expect(taints('worker')).toEqual(['node.kubernetes.io/disk-pressure:NoSchedule'])
  })

  it('drive out those at once who do not tolerate them, and no others', async () => {
    await make()
    run('plain', 'worker')
    run('patient', 'worker', { tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute' }] })
    run('waiting', 'worker', {
      tolerations: [{ key: 'k', operator: 'Equal', value: 'v', effect: 'NoExecute', tolerationSeconds: 60 }],
    })
    world.update(
      NODES,
      'worker',
      (now) => ({ ...now, spec: { ...(now.spec as object), taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] } }),
      { namespace: '' },
    )
    world.step()
    const going = () => ['plain', 'patient', 'waiting'].filter(isGoing)
    expect(going()).toEqual(['plain'])
    world.update(PODS, 'plain', (now) => ({ ...now, metadata: { ...now.metadata, labels: { seen: 'going' } } }))
    world.step()
    expect(world.eventsOf('Pod', 'plain')).toEqual([
      'Normal TaintManagerEviction Marking for deletion Pod default/plain',
    ])
    pass(61)
    expect(going()).toEqual(['plain', 'waiting'])
  })
})

describe('a node that comes or goes', () => {
  it('gets a range of addresses, and what else others add', async () => {
    await make()
    const labels = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' }
    world.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'new', labels } }, '')
    pass(5)
    expect(node('new')).toMatchObject({
      metadata: {
        annotations: { 'node.alpha.kubernetes.io/ttl': '0' },
        labels: { 'beta.kubernetes.io/os': 'linux', 'beta.kubernetes.io/arch': 'amd64' },
      },
      spec: { podCIDR: '10.244.3.0/24', podCIDRs: ['10.244.3.0/24'] },
    })
    expect(world.eventsOf('Node', 'new')).toEqual([
      'Normal RegisteredNode Node new event: Registered Node new in Controller',
    ])
  })

  it('leaves Pods that are removed after a while', async () => {
    await make()
    run('web', 'worker2')
    pass(21)
    alive.delete('worker2')
    world.cluster.backend.registry(NODES)?.delete(undefined, 'worker2')
    pass(30)
    expect(world.get(PODS, 'web')).toBeDefined()
    pass(60)
    expect(world.get(PODS, 'web')).toBeUndefined()
    expect(world.eventsOf('Node', 'worker2').at(-1)).toBe(
      'Normal RemovingNode Node worker2 event: Removing Node worker2 from Controller',
    )
  })

  it('does not take Pods along that end on a node out of service', async () => {
    await make()
    run('web', 'worker')
    pass(21)
    alive.delete('worker')
    pass(60)
    world.cluster.backend.registry(PODS)?.delete('default', 'web')
    pass(60)
    expect(isGoing('web')).toBe(true)
    const out = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }
    world.update(
      NODES,
      'worker',
      (now) => ({ ...now, spec: { ...(now.spec as object), taints: [...taintsOf(now), out] } }),
      {
        namespace: '',
      },
    )
    pass(21)
    expect(world.get(PODS, 'web')).toBeUndefined()
  })
})

it('leaves no timer behind', async () => {
  await make()
  run('web', 'worker')
  alive.delete('worker')
  pass(100)
  endLeases()
  world.close()
  // What is left is the store's, for Events that grow old
  world.cluster.backend.store.restore({ resourceVersion: 1, collections: {} })
  expect(world.clock.pending).toBe(0)
})
