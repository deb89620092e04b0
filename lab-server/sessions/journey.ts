/** Ways through a lab that are not the reader's own: back to the start of a step, or on to a later one. Pure. */
import type { Lab, Need, Step } from '../../protocol/lab/schema.ts'
import { openOf, type Progress } from '../checks/runner.ts'
import { ReaderError } from '../errors.ts'

export interface Journey {
  readonly kind: 'restart' | 'catch-up'
  /** The step that is open at its end. */
  readonly to: Step
  /** The step at whose start it begins; undefined: as everything stands. Of the lab's first step that is where the lab began. */
  readonly from: Step | undefined
  /** Done by their solutions, in this order. */
  readonly solve: readonly Step[]
  /** What is done when it begins. */
  readonly progress: Progress
}

interface Where {
  readonly lab: Lab
  readonly progress: Progress
  /** What this cluster does not have: steps that need it are passed over. */
  readonly lacks: readonly Need[]
}

/**
 * Back to the start of a step that is open or done. Of the starts that were kept the last one that is not later is the one to begin at; what
 * lies between is done by solutions. Steps before stay what they are.
 * @throws {ReaderError} unknown-step (404), step-locked (409)
 */
export function restart(where: Where, step: string, kept: ReadonlySet<string>): Journey {
  const { lab, progress } = where
  const at = indexOf(lab, step)
  const to = lab.steps[at] as Step
  if (progress[step] === undefined && openOf(lab, progress) !== to) {
    throw new ReaderError('step-locked', 'This step has not been open yet: catch up to it instead.', { status: 409 })
  }
  if (isPassedOver(where, to)) {
    throw new ReaderError('step-locked', 'This step cannot be done on this cluster.', { status: 409 })
  }
  const from = lab.steps.slice(0, at + 1).findLastIndex(({ id }) => kept.has(id))
  const begin = Math.max(0, from)
  const before = lab.steps.slice(0, at)
  return {
    kind: 'restart',
    to,
    from: lab.steps[begin],
    solve: before.slice(begin).filter((one) => !isPassedOver(where, one)),
    progress: only(progress, before),
  }
}

/**
 * From the open step on to a later one.
 * @throws {ReaderError} unknown-step (404), step-not-locked (409)
 */
export function catchUp(where: Where, step: string): Journey {
  const { lab, progress } = where
  const at = indexOf(lab, step)
  const to = lab.steps[at] as Step
  const open = openOf(lab, progress)
  const begin = open === undefined ? lab.steps.length : lab.steps.indexOf(open)
  if (begin >= at || isPassedOver(where, to)) {
    throw new ReaderError('step-not-locked', 'Only to a step that is not open yet can you catch up.', { status: 409 })
  }
  return {
    kind: 'catch-up',
    to,
    from: undefined,
    solve: lab.steps.slice(begin, at).filter((one) => progress[one.id] === undefined && !isPassedOver(where, one)),
    progress,
  }
}

/** Steps from this one on: their starts no longer hold once it is begun again. */
export const fromOn = ({ steps }: Lab, step: Step): readonly Step[] => steps.slice(steps.indexOf(step))

/** Progress of these steps alone. */
export function only(progress: Progress, steps: readonly Step[]): Progress {
  const known = new Set(steps.map(({ id }) => id))
  return Object.fromEntries(Object.entries(progress).filter(([id]) => known.has(id)))
}

const isPassedOver = ({ lacks }: Where, { needs }: Step): boolean => needs !== undefined && lacks.includes(needs)

function indexOf({ steps }: Lab, id: string): number {
  const at = steps.findIndex((step) => step.id === id)
  if (at < 0) throw new ReaderError('unknown-step', `This lab has no step "${id}".`, { status: 404 })
  return at
}
