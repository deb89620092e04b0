import { describe, expect, it } from 'vitest'
import { Random } from '../clock/random.ts'
import { StatusError } from '../objects/status-error.ts'
import type { ApiObject } from '../objects/types.ts'
import type { WatchEvent } from './event.ts'
import type { ListOptions } from './list.ts'
import { pod, storeWithPods } from './pods.fixture.ts'
import type { Watch } from './watch.ts'

/** What the store should be at each of its versions: the objects by key. */
type States = ReadonlyMap<string, ApiObject>[]

const NAMESPACES = ['a', 'a-b', 'b']
const COLOURS = ['red', 'green', 'blue']

/** Random creations, changes and removals over few names, so that they meet. */
function world(seed: number, most: number) {
  const random = new Random(seed)
  const { store, pods, clock } = storeWithPods({ history: { most, fewest: Math.min(most, 5), age: 60_000 } })
  const nodes = store.add({ resource: { group: '', resource: 'nodes' }, namespaced: false })
  let state = new Map<string, ApiObject>()
  const states: Map<string, ApiObject>[] = [state, state]

  function write() {
    clock.stepNow(random.below(2_000))
    if (random.chance(0.15)) {
      nodes.put(pod(`n${random.below(3)}`, {}, { beat: store.version }))
    } else {
      const namespace = random.pick(NAMESPACES)
      const name = `p${random.below(12)}`
      state = new Map(state)
      if (random.chance(0.3)) {
        pods.remove(`${namespace}/${name}`)
        state.delete(`${namespace}/${name}`)
      } else {
        state.set(`${namespace}/${name}`, pods.put(pod(name, { namespace, labels: { colour: random.pick(COLOURS) } })))
      }
    }
    states[store.version] = state
  }

  function selection(): Pick<ListOptions, 'namespace' | 'selects'> {
    const colour = random.pick(COLOURS)
    return {
      ...(random.chance(0.5) ? { namespace: random.pick(NAMESPACES) } : {}),
      ...(random.chance(0.5) ? { selects: ({ metadata }: ApiObject) => metadata.labels?.colour === colour } : {}),
    }
  }
  return { random, store, pods, states: states as States, write, selection }
}

function expected(state: ReadonlyMap<string, ApiObject>, { namespace, selects }: ListOptions): ApiObject[] {
  return [...state]
    .filter(([, object]) => namespace === undefined || object.metadata.namespace === namespace)
    .filter(([, object]) => selects === undefined || selects(object))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, object]) => object)
}

/** Follows a watch as a client does, and knows at each version what it should have. */
class Follower {
  readonly objects = new Map<string, ApiObject>()
  readonly watch: Watch
  readonly selection: ListOptions
  version: number
  failed = false

  constructor(watch: Watch, selection: ListOptions, start: readonly ApiObject[], version: number) {
    this.watch = watch
    this.selection = selection
    this.version = version
    for (const object of start) this.objects.set(key(object), object)
  }

  follow(states: States, most?: number) {
    for (const event of this.watch.take(most)) this.#apply(event, states)
  }

  #apply(event: WatchEvent, states: States) {
    if (event.type === 'ERROR') {
      expect(event.error.message).toMatch(/^too old resource version: \d+ \(\d+\)$/)
      this.failed = true
      return
    }
    if (event.type === 'BOOKMARK') return
    const version = Number(event.object.metadata.resourceVersion)
    expect(version).toBeGreaterThan(this.version)
    this.version = version
    expect(this.objects.has(key(event.object))).toBe(event.type !== 'ADDED')
    if (event.type === 'DELETED') this.objects.delete(key(event.object))
    else this.objects.set(key(event.object), event.object)
    this.matches(states[version] as ReadonlyMap<string, ApiObject>)
  }

  matches(state: ReadonlyMap<string, ApiObject>) {
    const mine = [...this.objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
    expect(mine).toEqual(expected(state, this.selection))
  }
}

const key = ({ metadata }: ApiObject) => `${metadata.namespace}/${metadata.name}`

