import { expect, it } from 'vitest'
import { sleep } from './clock.ts'
import { realClock } from './real-clock.ts'

it('goes with the wall clock, calls after and every, and can be cancelled', async () => {
  const clock = realClock()
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000)
  let beats = 0
  const stop = clock.every(2, () => beats++)
  const cancel = clock.after(1, () => {
    throw new Error('was cancelled')
  })
  cancel()
  const start = clock.now()
  await sleep(clock, 20)
  expect(clock.now() - start).toBeGreaterThanOrEqual(18)
  stop()
  const counted = beats
  expect(counted).toBeGreaterThan(0)
  await sleep(clock, 10)
  expect(beats).toBe(counted)
})

it('waits longer than one timer of the platform can', async () => {
  const clock = realClock()
  let fired = false
  const cancel = clock.after(2 ** 32, () => {
    fired = true
  })
  await sleep(clock, 10)
  expect(fired).toBe(false)
  cancel()
})
