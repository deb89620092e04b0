import { expect, it } from 'vitest'
import { Random } from '../clock/random.ts'
import { SortedKeys } from './sorted-keys.ts'

it('holds what a sorted set holds, whatever is added and removed', () => {
  const random = new Random(1)
  const keys = new SortedKeys()
  const model = new Set<string>()
  for (let step = 0; step < 3000; step++) {
    const key = `${random.pick(['a', 'a-b', 'a.b', 'b'])}/${random.below(50)}`
    if (random.chance(0.6)) {
      keys.add(key)
      model.add(key)
    } else {
      keys.remove(key)
      model.delete(key)
    }
    const sorted = [...model].sort()
    expect(keys.size).toBe(sorted.length)
    const probe = `a/${random.below(50)}`
    const index = sorted.findIndex((other) => other >= probe)
    expect(keys.from(probe)).toBe(index < 0 ? sorted.length : index)
  }
  expect(Array.from({ length: keys.size }, (_, index) => keys.at(index))).toEqual([...model].sort())
})