describe('over random runs', () => {
  it('a watch replayed equals the list at each version, or ends with 410', () => {
    let failures = 0
    let caughtUp = 0
    for (let seed = 1; seed <= 25; seed++) {
      const { random, store, pods, states, write, selection } = world(seed, random10to60(seed))
      const followers: Follower[] = []
      for (let step = 0; step < 150; step++) {
        write()
        if (random.chance(0.1)) {
          const chosen = selection()
          const { items, resourceVersion } = pods.list(chosen)
          expect(items).toEqual(expected(states[store.version] as States[0], chosen))
          followers.push(
            new Follower(pods.watch({ ...chosen, resourceVersion }), chosen, items, Number(resourceVersion)),
          )
        }
        for (const follower of followers) if (random.chance(0.15)) follower.follow(states, 1 + random.below(10))
      }
      for (const follower of followers) {
        follower.follow(states)
        if (follower.failed) failures++
        else {
          follower.matches(states[store.version] as States[0])
          caughtUp++
        }
      }
    }
    expect(failures).toBeGreaterThan(10)
    expect(caughtUp).toBeGreaterThan(100)
  })

  it('initial events and what follows equal the list as well', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { random, store, pods, states, write, selection } = world(seed, 1000)
      for (let step = 0; step < 40; step++) write()
      const chosen = selection()
      const watch = pods.watch({ ...chosen, sendInitialEvents: true, allowBookmarks: true })
      const seen = new Map<string, ApiObject>()
      let over = 0
      for (let step = 0; step < 40; step++) {
        if (random.chance(0.8)) write()
        for (const event of watch.take(1 + random.below(4))) {
          if (event.type === 'BOOKMARK') {
            if (!event.initialEventsEnd) continue
            over++
            const then = states[Number(event.resourceVersion)] as States[0]
            expect([...seen.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1))).toEqual(expected(then, chosen))
          } else if (event.type === 'DELETED') seen.delete(key(event.object))
          else if (event.type !== 'ERROR') seen.set(key(event.object), event.object)
        }
      }
      for (const event of watch.take()) {
        if (event.type === 'DELETED') seen.delete(key(event.object))
        else if (event.type === 'ADDED' || event.type === 'MODIFIED') seen.set(key(event.object), event.object)
      }
      expect(over).toBe(1)
      expect([...seen.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1))).toEqual(
        expected(states[store.version] as States[0], chosen),
      )
    }
  })

  it('lists in parts, between writes, are the list at the version at which they began, or 410', () => {
    let expiredLists = 0
    let completed = 0
    for (let seed = 1; seed <= 40; seed++) {
      const { random, store, pods, states, write, selection } = world(seed, random10to60(seed))
      for (let step = 0; step < 30; step++) write()
      for (let round = 0; round < 8; round++) {
        const chosen = selection()
        const items: ApiObject[] = []
        let next: string | undefined
        let version: string | undefined
        try {
          do {
            const part = pods.list({ ...chosen, limit: 1 + random.below(5), continue: next })
            version ??= part.resourceVersion
            expect(part.resourceVersion).toBe(version)
            items.push(...part.items)
            next = part.continue
            const left = expected(states[Number(version)] as States[0], chosen).length - items.length
            expect(part.remainingItemCount).toBe(next === undefined || chosen.selects !== undefined ? undefined : left)
            for (let writes = random.below(12); writes > 0; writes--) write()
          } while (next !== undefined)
          expect(items).toEqual(expected(states[Number(version)] as States[0], chosen))
          completed++
        } catch (error) {
          if (!(error instanceof StatusError)) throw error
          expect(error.code).toBe(410)
          const last = key(items.at(-1) as ApiObject)
          const rest = pods.list({ ...chosen, continue: error.continue })
          expect(rest.resourceVersion).toBe(String(store.version))
          expect(rest.items).toEqual(
            expected(states[store.version] as States[0], chosen).filter((object) => key(object) > last),
          )
          expiredLists++
        }
      }
    }
    expect(expiredLists).toBeGreaterThan(10)
    expect(completed).toBeGreaterThan(100)
  })

  it('each version that is kept can be listed and watched from, each that is not is 410', () => {
    for (let seed = 1; seed <= 15; seed++) {
      const { store, pods, states, write, selection } = world(seed, random10to60(seed))
      for (let step = 0; step < 120; step++) write()
      let kept = 0
      for (let version = 1; version <= store.version; version++) {
        const chosen = selection()
        const resourceVersion = String(version)
        const follower = new Follower(pods.watch({ ...chosen, resourceVersion }), chosen, [], version)
        try {
          const { items } = pods.list({ ...chosen, resourceVersion, resourceVersionMatch: 'Exact' })
          expect(items).toEqual(expected(states[version] as States[0], chosen))
          for (const object of items) follower.objects.set(key(object), object)
          follower.follow(states)
          follower.matches(states[store.version] as States[0])
          expect(follower.failed).toBe(false)
          kept++
        } catch (error) {
          if (!(error instanceof StatusError)) throw error
          expect(error.message).toBe('The resourceVersion for the provided list is too old.')
          expect(kept).toBe(0)
          follower.follow(states)
          expect(follower.failed).toBe(true)
        }
      }
      expect(kept).toBeGreaterThan(5)
    }
  })

  it('a snapshot restored is equal, and what follows is watched as before', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { store, pods, states, write } = world(seed, 50)
      for (let step = 0; step < 60; step++) write()
      const json = JSON.stringify(store.snapshot())
      const before = store.version
      for (let step = 0; step < 30; step++) write()
      store.restore(JSON.parse(json))
      expect(JSON.stringify(store.snapshot().collections)).toBe(JSON.stringify(JSON.parse(json).collections))
      const { items, resourceVersion } = pods.list()
      expect(items).toEqual(expected(states[before] as States[0], {}))
      const watch = pods.watch({ resourceVersion })
      const again = pods.put(pod('after'))
      expect(watch.take()).toEqual([{ type: 'ADDED', object: again }])
    }
  })
})

/** Small enough a history for watchers to be lost. */
function random10to60(seed: number): number {
  return 10 + new Random(seed).split('history').below(50)
}
