/** All scenarios on the engine alone, its clock as fast as there is something to do: what each asserts of itself holds. */
import { describe, expect, it } from 'vitest'
import { playEngine } from './play-engine.ts'
import { themes } from './themes/index.ts'

/** A scenario takes less than a second, and a day of CronJobs some; in ms. */
const LONGEST = 60_000

describe.each(themes)('$name', ({ scenarios }) => {
  it.each(scenarios)(
    '$name',
    async (scenario) => {
      const { tape, failures } = await playEngine(scenario)
      expect(tape.failure).toBeUndefined()
      expect(failures).toEqual([])
    },
    LONGEST,
  )
})
