import { expect, it } from 'vitest'
import { VirtualClock } from '../../engine/clock/virtual-clock.ts'
import { virtualTime } from './virtual-time.ts'

const make = () => {
  const clock = new VirtualClock({ start: 0 })
  return { clock, time: virtualTime(clock) }
}

it('goes from timer to timer until what is waited for is there', async () => {
  const { clock, time } = make()
  let done = false
  clock.after(3_600_000, () => {
    done = true
  })
  expect(await time.until(() => done, 7_200_000)).toBe(true)
  expect(clock.now()).toBe(3_600_000)
})

it('gives up at its end, and not after', async () => {
  const { clock, time } = make()
  expect(await time.until(() => false, 1500)).toBe(false)
  expect(clock.now()).toBe(1500)
})

it('stands while one of two threads works', async () => {
  const { clock, time } = make()
  const beside = time.beside(async () => {
    // Work that takes turns of the event loop, and no time of the cluster
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    return clock.now()
  })
  expect(await time.until(() => false, 1000)).toBe(false)
  expect(await beside).toBe(0)
})

it('passes while a second thread is waited for', async () => {
  const { clock, time } = make()
  const beside = time.beside(() => time.until(() => false, 5000))
  expect(await time.during(beside)).toBe(false)
  expect(clock.now()).toBe(5000)
})

it('waits for what goes on beside the event loop', async () => {
  const clock = new VirtualClock({ start: 0 })
  let working = true
  const time = virtualTime(clock, () => working)
  setTimeout(() => {
    working = false
  }, 20)
  let at = -1
  clock.after(1000, () => {
    at = working ? 0 : 1
  })
  await time.until(() => at >= 0, 5000)
  expect(at).toBe(1)
})

it('hands on what goes wrong in looking', async () => {
  const { time } = make()
  const look = () => {
    throw new Error('no such Pod')
  }
  await expect(time.until(look, 1000)).rejects.toThrow('no such Pod')
})
