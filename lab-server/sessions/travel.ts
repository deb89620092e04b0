/** Goes a journey on a cluster: back to where it begins, and through the steps that are done on the way. */
import type { Need, Step } from '../../protocol/lab/schema.ts'
import type { Progress } from '../checks/runner.ts'
import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import type { Stage } from '../labs/stage.ts'
import type { Cluster } from '../providers/provider.ts'
import { fromOn, type Journey, only, restart } from './journey.ts'
import type { StepStarts } from './step-starts.ts'

/** How a lab is laid out anew, and a step done by its solution. */
export interface Means {
  resetLab(cluster: Cluster, entry: LabEntry, signal: AbortSignal): Promise<void>
  /** @throws {ReaderError} with why the step could not be done */
  solveStep(step: Step, stage: Pick<Stage, 'cluster' | 'entry' | 'signal' | 'startedAt'>): Promise<void>
}

/** The session that is on its way: read anew at each step, as its author may change the lab meanwhile. */
export interface Traveller {
  readonly cluster: Cluster
  readonly entry: LabEntry
  readonly lacks: readonly Need[]
  readonly starts: StepStarts
  readonly signal: AbortSignal
  progress: Progress
  /** Since when events count for the lab's checks. */
  startedAt: number
  /** Called before each step that is done for the reader. */
  at(step: Step): void
}

export interface TravelOptions extends Means {
  clock: Clock
}

/** @throws {ReaderError} journey-failed, reset-failed; rejects when it is aborted */
export async function travel(journey: Journey, who: Traveller, options: TravelOptions): Promise<void> {
  const { from, solve, to, kind } = journey
  const { starts, signal } = who
  if (from !== undefined) {
    if (!(await backTo(from, who, options))) {
      // That start is lost: there is another way
      const where = {
        lab: who.entry.lab,
        lacks: who.lacks,
        progress: { ...journey.progress, [to.id]: 'passed' as const },
      }
      return travel(restart(where, to.id, starts.kept), who, options)
    }
    const lost = fromOn(who.entry.lab, from).filter((step) => step !== from)
    starts.forget(lost.map(({ id }) => id))
  }
  for (const step of solve) {
    who.at(step)
    await solveOnTheWay(step, who, options)
    if (kind === 'catch-up') who.progress = { ...who.progress, [step.id]: 'skipped' }
    const next = fromOn(who.entry.lab, step)[1]
    if (next !== undefined) await starts.take(next.id)
    signal.throwIfAborted()
  }
}

/**
 * False if the start of that step is not to be had. The lab's own start always is.
 * @throws {ReaderError} reset-failed; rejects when it is aborted
 */
export async function backTo(step: Step, who: Traveller, { clock, resetLab }: TravelOptions): Promise<boolean> {
  const { cluster, entry, starts, signal } = who
  if (await starts.restore(step.id, signal)) return true
  if (step !== entry.lab.steps[0]) return false
  try {
    await resetLab(cluster, entry, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw new ReaderError('reset-failed', 'The lab could not be put back: end it and start a new one.', {
      cause: error,
    })
  }
  who.startedAt = clock.now()
  starts.forget(starts.kept)
  await starts.take(step.id)
  return true
}

/** The step, by its solution. What it leaves half done is undone where that can be. */
async function solveOnTheWay(step: Step, who: Traveller, { solveStep }: TravelOptions): Promise<void> {
  const { cluster, entry, starts, signal, startedAt } = who
  try {
    await solveStep(step, { entry, cluster, signal, startedAt })
  } catch (error) {
    signal.throwIfAborted()
    const { steps } = entry.lab
    who.progress = only(who.progress, steps.slice(0, steps.indexOf(step)))
    const undone = await starts.restore(step.id, signal)
    const name = `Step ${steps.indexOf(step) + 1}, “${step.title}”, could not be done for you`
    const where = undone
      ? 'You are at its start.'
      : 'What its solution has done so far is still there: start the step again, or do it yourself.'
    throw new ReaderError('journey-failed', `${name}: ${sentenceOf(error)}. ${where}`, { cause: error })
  }
}

/** Of a journey that ended on its way, for the reader. */
export const sentenceOf = (error: unknown): string =>
  error instanceof ReaderError ? error.message : 'something went wrong, of which the server’s log says more'
