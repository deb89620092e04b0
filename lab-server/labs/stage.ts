/** A lab on its cluster, and one step of it watched alone while somebody, or its solution, does it. */
import type { Logger } from 'pino'
import type { Step } from '../../protocol/lab/schema.ts'
import { type CheckRunner, type RunChecksOptions, runChecks } from '../checks/runner.ts'
import { type Clock, sleep } from '../clock.ts'
import type { Cluster } from '../providers/provider.ts'
import type { LabEntry } from './catalogue.ts'

export interface Stage {
  readonly entry: LabEntry
  /** With the lab laid out on it. */
  readonly cluster: Cluster
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** When the lab was laid out, milliseconds since the epoch. */
  readonly startedAt: number
  readonly runChecks?: (options: RunChecksOptions) => CheckRunner
}

/** The longest that a script runs, in milliseconds. */
const RUNS_WITHIN = 240_000
/** What a solution sets in motion is done within this time, in milliseconds. */
const PASSES_WITHIN = 240_000
/** Before commands run, the step's watches are given this long to be there, in milliseconds. */
const WATCHES_OPEN = 1_000
/** Between two looks at whether something is so, in milliseconds. */
export const LOOK_EVERY = 250

/** Checks of a step as the only one of its lab: open at once, whatever comes before it and whatever it needs. */
export function watchAlone(stage: Stage, { needs: _, ...step }: Step): CheckRunner {
  const { entry, cluster, clock, log, startedAt, runChecks: run = runChecks } = stage
  const lab = { ...entry.lab, steps: [step] }
  return run({ lab, kube: cluster.admin, clock, log, progress: {}, startedAt, onChange: () => {} })
}

/** As watchAlone; they are watching when this resolves. */
export async function openAlone(stage: Stage, step: Step): Promise<CheckRunner> {
  const runner = watchAlone(stage, step)
  await sleep(stage.clock, WATCHES_OPEN, stage.signal)
  return runner
}

export const hasPassed = (runner: CheckRunner, { id }: Step) => runner.progress[id] === 'passed'

/** @returns what was found, if the step does not pass within the time, in milliseconds; undefined once it has */
export async function untilPassed(
  { clock, signal }: Stage,
  runner: CheckRunner,
  step: Step,
  within = PASSES_WITHIN,
): Promise<string | undefined> {
  const began = clock.now()
  while (!hasPassed(runner, step)) {
    if (clock.now() - began > within) return foundBy(runner)
    await sleep(clock, LOOK_EVERY, signal)
  }
  return undefined
}

const foundBy = ({ steps }: CheckRunner) =>
  steps
    .flatMap(({ checks }) => checks.filter(({ passed }) => !passed))
    .map(({ title, found }) => `“${title}”: ${found ?? 'nothing was found'}`)
    .join('; ')

/** Runs the step's solution, up to its first command that fails. */
export const runSolution = (stage: Stage, { solution }: Step) => runInTime(stage, `set -e\n${solution}`)

/** Runs a script in the reader's shell; one that takes too long has code 124, as of the command `timeout`. */
export async function runInTime(
  { cluster, clock, signal }: Stage,
  script: string,
): Promise<{ code: number; output: string }> {
  const late = new AbortController()
  const cancel = clock.after(RUNS_WITHIN, () => late.abort())
  try {
    return await cluster.run(script, AbortSignal.any([signal, late.signal]))
  } catch (error) {
    if (!late.signal.aborted || signal.aborted) throw error
    return { code: 124, output: `It was still running after ${RUNS_WITHIN / 1_000} s.` }
  } finally {
    cancel()
  }
}
