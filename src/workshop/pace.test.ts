import { expect, it } from 'vitest'
import { stepsOpen } from './pace.ts'

const labs = ['one', 'two', 'three']

it('opens all of the labs before the one that the pace names, so many steps of it, and nothing of those after', () => {
  const open = labs.map((lab) => stepsOpen({ lab: 'two', step: 3 }, labs, lab))
  expect(open).toEqual([Number.POSITIVE_INFINITY, 3, 0])
})

it('opens everything without a pace, and of labs that are not in the workshop', () => {
  expect(stepsOpen(null, labs, 'three')).toBe(Number.POSITIVE_INFINITY)
  expect(stepsOpen({ lab: 'one', step: 1 }, labs, 'elsewhere')).toBe(Number.POSITIVE_INFINITY)
})
