/** One step while it is open: its checks are judged whenever something changes, until all of them hold at once. */
import { milliseconds } from '../../protocol/lab/duration.ts'
import type { Step } from '../../protocol/lab/schema.ts'
import type { CheckView } from '../../protocol/session.ts'
import type { Clock } from '../clock.ts'
import type { KubeObject, WatchEvent } from '../kube/connection.ts'
import type { Observer } from './observers.ts'
import { createJudge, type Judge, type Verdict } from './verdict.ts'

/** Least time between two judgements, in milliseconds: a cluster in full motion must not keep the server busy. */
export const JUDGE_EVERY = 100
/** A step that has not passed this long after the last change that the reader's doing led to has been tried, in milliseconds. */
export const TRIED_AFTER_CHANGE = 3_000
/** A step open for this long has been tried, whatever happened, in milliseconds. */
export const TRIED_AFTER_OPENING = 60_000

interface WatchedCheck {
  title: string
  judge: Judge
  observer: Observer
  /** Milliseconds for which it must have held; 0 for at once. */
  stays: number
  /** Since when it has held without a break. */
  heldSince: number | undefined
  verdict: Verdict
  /** Held, and for long enough. */
  passed: boolean
}

export interface OpenStep {
  readonly checks: CheckView[]
  readonly tried: boolean
  close(): void
}

interface Options {
  step: Step
  clock: Clock
  /** One for each check, not begun yet. */
  observers: ((changed: (event?: WatchEvent) => void) => Observer)[]
  onChange(): void
  onPass(): void
  /** Faults of checks: told once each. */
  onFault(fault: string): void
}

export function openStep({ step, observers, clock, onChange, onPass, onFault }: Options): OpenStep {
  let closed = false
  let tried = false
  let acted = false
  let judgedAt = Number.NEGATIVE_INFINITY
  const timers = new Map<'judge' | 'stays' | 'tried' | 'opened', () => void>()

  const set = (name: 'judge' | 'stays' | 'tried' | 'opened', ms: number, call: () => void) => {
    timers.get(name)?.()
    timers.set(
      name,
      clock.after(ms, () => {
        timers.delete(name)
        call()
      }),
    )
  }

  const checks: WatchedCheck[] = step.checks.map((check, index) => {
    const create = observers[index] as (typeof observers)[number]
    const watched: WatchedCheck = {
      title: check.title,
      judge: createJudge(check),
      observer: create((event) => changed(watched, event)),
      stays: milliseconds(check.stays),
      heldSince: undefined,
      verdict: { holds: false },
      passed: false,
    }
    return watched
  })

  const look = (check: WatchedCheck) => {
    const { sight } = check.observer
    check.verdict = sight ? check.judge.judge(sight) : { holds: false }
    if (check.verdict.fault !== undefined) onFault(check.verdict.fault)
    if (!check.verdict.holds) check.heldSince = undefined
    else check.heldSince ??= clock.now()
  }

  /** Whether a check's answers are from before another check came to hold: all of them must hold at once. */
  function isLate(check: WatchedCheck): boolean {
    const { sight } = check.observer
    if (sight?.kind !== 'answers') return false
    return checks.some((other) => other !== check && (other.heldSince ?? 0) > sight.askedAt)
  }

  function changed(check: WatchedCheck, event: WatchEvent | undefined): void {
    if (closed) return
    // A break that is mended before the next judgement is a break all the same.
    if (check.stays > 0) look(check)
    if (event) {
      for (const other of checks) if (other !== check) other.observer.nudge()
      acted ||= isDoing(event)
      if (acted && !tried) set('tried', TRIED_AFTER_CHANGE, markTried)
    }
    if (!timers.has('judge')) set('judge', Math.max(0, judgedAt + JUDGE_EVERY - clock.now()), judge)
  }

  function judge(): void {
    const now = clock.now()
    judgedAt = now
    let soonest = Number.POSITIVE_INFINITY
    for (const check of checks) {
      look(check)
      const left = check.heldSince === undefined ? undefined : check.heldSince + check.stays - now
      check.passed = left !== undefined && left <= 0
      if (left !== undefined && left > 0) soonest = Math.min(soonest, left)
    }
    if (checks.every((check) => check.passed)) {
      const late = checks.filter(isLate)
      if (late.length === 0) {
        onPass()
        return
      }
      for (const check of late) check.observer.nudge()
    }
    if (soonest < Number.POSITIVE_INFINITY) set('stays', soonest, judge)
    onChange()
  }

  function markTried(): void {
    tried = true
    onChange()
  }

  set('opened', TRIED_AFTER_OPENING, markTried)
  set('judge', 0, judge)
  for (const check of checks) check.observer.begin()

  return {
    get checks() {
      return checks.map(view)
    },
    get tried() {
      return tried
    },
    close() {
      closed = true
      for (const cancel of timers.values()) cancel()
      timers.clear()
      for (const check of checks) check.observer.close()
    },
  }
}

function view({ title, passed, verdict, stays }: WatchedCheck): CheckView {
  if (passed) return { title, passed }
  const found = verdict.holds ? `So it is now; it has to stay so for ${stays / 1_000} s.` : verdict.found
  return { title, passed, ...(found === undefined ? {} : { found }) }
}

/** Whether an event is a person's doing or follows from it, not only the news of a status. */
function isDoing(event: WatchEvent): boolean {
  return event.type !== 'MODIFIED' || wishOf(event.object) !== wishOf(event.old)
}

/** What a person can set: everything but the status and what the API server keeps in metadata. */
function wishOf({ status: _status, metadata, ...rest }: KubeObject): string {
  const { labels, annotations, deletionTimestamp } = metadata
  return JSON.stringify([rest, labels, annotations, deletionTimestamp])
}
