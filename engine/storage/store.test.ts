import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { named, PODS, pod, storeWithPods } from './pods.fixture.ts'
import { Store } from './store.ts'

describe('a snapshot', () => {
  it('goes through JSON and comes back equal, in the same store or another', () => {
    const { store, pods, clock } = storeWithPods({
      indexes: { node: (object) => (object.spec as { node: string }).node },
    })
    for (let index = 0; index < 20; index++) pods.put(pod(`p${index}`, {}, { node: `n${index % 2}` }))
    pods.remove('default/p3')
    const snapshot = store.snapshot()
    const json = JSON.stringify(snapshot)

    const other = new Store({ clock })
    const otherPods = other.add({
      resource: PODS,
      namespaced: true,
      indexes: { node: (object) => (object.spec as { node: string }).node },
    })
    other.restore(JSON.parse(json))
    expect(JSON.stringify(other.snapshot())).toBe(json)
    expect(other.version).toBe(store.version)
    expect(named(otherPods.byIndex('node', 'n1'))).toEqual(named(pods.byIndex('node', 'n1')))
    expect(Object.isFrozen(otherPods.get('default', 'p1')?.spec)).toBe(true)

    pods.put(pod('later'))
    pods.remove('default/p1')
    store.restore(snapshot)
    expect(store.snapshot().collections).toEqual(snapshot.collections)
    expect(named(pods.list({ limit: 2 }).items)).toEqual(['default/p0', 'default/p1'])
  })

  it('does not change with what is written after it', () => {
    const { store, pods } = storeWithPods()
    pods.put(pod('a'))
    const snapshot = store.snapshot()
    const json = JSON.stringify(snapshot)
    pods.put(pod('a', {}, { changed: true }))
    pods.put(pod('b'))
    expect(JSON.stringify(snapshot)).toBe(json)
  })
})

describe('restoring', () => {
  it('closes all watchers and forgets the past, and no version means something else than before', () => {
    const { store, pods } = storeWithPods()
    pods.put(pod('a'))
    const snapshot = store.snapshot()
    const closed: string[] = []
    pods.put(pod('b'))
    const watch = pods.watch({ resourceVersion: '3' })
    pods.subscribe({}, { event: () => {}, closed: () => closed.push('told') })
    const before = store.version
    store.restore(snapshot)
    expect(closed).toEqual(['told'])
    expect(watch.take()).toMatchObject([{ type: 'ERROR', error: { code: 410, reason: 'Expired' } }])
    expect(watch.ended).toBe(true)
    expect(store.version).toBeGreaterThan(before)
    expect(pods.watch({ resourceVersion: String(before) }).take()).toMatchObject([{ type: 'ERROR' }])
    const again = pods.watch({ resourceVersion: pods.list().resourceVersion })
    pods.put(pod('c'))
    expect(again.take()).toMatchObject([{ type: 'ADDED', object: { metadata: { name: 'c' } } }])
  })

  it('empties what the snapshot does not know, and refuses what the store does not know', () => {
    const { store, pods } = storeWithPods()
    pods.put(pod('a'))
    expect(() => store.restore({ resourceVersion: 9, collections: { 'x/y': [] } })).toThrow('The snapshot has x/y')
    expect(pods.size).toBe(1)
    store.restore({ resourceVersion: 1, collections: {} })
    expect(pods.size).toBe(0)
  })
})

it('keeps one version over all resources', () => {
  const store = new Store({ clock: new VirtualClock({ start: 0 }) })
  const pods = store.add({ resource: PODS, namespaced: true })
  const roles = store.add({ resource: { group: 'rbac.authorization.k8s.io', resource: 'roles' }, namespaced: true })
  expect(() => store.add({ resource: PODS, namespaced: true })).toThrow('There is a collection pods already.')
  const versions = [pods, roles, pods].map((collection) => collection.put(pod('a')).metadata.resourceVersion)
  expect(versions).toEqual(['2', '3', '4'])
  expect(roles.list().resourceVersion).toBe('4')
  const watch = roles.watch({ resourceVersion: '3' })
  store.drop(roles.resource)
  expect(watch.take()).toMatchObject([{ type: 'ERROR' }])
  expect(store.collection(roles.resource)).toBeUndefined()
  expect(store.collections).toEqual([pods])
})
