/** A small room under load; `npm run load` fills a large one. Times are printed, as the machine may have other things to do. */
import { expect, it } from 'vitest'
import { figuresOf } from './figures.ts'
import { load } from './load.ts'
import { report } from './report.ts'

const SEATS = 20
const WORK_MS = 30_000

it('takes a room of twenty in, refuses nobody, and tells the host of each step', { timeout: 5 * 60_000 }, async () => {
  const measured = await load({ seats: SEATS, workFor: WORK_MS })
  const figures = figuresOf(measured)
  report(measured, figures)
  expect(figures).toMatchObject({ refused: [], in: SEATS, untold: 0 })
  expect(figures.echoes).toBeGreaterThan(SEATS)
})
