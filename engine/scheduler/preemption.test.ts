import { afterEach, expect, it } from 'vitest'
import { Random } from '../clock/random.ts'
import { World } from '../controllers/world.testing.ts'
import { addNode, addPod, conditionOf, type NodeOptions, nodeOf, PODS, type PodOptions } from './pods.testing.ts'
import { scheduler } from './scheduler.ts'

let world: World
afterEach(() => {
  world.close()
  expect(world.errors).toEqual([])
})

async function withNodes(nodes: Readonly<Record<string, NodeOptions>>): Promise<void> {
  world = await World.make((cluster, report) => [scheduler(cluster, { random: new Random(1), report })], { nodes: 0 })
  for (const [name, options] of Object.entries(nodes)) addNode(world, name, options)
  world.step()
}

function schedule(name: string, priority: number, options: PodOptions = {}): string {
  addPod(world, name, { ...options, spec: { ...options.spec, priority } })
  world.step()
  return nodeOf(world, name)
}

const nominated = (name: string): unknown =>
  (world.get(PODS, name)?.status as { nominatedNodeName?: string } | undefined)?.nominatedNodeName
/** What a kubelet does with a Pod whose time is up. */
function end(name: string): void {
  world.cluster.backend.registry(PODS)?.delete('default', name, { gracePeriodSeconds: 0 })
  world.step(10)
}

it('lets a lesser Pod go, waits for its end, and takes its place', async () => {
  await withNodes({ a: { cpu: '2' } })
  schedule('low', 0, { cpu: '2' })
  expect(schedule('high', 10, { cpu: '2' })).toBe('')
  expect(nominated('high')).toBe('a')
  expect(conditionOf(world, 'high').message).toBe('0/1 nodes are available: 1 Insufficient cpu.')
  const { uid } = world.get(PODS, 'high')?.metadata ?? {}
  expect(world.eventsOf('Pod', 'low')).toEqual([
    'Normal Scheduled Successfully assigned default/low to a',
    `Normal Preempted Preempted by pod ${uid} on node a`,
  ])
  expect(world.get(PODS, 'low')?.metadata.deletionGracePeriodSeconds).toBe(30)
  expect(conditionOf(world, 'low', 'DisruptionTarget')).toMatchObject({
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: 'default-scheduler: preempting to accommodate a higher priority pod',
  })
  end('low')
  expect(nodeOf(world, 'high')).toBe('a')
})

it('keeps the place for whom it was made', async () => {
  await withNodes({ a: { cpu: '2' } })
  schedule('low', 0, { cpu: '2' })
  schedule('high', 10, { cpu: '2' })
  schedule('next', 5, { cpu: '1' })
  expect(nodeOf(world, 'next')).toBe('')
  end('low')
  world.step(5_000)
  expect([nodeOf(world, 'high'), nodeOf(world, 'next')]).toEqual(['a', ''])
})

it('does not take a second victim while the first is ending', async () => {
  await withNodes({ a: { cpu: '2' } })
  schedule('low', 0, { cpu: '1' })
  schedule('other', 0, { cpu: '1' })
  schedule('high', 10, { cpu: '1' })
  const ending = () =>
    ['low', 'other'].filter((name) => world.get(PODS, name)?.metadata.deletionTimestamp !== undefined)
  expect(ending()).toHaveLength(1)
  addNode(world, 'b', { cpu: '500m' })
  world.step(310_000)
  expect(ending()).toHaveLength(1)
})

it('chooses the node whose victims matter least', async () => {
  await withNodes({ a: { cpu: '2' }, b: { cpu: '2' }, c: { cpu: '2' } })
  const at = (name: string, node: string, priority: number, cpu: string) =>
    schedule(name, priority, { cpu, spec: { nodeSelector: { 'kubernetes.io/hostname': node } } })
  at('a1', 'a', 5, '2')
  at('b1', 'b', 3, '1')
  at('b2', 'b', 3, '1')
  at('c1', 'c', 3, '2')
  schedule('high', 10, { cpu: '2' })
  expect(nominated('high')).toBe('c')
})

it('spares Pods that a budget protects where it can', async () => {
  await withNodes({ a: { cpu: '2' }, b: { cpu: '2' } })
  const at = (name: string, node: string) =>
    schedule(name, 0, { cpu: '2', labels: { app: name }, spec: { nodeSelector: { 'kubernetes.io/hostname': node } } })
  at('guarded', 'a')
  at('free', 'b')
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'guarded', namespace: 'default' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } },
  }
  world.create({ group: 'policy', resource: 'poddisruptionbudgets' }, budget)
  for (const name of ['first', 'second']) {
    schedule(name, 10, { cpu: '2' })
    expect(nominated(name)).toBe(name === 'first' ? 'b' : 'a')
  }
})

it('is not for those who must not', async () => {
  await withNodes({ a: { cpu: '2' } })
  schedule('low', 0, { cpu: '2' })
  schedule('polite', 10, { cpu: '2', spec: { preemptionPolicy: 'Never' } })
  expect(conditionOf(world, 'polite').message).toBe(
    '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
  )
  expect(world.get(PODS, 'low')?.metadata.deletionTimestamp).toBeUndefined()
})

it('says of equals that there is nobody to go', async () => {
  await withNodes({ a: { cpu: '2' }, b: { taints: [{ key: 'k', effect: 'NoExecute' }] } })
  schedule('low', 0, { cpu: '2' })
  schedule('equal', 0, { cpu: '2' })
  expect(conditionOf(world, 'equal').message).toBe(
    '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). no new claims to deallocate, ' +
      'preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
  )
})
