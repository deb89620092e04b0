/** Runs a lab's checks against its cluster: step after step, the first that is not done is open. */
import type { Logger } from 'pino'
import type { Check, Lab, Need, Step } from '../../protocol/lab/schema.ts'
import type { StepView } from '../../protocol/session.ts'
import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { KubeConnection, WatchEvent } from '../kube/connection.ts'
import { type Observer, observe } from './observers.ts'
import { type OpenStep, openStep } from './open-step.ts'

/** Steps that are done, by id; what is not in it is open or locked. */
export type Progress = Record<string, 'passed' | 'skipped'>

export interface CheckRunner {
  readonly steps: StepView[]
  /** A copy, for the store. */
  readonly progress: Progress
  /** @throws {ReaderError} unknown-step (404), step-not-open (409) */
  skip(step: string): void
  /** Steps after so many stay locked; null: none do. What is done stays done. */
  openUpTo(steps: number | null): void
  /** Ends all watches, requests and timers; no `onChange` comes after it. */
  close(): void
}

export interface RunChecksOptions {
  lab: Lab
  kube: KubeConnection
  clock: Clock
  log: Logger
  /** As it was when the checks last ran. */
  progress: Progress
  /** What this cluster does not have: steps that need it are skipped from the start. */
  lacks?: readonly Need[]
  /** Steps after so many stay locked; null or left out: none do. */
  upTo?: number | null
  /** When the reader's lab began, milliseconds since the epoch: events `since: start` count from here. */
  startedAt: number
  /** The steps or the progress are others than before. Never called before `runChecks` has returned. */
  onChange(runner: CheckRunner): void
}

/** The first step that is neither passed nor skipped. Pure. */
export const openOf = (lab: Lab, progress: Progress): Step | undefined =>
  lab.steps.find((step) => progress[step.id] === undefined)

export function runChecks({
  lab,
  kube,
  clock,
  log,
  lacks = [],
  startedAt,
  onChange,
  ...options
}: RunChecksOptions): CheckRunner {
  const progress: Progress = { ...options.progress }
  const lackOf = ({ needs }: Step) => (needs !== undefined && lacks.includes(needs) ? needs : undefined)
  for (const step of lab.steps) if (lackOf(step) !== undefined) progress[step.id] ??= 'skipped'
  let upTo = options.upTo ?? null
  const faults = new Set<string>()
  let closed = false
  let open: { step: Step; watched: OpenStep } | undefined
  /** The steps and progress that `onChange` last told, or that there were at the start. */
  let told = ''

  // Recorders of events run from the start, so that nothing is missed between two steps; each finds its ear when its step opens.
  const recorders = new Map<Check, { observer: Observer; listen(changed: (event?: WatchEvent) => void): Observer }>()
  const surroundings = { kube, clock, log, startedAt }

  function record(check: Check): void {
    let changed: ((event?: WatchEvent) => void) | undefined
    const observer = observe(check, { ...surroundings, changed: (event) => changed?.(event) })
    recorders.set(check, {
      observer,
      listen(listener) {
        changed = listener
        return observer
      },
    })
  }

  const isAhead = (step: Step) => upTo !== null && lab.steps.indexOf(step) >= upTo

  function openNext(): void {
    const step = openOf(lab, progress)
    if (!step || isAhead(step)) return
    const watched = openStep({
      step,
      clock,
      observers: step.checks.map((check) => (changed) => {
        return recorders.get(check)?.listen(changed) ?? observe(check, { ...surroundings, changed })
      }),
      onChange: tell,
      onPass: () => finish(step, 'passed'),
      onFault(fault) {
        if (faults.has(fault)) return
        faults.add(fault)
        log.warn({ step: step.id, fault }, 'check at fault')
      },
    })
    open = { step, watched }
  }

  function finish(step: Step, how: 'passed' | 'skipped'): void {
    open?.watched.close()
    open = undefined
    progress[step.id] = how
    openNext()
    tell()
  }

  function tell(): void {
    if (closed) return
    const now = state()
    if (now === told) return
    told = now
    onChange(runner)
  }

  const state = () => JSON.stringify([views(), progress])

  const views = (): StepView[] =>
    lab.steps.map((step) => {
      const { id } = step
      if (open?.step === step) return { id, status: 'open', checks: open.watched.checks, tried: open.watched.tried }
      const passed = progress[id] === 'passed'
      const checks = step.checks.map(({ title }) => ({ title, passed }))
      const lack = lackOf(step)
      const view: StepView = { id, status: progress[id] ?? 'locked', checks, tried: false }
      return lack === undefined ? view : { ...view, lacks: lack }
    })

  const runner: CheckRunner = {
    get steps() {
      return views()
    },
    get progress() {
      return { ...progress }
    },
    skip(id) {
      const step = lab.steps.find((candidate) => candidate.id === id)
      if (!step) throw new ReaderError('unknown-step', `This lab has no step "${id}".`, { status: 404 })
      if (open?.step !== step)
        throw new ReaderError('step-not-open', 'Only the step that is open can be skipped.', { status: 409 })
      finish(step, 'skipped')
    },
    openUpTo(steps) {
      upTo = steps
      if (open && isAhead(open.step)) {
        open.watched.close()
        open = undefined
      }
      if (!open) openNext()
      tell()
    },
    close() {
      closed = true
      open?.watched.close()
      for (const { observer } of recorders.values()) observer.close()
    },
  }

  const ahead = lab.steps.filter((step) => progress[step.id] === undefined)
  for (const check of ahead.flatMap((step) => step.checks)) if ('events' in check) record(check)
  openNext()
  told = state()
  return runner
}
