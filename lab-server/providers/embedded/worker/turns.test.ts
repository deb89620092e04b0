import { beforeEach, describe, expect, it } from 'vitest'
import { Turns } from './turns.ts'

/** A thread whose work takes as long as it says, with timers that fire when nothing else is to be done. */
class FakeThread {
  time = 0
  #soon: (() => void)[] = []
  #timers: { at: number; call: () => void }[] = []
  readonly options = {
    now: () => this.time,
    soon: (first: () => void, second: () => void) => void this.#soon.push(first, second),
    after: (ms: number, call: () => void) => {
      const timer = { at: this.time + ms, call }
      this.#timers.push(timer)
      return () => {
        this.#timers = this.#timers.filter((other) => other !== timer)
      }
    },
    share: 0.5,
    burst: 100,
  }

  run(until: number): void {
    while (this.time < until) {
      const call = this.#soon.shift()
      if (call) {
        call()
        continue
      }
      const next = this.#timers.sort((a, b) => a.at - b.at).shift()
      if (!next || next.at > until) {
        this.time = until
        return
      }
      this.time = Math.max(this.time, next.at)
      next.call()
    }
  }
}

let thread: FakeThread
let turns: Turns
beforeEach(() => {
  thread = new FakeThread()
  turns = new Turns(thread.options)
})

/** A cluster that always has more to do, each piece taking so many milliseconds. */
function greedy(pieceMs: number) {
  const share = turns.share()
  const again = () => {
    thread.time += pieceMs
    share.run(again)
  }
  share.run(again)
  return share
}

describe('turns', () => {
  it('come at once to who is alone', () => {
    const done: number[] = []
    turns.share().run(() => done.push(thread.time))
    thread.run(1)
    expect(done).toEqual([0])
  })

  it('are as long for who has many small pieces as for who has a few large ones', () => {
    const small = greedy(1)
    const large = greedy(20)
    thread.run(1_000)
    expect(Math.abs(small.used - large.used)).toBeLessThanOrEqual(60)
  })

  it('take no more than a share of the thread, even when nobody else wants it', () => {
    const one = greedy(5)
    thread.run(10_000)
    expect(one.used).toBeGreaterThan(4_500)
    // Half of the time, and what it may do at one go
    expect(one.used).toBeLessThanOrEqual(5_000 + 100 + 10)
  })

  it('come soon to who was quiet, however busy another is, and however much that one has waiting', () => {
    greedy(5)
    thread.run(500)
    const asked = thread.time
    let answered = Number.POSITIVE_INFINITY
    turns.share().run(() => {
      answered = thread.time
    })
    thread.run(1_000)
    expect(answered - asked).toBeLessThanOrEqual(10)
  })

  it('are not saved up by who was quiet for long', () => {
    const quiet = turns.share()
    const busy = greedy(1)
    thread.run(5_000)
    const before = { quiet: quiet.used, busy: busy.used }
    const again = () => {
      thread.time += 1
      quiet.run(again)
    }
    quiet.run(again)
    thread.run(6_000)
    expect(busy.used - before.busy).toBeGreaterThan(300)
    expect(quiet.used - before.quiet).toBeLessThan(700)
  })

  it('can be given back, and end', () => {
    const share = turns.share()
    const done: string[] = []
    const takeBack = share.run(() => done.push('taken back'))
    share.run(() => done.push('done'))
    takeBack()
    takeBack()
    expect(share.waiting).toBe(1)
    thread.run(10)
    share.run(() => done.push('ended'))
    share.end()
    share.run(() => done.push('after the end'))
    thread.run(20)
    expect(done).toEqual(['done'])
    expect(share.waiting).toBe(0)
  })
})
