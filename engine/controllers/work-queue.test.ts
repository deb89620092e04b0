import { expect, it } from 'vitest'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { WorkQueue } from './work-queue.ts'

function queue(sync: (key: string) => void) {
  const clock = new VirtualClock({ start: 0 })
  return { clock, queue: new WorkQueue({ clock, sync }) }
}

it('works on each key once, in order', () => {
  const seen: string[] = []
  const { clock, queue: work } = queue((key) => seen.push(key))
  for (const key of ['b', 'a', 'b']) work.add(key)
  expect(seen).toEqual([])
  clock.stepNow(0)
  expect(seen).toEqual(['b', 'a'])
})

it('works on what comes meanwhile', () => {
  const seen: string[] = []
  const { clock, queue: work } = queue((key) => {
    seen.push(key)
    if (key === 'a') work.add('b')
  })
  work.add('a')
  clock.stepNow(1)
  expect(seen).toEqual(['a', 'b'])
})

it('lets others have their turn before a key comes again', () => {
  const seen: string[] = []
  const { clock, queue: work } = queue((key) => {
    seen.push(key)
    if (key === 'a' && seen.length < 3) {
      clock.after(0, () => seen.push('another'))
      work.add('a')
    }
  })
  work.add('a')
  clock.stepNow(1)
  expect(seen).toEqual(['a', 'another', 'a'])
})

it('takes the earlier of two waits', () => {
  const seen: number[] = []
  const { clock, queue: work } = queue(() => seen.push(clock.now()))
  work.addAfter('a', 100)
  work.addAfter('a', 50)
  work.addAfter('a', 70)
  clock.stepNow(1000)
  expect(seen).toEqual([50])
})

it('tries what fails again, later each time', () => {
  const seen: number[] = []
  const { clock, queue: work } = queue(() => {
    seen.push(clock.now())
    if (seen.length < 4) throw new Error('not yet')
  })
  work.add('a')
  clock.stepNow(1000)
  expect(seen).toEqual([0, 5, 15, 35])
})

it('forgets all when it is cleared', () => {
  const seen: string[] = []
  const { clock, queue: work } = queue((key) => seen.push(key))
  work.add('a')
  work.addAfter('b', 5)
  work.clear()
  clock.stepNow(10)
  expect(seen).toEqual([])
  expect(clock.pending).toBe(0)
})
