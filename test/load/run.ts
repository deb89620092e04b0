/** `npm run load -- [--seats 200] [--cold]`: a full room, and whether it is as it should be. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { figuresOf, shortcomings, WANTED } from './figures.ts'
import { load } from './load.ts'
import { report } from './report.ts'

const { values } = parseArgs({
  options: {
    seats: { type: 'string', default: '200' },
    /** Seconds that they work once all are in. */
    work: { type: 'string', default: '60' },
    /** No cluster is made before the first participant comes. */
    cold: { type: 'boolean', default: false },
  },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const measured = await load({ seats: Number(values.seats), workFor: Number(values.work) * 1000, warm: !values.cold })
const figures = figuresOf(measured)
report(measured, figures)
const short = shortcomings(figures, WANTED)
for (const each of short) console.log(`Not as it should be: ${each}.`)
process.exitCode = short.length > 0 ? 1 : 0
