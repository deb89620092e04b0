import { expect, it } from 'vitest'
import { asUsual, inUsualOrder, isChance, passing } from './passing.ts'

it('keeps of a figure under way its beginning and its end', () => {
  expect(passing('readyReplicas', [0, 1, 2, 3, 2, 3])).toEqual([0, 3])
})

it('keeps of a figure that was decided on every turn', () => {
  expect(passing('wanted', [1, 2, 3, 2, 1])).toEqual([1, 3, 1])
})

it('leaves out what a kubelet may be too late to say', () => {
  expect(passing('main state', ['waiting: ContainerCreating', 'running'])).toEqual(['running'])
  expect(passing('main state', ['running'])).toEqual(['running'])
})

it('keeps what is said last, whatever it is', () => {
  expect(passing('main state', ['waiting: ContainerCreating'])).toEqual(['waiting: ContainerCreating'])
  expect(passing('main state', ['waiting: CrashLoopBackOff: x'])).toEqual(['waiting: CrashLoopBackOff: x'])
})

it('leaves out what stands beside one another once others are left out', () => {
  const values = ['False ContainersNotReady a', 'True', 'False ContainersNotReady b', 'False PodFailed']
  expect(passing('condition Ready', values)).toEqual(['False PodFailed'])
})

it('keeps of what goes to and fro each value, and the last', () => {
  expect(passing('condition Available', ['False a', 'True b', 'False a', 'True b', 'False a'])).toEqual([
    'False a',
    'True b',
    'False a',
  ])
})

it('keeps states that no rule names', () => {
  const values = ['terminated: 3 Error', 'waiting: RunContainerError: no', 'running']
  expect(passing('main state', values)).toEqual(values)
})

it('leaves out probes that fail on a container’s way out, and no others', () => {
  const unhealthy = 'Warning Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503'
  expect(isChance(unhealthy, [])).toBe(false)
  expect(isChance(unhealthy, ['Normal Killing: Stopping container main'])).toBe(true)
})

it('takes an image that was pulled for one that was there', () => {
  const pulled =
    'Normal Pulled: Successfully pulled image "busybox:1.36" in <time>. Image size: <size>. (spec.containers{main})'
  expect(asUsual(pulled)).toBe(
    'Normal Pulled: Container image "busybox:1.36" already present on machine (spec.containers{main})',
  )
})

it('orders what is told of several at once, each sort at its places', () => {
  const created = (name: string) => `Normal SuccessfulCreate: Created pod: ${name}`
  expect(inUsualOrder([created('b'), 'Normal Other: x', created('a')])).toEqual([
    created('a'),
    'Normal Other: x',
    created('b'),
  ])
})
