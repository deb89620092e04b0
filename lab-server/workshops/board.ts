/** What the board shows of a room: a row for each seat, and how the room stands at each step. Pure. */
import type { SessionView } from '../../protocol/session.ts'
import type { BoardRow, Heat } from '../../protocol/workshop.ts'
import type { Milestone } from './milestones.ts'
import type { Seat } from './workshop.ts'

/** A lab of the workshop, as far as the board needs it. */
export interface BoardLab {
  id: string
  /** `optional`: there are clusters that cannot do it, where it is nobody's. */
  steps: readonly { id: string; title: string; optional: boolean }[]
}

/** What is known of somebody. */
export interface SeatFacts {
  seat: Pick<Seat, 'id' | 'name' | 'handAt'>
  /** Whether a page of theirs is open. */
  here: boolean
  watchedBy: string | null
  /** Whether that host may type. */
  typing: BoardRow['typing']
  /** The lab that they were last at, whether it runs or has ended. */
  current: {
    view: SessionView
    lastInputAt: number /** When its open step was last opened. */
    openedAt: number
  } | null
  milestones: readonly Milestone[]
}

/** Of so many who have done a step it can be said how long it takes. */
const ENOUGH = 3
/** Milliseconds. A step that takes less is done before anybody can be stuck in it. */
const LEAST_MEDIAN = 30_000

/** Without the pace, which changes as time goes by. */
export function rowOf(facts: SeatFacts, labs: readonly BoardLab[], over: boolean): BoardRow {
  const { seat, here, watchedBy, typing, current, milestones } = facts
  const running = current !== null && current.view.status.state !== 'ended' ? current : null
  const open = running?.view.status.state === 'ready' ? running.view.steps.find((step) => step.status === 'open') : null
  const lab = current?.view.lab ?? milestones.at(-1)?.lab ?? null
  const failing = open?.checks.find(({ passed }) => !passed)
  return {
    seat: seat.id,
    name: seat.name,
    hand: seat.handAt !== null,
    handAt: seat.handAt,
    here,
    lab,
    step: running && open ? running.view.steps.indexOf(open) + 1 : null,
    steps: current?.view.steps.length ?? labs.find(({ id }) => id === lab)?.steps.length ?? 0,
    stepSince: running && open ? openSince(milestones, running.view.lab, open.id, running.openedAt) : null,
    failing: failing ? { title: failing.title, found: failing.found ?? null } : null,
    pace: null,
    lastInputAt: current?.lastInputAt ?? null,
    state: open ? 'working' : stateOf({ ...facts, running: running !== null }, labs, over),
    shells: (running?.view.shells ?? []).filter(({ state }) => state === 'running').map(({ id }) => id),
    watchedBy,
    typing,
  }
}

/** A step that was done and is open again has been so since it was opened last. */
function openSince(milestones: readonly Milestone[], lab: string, step: string, openedAt: number): number {
  const known = milestones.find((one) => one.lab === lab && one.step === step)
  return known && known.doneAt === null ? known.openedAt : openedAt
}

/** Of somebody who has no step open: `waiting` is for the host, the others, the cluster or the next lab. */
function stateOf(
  { current, milestones, running, here }: SeatFacts & { running: boolean },
  labs: readonly BoardLab[],
  over: boolean,
): BoardRow['state'] {
  const isDone = (lab: BoardLab) => isLabDone(lab, milestones, current?.view)
  if (labs.length > 0 && labs.every(isDone)) return 'done'
  if (running && !over) return 'waiting'
  const begun = current !== null || milestones.length > 0
  if (over) return begun ? 'ended' : 'absent'
  const last = labs.find(({ id }) => id === (current?.view.lab ?? milestones.at(-1)?.lab))
  if (last && !isDone(last)) return 'ended'
  return here ? 'waiting' : 'absent'
}

function isLabDone(lab: BoardLab, milestones: readonly Milestone[], view: SessionView | undefined): boolean {
  if (view?.lab === lab.id && view.steps.every(({ status }) => status === 'passed' || status === 'skipped')) return true
  return lab.steps.every(({ id, optional }) => {
    const known = milestones.find((one) => one.lab === lab.id && one.step === id)
    return known ? known.doneAt !== null : optional
  })
}

/** Steps in the order of the labs. */
export function heatOf(labs: readonly BoardLab[], rows: Iterable<BoardRow>, milestones: Iterable<Milestone>): Heat[] {
  const heat = labs.flatMap((lab) =>
    lab.steps.map(({ id: step, title }, index) => ({ lab: lab.id, step, number: index + 1, title })),
  )
  const open = countBy(rows, ({ state, lab, step }) => (state === 'working' ? `${lab} ${step}` : undefined))
  const done = Map.groupBy(milestones, ({ lab, step }) => `${lab} ${step}`)
  return heat.map((at) => {
    const all = done.get(`${at.lab} ${at.step}`) ?? []
    const passed = all.filter(({ how }) => how === 'passed')
    return {
      ...at,
      open: open.get(`${at.lab} ${at.number}`) ?? 0,
      passed: passed.length,
      skipped: all.filter(({ how }) => how === 'skipped').length,
      medianMs: median(passed.map(({ openedAt, doneAt }) => (doneAt ?? openedAt) - openedAt)),
    }
  })
}

/** Time in the open step against the room's median for it, with one decimal; null while too few have done it. */
export function paceOf(row: BoardRow, heat: readonly Heat[], now: number): number | null {
  if (row.state !== 'working' || row.stepSince === null) return null
  const at = heat.find(({ lab, number }) => lab === row.lab && number === row.step)
  if (!at || at.medianMs === null || at.passed < ENOUGH) return null
  return Math.round(((now - row.stepSince) / Math.max(at.medianMs, LEAST_MEDIAN)) * 10) / 10
}

/** Of an even number, the mean of the two in the middle; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? null : Math.round((low + high) / 2)
}

function countBy<T>(all: Iterable<T>, keyOf: (one: T) => string | undefined): Map<string, number> {
  const counts = new Map<string, number>()
  for (const one of all) {
    const key = keyOf(one)
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}
