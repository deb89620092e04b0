/** Does a step of a lab for the reader. */
import type { Logger } from 'pino'
import type { Step } from '../../protocol/lab/schema.ts'
import { type CheckRunner, type RunChecksOptions, runChecks } from '../checks/runner.ts'
import { type Clock, sleep } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { Cluster } from '../providers/provider.ts'
import type { LabEntry } from './catalogue.ts'

export interface Solving {
  readonly entry: LabEntry
  readonly cluster: Cluster
  readonly clock: Clock
  readonly log: Logger
  /** When the lab began, milliseconds since the epoch. */
  readonly startedAt: number
  readonly signal: AbortSignal
  readonly runChecks?: (options: RunChecksOptions) => CheckRunner
}

/** The longest that a solution runs, and that its step then takes to pass, in milliseconds. */
const RUNS_WITHIN = 240_000
const PASSES_WITHIN = 240_000
/** Before a solution runs, its step's watches are given this long to be there, in milliseconds. */
const WATCHES_OPEN = 500
/** Between two looks at whether the step has passed, in milliseconds. */
const LOOK_EVERY = 100
/** Characters of what a solution said last that are shown. */
const SHOWN = 300

/**
 * Runs the step's solution and waits until its checks hold.
 * @throws {ReaderError} solution-failed, with why; or what the signal was aborted with
 */
export async function solveStep(
  { entry, signal, runChecks: run = runChecks, ...solving }: Solving,
  step: Step,
): Promise<void> {
  const { cluster, clock, log, startedAt } = solving
  const { needs: _, ...alone } = step
  const lab = { ...entry.lab, steps: [alone] }
  const runner = run({ lab, kube: cluster.admin, clock, log, progress: {}, startedAt, onChange: () => {} })
  try {
    await sleep(clock, WATCHES_OPEN, signal)
    const { code, output } = await inTime(solving, step, signal)
    if (code !== 0) {
      const said = output.trim().slice(-SHOWN).split('\n').at(-1) ?? ''
      throw failed(`its solution ended with code ${code}${said === '' ? '' : `: ${said}`}`)
    }
    const ran = clock.now()
    while (runner.progress[step.id] === undefined) {
      if (clock.now() - ran > PASSES_WITHIN) throw failed(foundBy(runner))
      await sleep(clock, LOOK_EVERY, signal)
    }
  } finally {
    runner.close()
  }
}

async function inTime(
  { cluster, clock }: Pick<Solving, 'cluster' | 'clock'>,
  { solution }: Step,
  signal: AbortSignal,
): Promise<{ code: number; output: string }> {
  const late = new AbortController()
  const cancel = clock.after(RUNS_WITHIN, () => late.abort(failed('its solution takes too long')))
  try {
    return await cluster.run(solution, AbortSignal.any([signal, late.signal]))
  } finally {
    cancel()
  }
}

const failed = (why: string) => new ReaderError('solution-failed', why, { status: 409 })

const foundBy = ({ steps }: CheckRunner): string =>
  `its solution ran, but it does not pass: ${steps
    .flatMap(({ checks }) => checks.filter(({ passed }) => !passed))
    .map(({ title, found }) => `“${title}”: ${found ?? 'nothing was found'}`)
    .join('; ')}`
