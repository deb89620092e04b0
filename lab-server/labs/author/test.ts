/** `npm run lab -- test`: every lab on every provider, with a table of times at the end. */
import { join } from 'node:path'
import process from 'node:process'
import { pino } from 'pino'
import { LabFileError } from '../../../protocol/lab/parse.ts'
import { systemClock as clock } from '../../clock.ts'
import { randomIds as ids } from '../../ids.ts'
import { idsOf } from '../catalogue.ts'
import { type ProviderName, providerNames, type TestInstallation, testInstallation } from '../rehearsal/providers.ts'
import { readSources } from '../rehearsal/sources.ts'
import { type TrialReport, tryLab } from '../rehearsal/trial.ts'
import { table } from './table.ts'

export interface TestOptions {
  /** Of the repository. */
  root: string
  /** None: all labs. */
  ids: readonly string[]
  /** Undefined: each that runs here. */
  providers: readonly ProviderName[] | undefined
  /** Labs at the same time; undefined: one on real clusters, four on simulated ones. */
  atOnce: number | undefined
}

interface Result {
  lab: string
  report?: TrialReport
  /** Sentences; none if the lab is right. */
  problems: string[]
}

/** @returns the exit code */
export async function testLabs({ root, ids: wanted, providers, atOnce }: TestOptions): Promise<number> {
  const labs = join(root, 'labs')
  const all = await idsOf(labs)
  const unknown = wanted.filter((id) => !all.includes(id))
  if (unknown.length > 0) {
    console.error(`There is no lab ${unknown.map((id) => `"${id}"`).join(', ')}; there are: ${all.join(', ')}.`)
    return 1
  }
  const chosen = wanted.length > 0 ? wanted : all
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort(new Error('stopped by Ctrl+C')))

  let failed = 0
  for (const name of providers ?? providerNames) {
    const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true }))
    const installation = await testInstallation(name, labs, { clock, ids, log, environment: process.env })
    try {
      const availability = await installation.provider.probe()
      if (!availability.available) {
        console.log(`\n${name}: cannot run here. ${availability.reason}`)
        // What was asked for by its name and cannot run has failed.
        if (providers) failed++
        continue
      }
      const results = await tryAll(root, chosen, installation, atOnce, stop.signal)
      failed += results.filter(({ problems }) => problems.length > 0).length
      console.log(`\n${name}\n${tableOf(results)}`)
    } finally {
      await installation.close()
    }
    if (stop.signal.aborted) return 130
  }
  console.log(
    failed === 0 ? '\nAll labs are right.' : `\n${failed} ${failed === 1 ? 'lab has' : 'labs have'} problems.`,
  )
  return failed === 0 ? 0 : 1
}

async function tryAll(
  root: string,
  labs: readonly string[],
  { provider }: TestInstallation,
  atOnce = provider.simulated ? 4 : 1,
  signal: AbortSignal,
): Promise<Result[]> {
  const queue = [...labs]
  const results: Result[] = []
  const log = pino({ level: 'error' }, pino.destination({ dest: 2, sync: true }))

  async function tryOne(lab: string): Promise<Result> {
    const say = (text: string) => console.log(`${provider.name} ${lab}: ${text}`)
    try {
      const { missing, ...sources } = await readSources(root, lab)
      for (const sentence of missing) say(sentence)
      const report = await tryLab({
        ...sources,
        provider,
        clock,
        ids,
        log,
        signal,
        onStep: ({ step, mistakesMs, solutionMs, tickMs }) =>
          say(
            `${step}: mistakes ${seconds(mistakesMs)}, solution ${seconds(solutionMs)}, tick after ${seconds(tickMs)}`,
          ),
      })
      say(`right within ${seconds(report.totalMs)}; the page alone does ${report.page.done.join(', ') || 'no step'}`)
      return { lab, report, problems: missing }
    } catch (error) {
      if (signal.aborted) return { lab, problems: ['stopped'] }
      const message = error instanceof Error ? error.message : String(error)
      say(error instanceof LabFileError ? `\n${message}` : message)
      return { lab, problems: [message] }
    }
  }

  async function lane(): Promise<void> {
    for (let lab = queue.shift(); lab !== undefined && !signal.aborted; lab = queue.shift())
      results.push(await tryOne(lab))
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return results.sort((a, b) => labs.indexOf(a.lab) - labs.indexOf(b.lab))
}

const tableOf = (results: readonly Result[]) =>
  table(
    ['lab', 'cluster', 'solutions', 'page', 'blocks', 'in all', 'result'],
    results.map(({ lab, report, problems }) => [
      lab,
      ...(report
        ? [
            seconds(report.clusterMs),
            seconds(report.solutionsMs),
            seconds(report.pageMs),
            String(report.page.blocks),
            seconds(report.totalMs),
          ]
        : ['', '', '', '', '']),
      problems.length === 0 ? 'right' : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`,
    ]),
  )

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
