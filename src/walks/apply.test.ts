import { expect, it } from 'vitest'
import { applyWalk } from '../strings/apply-walk.ts'
import { kept, podRuns, ways } from './apply.ts'

it('tells every step of the walk, and no more', () => {
  expect(applyWalk.told).toHaveLength(ways.length)
})

it('lets only the API server write to etcd', () => {
  for (const [at, way] of ways.entries()) {
    const etcd = way.indexOf('etcd')
    if (etcd >= 0) expect(way[etcd - 1], `step ${at + 1}`).toBe('api')
  }
})

it('stores something new in etcd in the steps that lead there, and in no others', () => {
  const stored = new Set(Object.values(kept).map(([first]) => first))
  // The Service was there before the first step.
  stored.delete(1)
  const leading = ways.flatMap((way, at) => (way.at(-1) === 'etcd' ? [at + 1] : []))
  expect([...stored].sort((a, b) => a - b)).toEqual(leading)
})

it('shows a Pod on its node once its runtime has started it, and before its kubelet says that it is ready', () => {
  expect(ways[podRuns - 1]?.at(-1)).toBe('a-pod')
  expect(kept.ready[0]).toBeGreaterThan(podRuns)
})

it('leaves no gap and no overlap between the forms of one object', () => {
  expect(kept.deployment[1]).toBe(kept.deploymentReady[0] - 1)
  expect(kept.pods[1]).toBe(kept.bound[0] - 1)
  expect(kept.bound[1]).toBe(kept.ready[0] - 1)
})
