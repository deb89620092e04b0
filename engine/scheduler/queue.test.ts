import { describe, expect, it } from 'vitest'
import { Random } from '../clock/random.ts'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { Heap } from './heap.ts'
import type { PodInfo } from './pod-info.ts'
import { SchedulingQueue } from './queue.ts'

const info = (key: string, priority = 0) =>
  ({ key, pod: { metadata: { name: key }, spec: { priority } } }) as unknown as PodInfo

function make() {
  const clock = new VirtualClock({ start: 0 })
  let woken = 0
  const queue = new SchedulingQueue(clock, () => woken++)
  return { clock, queue, woken: () => woken, take: () => queue.take()?.info.key }
}

describe('a heap', () => {
  it.each([1, 2, 3, 4])('gives back in order what was put in, less what was taken out (%i)', (seed) => {
    const random = new Random(seed)
    const heap = new Heap<{ readonly value: number }>((a, b) => a.value < b.value)
    const items = Array.from({ length: 200 }, () => ({ value: random.below(50) }))
    for (const item of items) heap.add(item)
    const removed = new Set(items.filter(() => random.chance(0.4)))
    for (const item of removed) expect(heap.remove(item)).toBe(true)
    for (const item of removed) expect(heap.remove(item)).toBe(false)
    const left = items.filter((item) => !removed.has(item)).map(({ value }) => value)
    const taken: number[] = []
    for (let item = heap.take(); item !== undefined; item = heap.take()) taken.push(item.value)
    expect(taken).toEqual(left.sort((a, b) => a - b))
  })
})

describe('the queue', () => {
  it('gives the more important first, then who came first', () => {
    const { queue, take } = make()
    for (const [key, priority] of [
      ['a', 0],
      ['b', 5],
      ['c', 0],
      ['d', 5],
    ] as const)
      queue.add(info(key, priority))
    expect([take(), take(), take(), take(), take()]).toEqual(['b', 'd', 'a', 'c', undefined])
  })

  it('keeps what was turned down until the one who did so is told of a change', () => {
    const { queue, take } = make()
    for (const key of ['a', 'b']) queue.add(info(key))
    for (const plugin of ['NodePorts', 'NodeAffinity'] as const) {
      const queued = queue.take()
      if (queued !== undefined) queue.putUnschedulable(queued, new Set([plugin]))
    }
    queue.move('NodeAffinity', () => false)
    expect(take()).toBeUndefined()
    queue.move('NodeAffinity', () => true)
    expect([take(), take()]).toEqual(['b', undefined])
  })

  it('lets those wait for others that were tried a moment ago, but not for nobody', () => {
    const { queue, take } = make()
    queue.add(info('tried'))
    const queued = queue.take()
    if (queued !== undefined) queue.putUnschedulable(queued, new Set(['NodePorts']))
    queue.move('NodePorts', () => true)
    queue.add(info('new'))
    expect([take(), take()]).toEqual(['new', 'tried'])
  })

  it('lets those wait with whom something went wrong: 1 s, then twice as long, at most 10 s', () => {
    const { clock, queue, woken } = make()
    queue.add(info('a'))
    const waits: number[] = []
    for (let round = 0; round < 6; round++) {
      const queued = queue.take()
      if (queued === undefined) throw new Error('It did not come.')
      queue.putFailed(queued)
      const from = clock.now()
      const before = woken()
      while (woken() === before) clock.stepNow(500)
      waits.push(clock.now() - from)
    }
    // A whole second has to be over, of those that the clock counts
    expect(waits.map((wait) => wait - 1000)).toEqual([1000, 2000, 4000, 8000, 10000, 10000])
  })

  it('tries again after five minutes what waits for a change, and has no timer when nothing waits', () => {
    const { clock, queue, take } = make()
    queue.add(info('a'))
    expect(clock.pending).toBe(0)
    const queued = queue.take()
    if (queued !== undefined) queue.putUnschedulable(queued, new Set(['NodePorts']))
    clock.stepNow(300_000)
    expect(take()).toBeUndefined()
    clock.stepNow(30_000)
    expect(take()).toBe('a')
    queue.remove('a')
    clock.stepNow(60_000)
    expect([clock.pending, queue.size]).toEqual([0, 0])
  })
})
