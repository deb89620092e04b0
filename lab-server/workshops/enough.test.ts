import { describe, expect, it } from 'vitest'
import { requireEnough, warnedOf } from './enough.ts'

const bears = { most: 40, seats: 30, limit: 'Memory: 3 GiB are free.' }
const workshop = (startsAt: number, seats: number, provider = 'kind') => ({
  startsAt,
  endsAt: startsAt + 10,
  seats,
  provider,
})
const refusal = (seats: number, others: ReturnType<typeof workshop>[] = []) => {
  try {
    requireEnough(workshop(0, seats), others, bears)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

describe('a workshop with more seats than the machine bears', () => {
  it('is refused, with what would raise it', () => {
    expect(refusal(40)).toBeUndefined()
    expect(refusal(41)).toBe('This server has at most 40 such clusters. Memory: 3 GiB are free.')
  })

  it('also where others have been promised theirs at that time', () => {
    expect(refusal(21, [workshop(9, 20), workshop(10, 40), workshop(0, 40, 'embedded')])).toBe(
      'This server has at most 40 such clusters and 20 of them are promised to other workshops at that time. Memory: 3 GiB are free.',
    )
    expect(refusal(20, [workshop(9, 20)])).toBeUndefined()
  })

  it('is warned of where it would only be slow', () => {
    expect(warnedOf(workshop(0, 30), [], bears)).toBeUndefined()
    expect(warnedOf(workshop(0, 30), [workshop(-9, 1)], bears)).toBe(
      '31 seats are more than this machine bears well at this moment, which is 30. Memory: 3 GiB are free.',
    )
  })
})
