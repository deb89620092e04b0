/** `npm run load -- [--seats 200]`: a full room, and whether it is as it should be. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { mebibytes, row, seconds } from '../bench/report.ts'
import { figuresOf, shortcomings, WANTED } from './figures.ts'
import { load } from './load.ts'

const { values } = parseArgs({
  options: { seats: { type: 'string', default: '200' }, work: { type: 'string', default: '60' } },
})
const seats = Number(values.seats)
const workFor = Number(values.work) * 1000

const measured = await load({ seats, workFor })
const figures = figuresOf(measured)
const { server, clients, allInAfter } = measured
const ms = (value: number) => `${value.toFixed(0)} ms`
const three = (...values: number[]) => values.map(ms).join(' · ')
const share = (cpu: number, time: number) => `${((cpu / time) * 100).toFixed(0)} % of a core`

row('seats; in; refused', `${seats}; ${figures.in}; ${figures.refused.length}`, 'none refused')
row('until all are in', seconds(allInAfter), `at most ${seconds(WANTED.allInWithin)}`)
row('  from Join to the prompt, p50 · p95', three(figures.startP50, figures.startP95))
row(
  `echo of ${figures.echoes} keys, p50 · p95 · p99`,
  three(figures.echoP50, figures.echoP95, figures.echoP99),
  `p95 at most ${WANTED.echoP95} ms`,
)
row(
  `steps done: ${figures.stepsDone}; the board later by, p50 · p95 · max`,
  three(figures.boardP50, figures.boardP95, figures.boardMax),
  `at most ${seconds(WANTED.boardLag)}`,
)
row('memory of the server, peak · at the end', `${mebibytes(server.peakRss)} · ${mebibytes(server.rss)}`)
row('  of the shells beside it', mebibytes(server.shells))
row(
  'processors, server and shells, while joining',
  `${seconds(server.cpu.joining)} = ${share(server.cpu.joining, allInAfter)}`,
)
row('  while working', `${seconds(server.cpu.working)} = ${share(server.cpu.working, measured.workedFor)}`)
row('  of the participants’ own process, in all', seconds(clients))
for (const each of new Set(figures.refused)) console.log(`refused: ${each}`)
const short = shortcomings(figures, WANTED)
for (const each of short) console.log(`NOT: ${each}`)
process.exitCode = short.length > 0 ? 1 : 0
