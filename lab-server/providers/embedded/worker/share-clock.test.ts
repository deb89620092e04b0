import { expect, it } from 'vitest'
import { VirtualClock } from '../../../../engine/clock/virtual-clock.ts'
import { shareClock } from './share-clock.ts'
import type { Share } from './turns.ts'

/** A cluster that gets its turn when the test says so. */
class HeldShare implements Share {
  work: (() => void)[] = []
  used = 0
  get waiting() {
    return this.work.length
  }
  run(call: () => void) {
    this.work.push(call)
    return () => {
      this.work = this.work.filter((other) => other !== call)
    }
  }
  turn() {
    for (const call of this.work.splice(0)) call()
  }
  end() {}
}

it('calls when it is due and the cluster has its turn', async () => {
  const real = new VirtualClock({ start: 0 })
  const share = new HeldShare()
  const clock = shareClock(real, share)
  const calls: string[] = []
  clock.after(10, () => calls.push('once'))
  const never = clock.after(10, () => calls.push('cancelled while it waits for its turn'))
  await real.step(10)
  expect(calls).toEqual([])
  never()
  share.turn()
  expect(calls).toEqual(['once'])
})

it('lets a beat that waits stand for those after it', async () => {
  const real = new VirtualClock({ start: 0 })
  const share = new HeldShare()
  const clock = shareClock(real, share)
  let beats = 0
  const cancel = clock.every(10, () => beats++)
  await real.step(50)
  expect(share.waiting).toBe(1)
  share.turn()
  expect(beats).toBe(1)
  await real.step(10)
  share.turn()
  expect(beats).toBe(2)
  await real.step(10)
  cancel()
  share.turn()
  expect(beats).toBe(2)
})

it('leaves no timer behind when it stops', async () => {
  const real = new VirtualClock({ start: 0 })
  const share = new HeldShare()
  const clock = shareClock(real, share)
  let calls = 0
  clock.after(10, () => calls++)
  clock.every(10, () => calls++)
  clock.stop()
  await real.step(100)
  share.turn()
  expect(calls).toBe(0)
})
