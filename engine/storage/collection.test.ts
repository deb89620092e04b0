import { describe, expect, it } from 'vitest'
import { Encodings, eventLine } from './encodings.ts'
import { named, pod, storeWithPods } from './pods.fixture.ts'
import { Store } from './store.ts'

describe('a collection', () => {
  it('stores frozen objects that share what did not change', () => {
    const { pods } = storeWithPods()
    const spec = { containers: [{ name: 'c' }] }
    const first = pods.put(pod('a', {}, spec))
    expect(Object.isFrozen(first)).toBe(true)
    expect(Object.isFrozen(spec.containers[0])).toBe(true)
    const second = pods.put({ ...first, status: { phase: 'Running' } })
    expect(second.spec).toBe(first.spec)
    expect(first.status).toBeUndefined()
    expect([first, second].map((object) => object.metadata.resourceVersion)).toEqual(['2', '3'])
  })

  it('finds objects by index, also after they have changed', () => {
    const { pods } = storeWithPods({ indexes: { node: (object) => (object.spec as { node?: string }).node } })
    const owner = (uid: string) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: uid, uid })
    pods.put(pod('b', { ownerReferences: [owner('1'), owner('2')] }, { node: 'n1' }))
    pods.put(pod('a', {}, { node: 'n1' }))
    pods.put(pod('c', {}, {}))
    expect(named(pods.byIndex('node', 'n1'))).toEqual(['default/a', 'default/b'])
    expect(named(pods.byIndex('owner', '2'))).toEqual(['default/b'])
    pods.put(pod('a', {}, { node: 'n2' }))
    pods.remove('default/b')
    expect(pods.byIndex('node', 'n1')).toEqual([])
    expect(named(pods.byIndex('node', 'n2'))).toEqual(['default/a'])
    expect(pods.byIndex('owner', '2')).toEqual([])
    expect(() => pods.byIndex('colour', 'red')).toThrow('There is no index colour.')
  })

  it('tells subscribers in order, also when one of them writes', () => {
    const { pods } = storeWithPods()
    const first: string[] = []
    const second: string[] = []
    pods.put(pod('old'))
    pods.subscribe(
      { initial: true },
      {
        event({ type, object }) {
          first.push(`${type} ${object.metadata.name}`)
          if (object.metadata.name === 'a') pods.put(pod('b'))
        },
      },
    )
    const stop = pods.subscribe({}, { event: ({ type, object }) => second.push(`${type} ${object.metadata.name}`) })
    pods.put(pod('a'))
    expect(first).toEqual(['ADDED old', 'ADDED a', 'ADDED b'])
    expect(second).toEqual(['ADDED a', 'ADDED b'])
    stop()
    pods.put(pod('c'))
    expect(second).toHaveLength(2)
  })

  it('does not tell one who subscribes in the middle what it has read already', () => {
    const { pods } = storeWithPods()
    const late: string[] = []
    pods.subscribe(
      {},
      {
        event({ object }) {
          if (object.metadata.name !== 'a') return
          pods.put(pod('b'))
          pods.subscribe({ initial: true }, { event: (event) => late.push(event.object.metadata.name) })
          pods.put(pod('c'))
        },
      },
    )
    pods.put(pod('a'))
    expect(late).toEqual(['a', 'b', 'c'])
  })

  it('goes on telling when a subscriber throws', () => {
    const { clock } = storeWithPods()
    const reported: unknown[] = []
    const store = new Store({ clock, report: (error) => reported.push(error) })
    const pods = store.add({ resource: { group: '', resource: 'pods' }, namespaced: true })
    const heard: string[] = []
    pods.subscribe(
      {},
      {
        event() {
          throw new Error('broken')
        },
      },
    )
    pods.subscribe({}, { event: ({ object }) => heard.push(object.metadata.name) })
    pods.put(pod('a'))
    expect(heard).toEqual(['a'])
    expect(String(reported[0])).toBe('Error: broken')
  })

  it('drops changes that are old, but keeps the fewest', () => {
    const { pods, clock } = storeWithPods({ history: { fewest: 3, age: 1000 } })
    for (let index = 0; index < 10; index++) pods.put(pod(`p${index}`))
    expect(pods.historySize).toBe(10)
    clock.stepNow(1001)
    pods.put(pod('late'))
    expect(pods.historySize).toBe(3)
  })

  it('removes what has outlived its lifetime since its last write', () => {
    const { pods, clock } = storeWithPods({ lifetime: 1000 })
    pods.put(pod('a'))
    clock.stepNow(400)
    pods.put(pod('b'))
    clock.stepNow(400)
    pods.put(pod('a', {}, { again: true }))
    clock.stepNow(600)
    expect(named([...pods])).toEqual(['default/a'])
    clock.stepNow(400)
    expect(pods.size).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('keeps no timer once it is stopped, whatever is written', () => {
    const { pods, clock } = storeWithPods({ lifetime: 1000 })
    pods.put(pod('a'))
    pods.stop()
    pods.put(pod('b'))
    expect(clock.pending).toBe(0)
    clock.stepNow(2000)
    expect(named([...pods])).toEqual(['default/a', 'default/b'])
  })
})

describe('encodings', () => {
  it('are made once for each object and form, and shared', () => {
    const { pods } = storeWithPods()
    const encodings = new Encodings()
    const object = pods.put(pod('a'))
    const line = eventLine(encodings, { type: 'ADDED', object })
    expect(eventLine(encodings, { type: 'ADDED', object })).toBe(line)
    expect(eventLine(encodings, { type: 'MODIFIED', object })).not.toBe(line)
    expect(JSON.parse(new TextDecoder().decode(line))).toEqual({ type: 'ADDED', object })
  })

  it('never take more than their budget', () => {
    const { pods } = storeWithPods()
    const encodings = new Encodings(100)
    const objects = ['a', 'b', 'c', 'd'].map((name) => pods.put(pod(name)))
    let made = 0
    const of = (index: number, size: number) =>
      encodings.of(objects[index] as (typeof objects)[0], 'x', () => {
        made++
        return 'x'.repeat(size)
      })
    of(0, 40)
    of(1, 40)
    of(2, 40)
    expect(encodings.size).toBe(80)
    of(1, 40)
    expect(made).toBe(3)
    of(0, 40)
    expect(made).toBe(4)
    of(3, 101)
    expect(encodings.size).toBe(80)
  })
})
