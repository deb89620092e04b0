import type { VirtualClock } from '../../engine/clock/virtual-clock.ts'
import type { Time } from './side.ts'

interface Waiter {
  readonly ready: () => boolean
  readonly end: number
  done(is: boolean): void
  failed(error: unknown): void
}

/** Turns of the event loop in which what was begun goes on before time does: streams, requests and hashes take some each. */
const TURNS = 4

/**
 * Time of a virtual clock, which goes from one timer to the next while every thread of a scenario waits, and stands while one of them
 * works: what a scenario does takes no time, and what it waits for comes at once. `isWorking`: something goes on beside the event loop.
 */
export function virtualTime(clock: VirtualClock, isWorking: () => boolean = () => false): Time {
  const waiting = new Set<Waiter>()
  let threads = 1
  let running = false

  const wait = (ready: () => boolean, ms: number): Promise<boolean> =>
    new Promise((resolve, reject) => {
      waiting.add({ ready, end: clock.now() + ms, done: resolve, failed: reject })
      if (!running) void run()
    })

  async function run(): Promise<void> {
    running = true
    while (waiting.size > 0) {
      for (let turn = 0; turn < TURNS; turn++) {
        await nextTurn()
        while (isWorking()) await nextTurn()
      }
      if (release() || waiting.size < threads) {
        // Who was released has its turn; who works comes back and waits
        await nextTurn()
        if (waiting.size < threads) break
        continue
      }
      const end = Math.min(...[...waiting].map((waiter) => waiter.end))
      await clock.step(Math.max(0, Math.min(end, clock.next ?? end) - clock.now()))
    }
    running = false
  }

  /** Whether anybody need wait no longer. */
  function release(): boolean {
    let any = false
    for (const waiter of [...waiting]) {
      try {
        const ready = waiter.ready()
        if (!ready && clock.now() < waiter.end) continue
        waiting.delete(waiter)
        waiter.done(ready)
      } catch (error) {
        waiting.delete(waiter)
        waiter.failed(error)
      }
      any = true
    }
    return any
  }

  return {
    now: () => clock.now(),
    until: wait,
    async during(work) {
      let over = false
      const end = () => {
        over = true
      }
      work.then(end, end)
      await wait(() => over, Number.POSITIVE_INFINITY)
      return work
    },
    async beside(work) {
      threads += 1
      try {
        return await work()
      } finally {
        threads -= 1
        if (!running && waiting.size > 0) void run()
      }
    },
    changed() {},
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
