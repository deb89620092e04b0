import { describe, expect, it } from 'vitest'
import type { WatchEvent } from './event.ts'
import { pod, storeWithPods } from './pods.fixture.ts'

const brief = (events: readonly WatchEvent[]): string[] =>
  events.map((event) => {
    switch (event.type) {
      case 'BOOKMARK':
        return `BOOKMARK ${event.resourceVersion}${event.initialEventsEnd ? ' initial-events-end' : ''}`
      case 'ERROR':
        return `ERROR ${event.error.code} ${event.error.message}`
      default:
        return `${event.type} ${event.object.metadata.name}@${event.object.metadata.resourceVersion}`
    }
  })

describe('a watch', () => {
  it('tells what comes after its version', () => {
    const { pods } = storeWithPods()
    pods.put(pod('a'))
    const watch = pods.watch({ resourceVersion: '2' })
    const early = pods.watch({ resourceVersion: '1' })
    pods.put(pod('a', {}, { changed: true }))
    pods.remove('default/a')
    expect(brief(watch.take())).toEqual(['MODIFIED a@3', 'DELETED a@4'])
    expect(brief(early.take())).toEqual(['ADDED a@2', 'MODIFIED a@3', 'DELETED a@4'])
    expect(watch.take()).toEqual([])
  })

  it('without a version, or at 0, first tells what there is', () => {
    const { pods } = storeWithPods()
    pods.put(pod('b'))
    pods.put(pod('a'))
    for (const options of [{}, { resourceVersion: '0' }, { resourceVersion: '' }]) {
      expect(brief(pods.watch(options).take())).toEqual(['ADDED a@3', 'ADDED b@2'])
    }
    expect(pods.watch({ resourceVersion: '0', sendInitialEvents: false }).take()).toEqual([])
  })

  it('with initial events tells when they are over', () => {
    const { pods } = storeWithPods()
    pods.put(pod('a'))
    const watch = pods.watch({ sendInitialEvents: true, allowBookmarks: true, resourceVersion: '1' })
    expect(brief(watch.take(1))).toEqual(['ADDED a@2'])
    pods.put(pod('b'))
    expect(brief(watch.take())).toEqual(['BOOKMARK 2 initial-events-end', 'ADDED b@3'])
    expect(brief(pods.watch({ sendInitialEvents: true }).take())).toEqual(['ADDED a@2', 'ADDED b@3'])
  })

  it('sees an object come and go with its selector', () => {
    const { pods } = storeWithPods()
    const web = pods.watch({
      resourceVersion: '1',
      namespace: 'default',
      selects: (object) => object.metadata.labels?.app === 'web',
    })
    pods.put(pod('a', { labels: { app: 'db' } }))
    pods.put(pod('a', { labels: { app: 'web', round: '1' } }))
    pods.put(pod('a', { labels: { app: 'web', round: '2' } }))
    pods.put(pod('a', { labels: { app: 'db' } }))
    pods.remove('default/a')
    pods.put(pod('b', { namespace: 'other', labels: { app: 'web' } }))
    const events = web.take()
    expect(brief(events)).toEqual(['ADDED a@3', 'MODIFIED a@4', 'DELETED a@5'])
    const last = events[2]
    expect(last?.type === 'DELETED' && last.object.metadata.labels).toEqual({ app: 'web', round: '2' })
    expect(last?.type === 'DELETED' && Object.isFrozen(last.object.metadata)).toBe(true)
  })

  it('hands the same objects to all watchers', () => {
    const { pods } = storeWithPods()
    const selects = ({ metadata }: { metadata: { labels?: Readonly<Record<string, string>> } }) =>
      metadata.labels?.on === 'yes'
    const watches = [pods.watch({ selects }), pods.watch({ selects })]
    pods.put(pod('a', { labels: { on: 'yes' } }))
    pods.put(pod('a', { labels: { on: 'no' } }))
    const [first, second] = watches.map((watch) => watch.take())
    expect(first).toHaveLength(2)
    first?.forEach((event, index) => {
      const other = second?.[index]
      if (event.type !== 'ADDED' && event.type !== 'DELETED') throw new Error(event.type)
      expect(other?.type === event.type && other.object === event.object).toBe(true)
    })
  })

  it('from a version that is no longer kept is an error and nothing else', () => {
    const { pods } = storeWithPods({ history: { most: 2 } })
    for (const name of ['a', 'b', 'c', 'd']) pods.put(pod(name))
    const watch = pods.watch({ resourceVersion: '2', allowBookmarks: true })
    pods.put(pod('e'))
    expect(brief(watch.take())).toEqual(['ERROR 410 too old resource version: 2 (3)'])
    expect(watch.ended).toBe(true)
    expect(brief(pods.watch({ resourceVersion: '4' }).take())).toEqual(['ADDED d@5', 'ADDED e@6'])
    expect(pods.watchers).toBe(1)
    expect(() => pods.watch({ resourceVersion: 'x' })).toThrow(
      'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    )
  })

  it('from a version that has not been tells nothing until it has', () => {
    const { pods } = storeWithPods()
    const watch = pods.watch({ resourceVersion: '3' })
    for (const name of ['a', 'b', 'c']) pods.put(pod(name))
    expect(brief(watch.take())).toEqual(['ADDED c@4'])
    const initial = pods.watch({ resourceVersion: '77', sendInitialEvents: true })
    expect(brief(initial.take())).toEqual(['ERROR 504 Timeout: Too large resource version: 77, current: 4'])
  })

  it('that cannot keep up is ended with 410, whether it is read or not', async () => {
    const { pods } = storeWithPods({ history: { most: 10 } })
    const slow = pods.watch({ resourceVersion: '1' })
    const quick = pods.watch({ resourceVersion: '1' })
    let called = 0
    slow.listen(() => called++)
    const seen: string[] = []
    for (let index = 0; index < 50; index++) {
      pods.put(pod(`p${index}`))
      seen.push(...brief(quick.take()))
    }
    await Promise.resolve()
    expect(called).toBe(1)
    expect(brief(slow.take())).toEqual(['ERROR 410 too old resource version: 1 (2)'])
    expect(slow.ended).toBe(true)
    expect(seen).toHaveLength(50)
    expect(pods.historySize).toBe(10)
  })

  it('sends bookmarks each minute, once it has told what there is, and just before its end', async () => {
    const { pods, clock, store } = storeWithPods()
    const watch = pods.watch({ allowBookmarks: true, timeout: 150_000, resourceVersion: '1' })
    store.add({ resource: { group: '', resource: 'nodes' }, namespaced: false }).put(pod('n'))
    clock.stepNow(59_999)
    expect(watch.take()).toEqual([])
    clock.stepNow(1)
    pods.put(pod('a'))
    expect(brief(watch.take(1))).toEqual(['ADDED a@3'])
    expect(brief(watch.take())).toEqual(['BOOKMARK 3'])
    clock.stepNow(60_000)
    expect(brief(watch.take())).toEqual(['BOOKMARK 3'])
    clock.stepNow(27_999)
    expect(watch.take()).toEqual([])
    clock.stepNow(1)
    expect(brief(watch.take())).toEqual(['BOOKMARK 3'])
    clock.stepNow(2_000)
    expect(watch.ended).toBe(true)
    expect(clock.pending).toBe(0)
    expect(pods.watchers).toBe(0)
  })

  it('calls its listener once for what happens at once, and at its end', async () => {
    const { pods } = storeWithPods()
    const watch = pods.watch()
    let called = 0
    watch.listen(() => called++)
    pods.put(pod('a'))
    pods.put(pod('b'))
    expect(called).toBe(0)
    await Promise.resolve()
    expect(called).toBe(1)
    watch.close()
    await Promise.resolve()
    expect(called).toBe(2)
  })

  it('can be iterated', async () => {
    const { pods } = storeWithPods()
    pods.put(pod('a'))
    const seen: string[] = []
    const reading = (async () => {
      for await (const event of pods.watch()) {
        seen.push(...brief([event]))
        if (event.type === 'DELETED') break
      }
    })()
    await Promise.resolve()
    pods.put(pod('b'))
    await new Promise((resolve) => setTimeout(resolve, 0))
    pods.remove('default/a')
    await reading
    expect(seen).toEqual(['ADDED a@2', 'ADDED b@3', 'DELETED a@4'])
    expect(pods.watchers).toBe(0)
  })
})
