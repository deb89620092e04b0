import { describe, expect, it } from 'vitest'
import { slowStart } from './slow-start.ts'

function acting(fails: (attempt: number) => boolean) {
  let attempts = 0
  return {
    act() {
      attempts++
      if (fails(attempts)) throw new Error(`refused ${attempts}`)
    },
    get attempts() {
      return attempts
    },
  }
}

describe('slow start', () => {
  it('does all where all goes well', () => {
    const all = acting(() => false)
    expect(slowStart(10, all.act)).toEqual({ successes: 10 })
    expect(all.attempts).toBe(10)
  })

  it('asks only once where nothing is allowed', () => {
    const none = acting(() => true)
    expect(slowStart(500, none.act)).toEqual({ successes: 0, error: new Error('refused 1') })
    expect(none.attempts).toBe(1)
  })

  it('ends a batch that it has begun, and begins no other', () => {
    const few = acting((attempt) => attempt > 4)
    expect(slowStart(100, few.act)).toEqual({ successes: 4, error: new Error('refused 5') })
    // 1, 2 and 4
    expect(few.attempts).toBe(7)
  })

  it('does nothing for none', () => {
    expect(slowStart(0, acting(() => true).act)).toEqual({ successes: 0 })
  })
})
