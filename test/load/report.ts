import { mebibytes, row, seconds } from '../bench/report.ts'
import { type Figures, type Measured, WANTED } from './figures.ts'

const ms = (value: number) => `${value.toFixed(0)} ms`
const several = (...values: number[]) => values.map(ms).join(' · ')
const share = (cpu: number, time: number) => `${seconds(cpu)}, ${((cpu / time) * 100).toFixed(0)} % of a core`

/** The table of a run. */
export function report({ server, clients, allInAfter, workedFor }: Measured, figures: Figures): void {
  const { seats, refused, echoes, stepsDone } = figures
  row('seats · in · refused', `${seats} · ${figures.in} · ${refused.length}`, 'none refused')
  row('until all are in', seconds(allInAfter), `at most ${seconds(WANTED.allInWithin)}`)
  row('  from Join to the prompt, p50 · p95', several(figures.startP50, figures.startP95))
  row(
    `echo of ${echoes} keys, p50 · p95 · p99`,
    several(figures.echoP50, figures.echoP95, figures.echoP99),
    `p95 at most ${ms(WANTED.echoP95)}`,
  )
  row(
    `board after ${stepsDone} steps, p50 · p95 · most`,
    several(figures.boardP50, figures.boardP95, figures.boardMax),
    `at most ${seconds(WANTED.boardLag)}`,
  )
  row('memory of the server, at most · at the end', `${mebibytes(server.peakRss)} · ${mebibytes(server.rss)}`)
  row('  of the shells beside it', mebibytes(server.shells))
  row('processors, server and shells, while they join', share(server.cpu.joining, allInAfter))
  row('  while they work', share(server.cpu.working, workedFor))
  row('  of the participants’ own process, in all', seconds(clients))
  for (const each of new Set(refused)) console.log(`refused: ${each}`)
}
