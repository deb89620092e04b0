import { describe, expect, it } from 'vitest'
import { StatusError } from '../objects/status-error.ts'
import { named, pod, storeWithPods } from './pods.fixture.ts'

function failure(call: () => unknown): StatusError {
  try {
    call()
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
  throw new Error('did not fail')
}

describe('a list', () => {
  it('is in the order of keys, of one namespace or all', () => {
    const { pods } = storeWithPods()
    for (const [name, namespace] of [
      ['b', 'default'],
      ['a', 'default'],
      ['c', 'default-2'],
      ['z', 'a'],
    ] as const) {
      pods.put(pod(name, { namespace }))
    }
    expect(named(pods.list().items)).toEqual(['a/z', 'default-2/c', 'default/a', 'default/b'])
    expect(named(pods.list({ namespace: 'default' }).items)).toEqual(['default/a', 'default/b'])
    expect(named(pods.list({ namespace: 'default', name: 'b' }).items)).toEqual(['default/b'])
    expect(named(pods.list({ name: 'c' }).items)).toEqual(['default-2/c'])
    expect(pods.list({ namespace: 'none' })).toEqual({ items: [], resourceVersion: '5' })
  })

  it('in parts is as it was when it began, and says how much is left', () => {
    const { pods } = storeWithPods()
    for (const name of ['a', 'b', 'c', 'd', 'e']) pods.put(pod(name))
    const first = pods.list({ limit: 2 })
    expect(named(first.items)).toEqual(['default/a', 'default/b'])
    expect(first.remainingItemCount).toBe(3)
    pods.remove('default/c')
    pods.put(pod('cc'))
    pods.put(pod('d', {}, { changed: true }))
    const second = pods.list({ limit: 2, continue: first.continue })
    expect(named(second.items)).toEqual(['default/c', 'default/d'])
    expect(second.items[1]?.spec).toEqual({})
    expect(second).toMatchObject({ resourceVersion: first.resourceVersion, remainingItemCount: 1 })
    const third = pods.list({ limit: 2, continue: second.continue })
    expect(named(third.items)).toEqual(['default/e'])
    expect(third.continue).toBeUndefined()
    expect(third.remainingItemCount).toBeUndefined()
  })

  it('does not count what is left where something is selected', () => {
    const { pods } = storeWithPods()
    for (const name of ['a', 'b', 'c', 'd']) pods.put(pod(name))
    const result = pods.list({ limit: 1, selects: ({ metadata }) => metadata.name !== 'a' })
    expect(named(result.items)).toEqual(['default/b'])
    expect(result.continue).toBeDefined()
    expect(result.remainingItemCount).toBeUndefined()
  })

  it('at a version is exactly it with Exact or a limit, else the newest', () => {
    const { pods, store } = storeWithPods()
    pods.put(pod('a'))
    const version = String(store.version)
    pods.put(pod('b'))
    expect(named(pods.list({ resourceVersion: version, resourceVersionMatch: 'Exact' }).items)).toEqual(['default/a'])
    expect(pods.list({ resourceVersion: version, resourceVersionMatch: 'Exact' }).resourceVersion).toBe(version)
    expect(named(pods.list({ resourceVersion: version, limit: 5 }).items)).toEqual(['default/a'])
    expect(pods.list({ resourceVersion: version, resourceVersionMatch: 'NotOlderThan', limit: 5 }).items).toHaveLength(
      2,
    )
    expect(pods.list({ resourceVersion: version }).items).toHaveLength(2)
    expect(pods.list({ resourceVersion: '0', limit: 1 }).items).toHaveLength(2)
    const one = { namespace: 'default', name: 'b', resourceVersion: version, resourceVersionMatch: 'Exact' } as const
    expect(pods.list(one).items).toEqual([])
  })

  it('of the past that is no longer kept is 410, with a token to go on all the same', () => {
    const { pods } = storeWithPods({ history: { most: 2 } })
    for (const name of ['a', 'b', 'c', 'd']) pods.put(pod(name))
    const first = pods.list({ limit: 1 })
    for (const name of ['e', 'f', 'g']) pods.put(pod(name))
    const error = failure(() => pods.list({ limit: 1, continue: first.continue }))
    expect(error).toMatchObject({ code: 410, reason: 'Expired' })
    expect(error.message).toBe(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
    )
    const rest = pods.list({ limit: 10, continue: error.continue })
    expect(named(rest.items)).toEqual(['b', 'c', 'd', 'e', 'f', 'g'].map((name) => `default/${name}`))
    const old = failure(() => pods.list({ resourceVersion: '2', resourceVersionMatch: 'Exact' }))
    expect([old.code, old.message]).toEqual([410, 'The resourceVersion for the provided list is too old.'])
  })

  it('of a future that is not yet, or of no version at all, is refused', () => {
    const { pods } = storeWithPods()
    const future = failure(() => pods.list({ resourceVersion: '99' }))
    expect([future.code, future.message]).toEqual([504, 'Timeout: Too large resource version: 99, current: 1'])
    expect(failure(() => pods.list({ resourceVersion: 'x' })).message).toBe(
      'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    )
    pods.put(pod('a'))
    pods.put(pod('b'))
    const next = pods.list({ limit: 1 }).continue
    expect(failure(() => pods.list({ continue: next, resourceVersion: '2' })).message).toBe(
      'specifying resource version is not allowed when using continue',
    )
  })
})
