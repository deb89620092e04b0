import { describe, expect, it } from 'vitest'
import { idsFrom } from './ids.ts'
import { Random } from './random.ts'

const draw = (random: Random, count = 8) => Array.from({ length: count }, () => random.uint32())

describe('Random', () => {
  it('gives the same sequence for the same seed, another for another', () => {
    expect(draw(new Random(7))).toEqual(draw(new Random(7)))
    expect(draw(new Random('lab'))).toEqual(draw(new Random('lab')))
    expect(draw(new Random(7))).not.toEqual(draw(new Random(8)))
  })

  it('splits off sequences that do not depend on what was drawn before', () => {
    const used = new Random(7)
    draw(used, 100)
    expect(draw(used.split('scheduler'))).toEqual(draw(new Random(7).split('scheduler')))
    expect(draw(used.split('scheduler'))).not.toEqual(draw(used.split('kubelet')))
    expect(draw(new Random(7).split('a'))).not.toEqual(draw(new Random(8).split('a')))
  })

  it('goes on where it was saved', () => {
    const random = new Random(3)
    draw(random, 5)
    const copy = Random.restore(JSON.parse(JSON.stringify(random.save())))
    expect(draw(copy)).toEqual(draw(random))
    expect(draw(copy.split('x'))).toEqual(draw(random.split('x')))
  })

  it('spreads evenly', () => {
    const random = new Random(1)
    const counts = new Array<number>(10).fill(0)
    for (let index = 0; index < 100_000; index++) {
      const value = random.below(10)
      counts[value] = (counts[value] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
    for (let index = 0; index < 1000; index++) {
      const value = random.between(2, 3)
      expect(value).toBeGreaterThanOrEqual(2)
      expect(value).toBeLessThan(3)
    }
    expect(random.shuffle([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5])
    expect(() => random.pick([])).toThrow(RangeError)
  })
})

describe('ids', () => {
  it('are UUIDs of version 4 and suffixes without vowels', () => {
    const ids = idsFrom(new Random(1))
    const seen = new Set<string>()
    for (let index = 0; index < 1000; index++) {
      const uid = ids.uid()
      expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      seen.add(uid)
      expect(ids.suffix()).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    }
    expect(seen.size).toBe(1000)
    expect(ids.suffix(9)).toHaveLength(9)
  })
})
