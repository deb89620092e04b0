/** When each step of a seat was opened and done. Pure. */
import type { SessionView, StepView } from '../../protocol/session.ts'

export interface Milestone {
  seat: string
  lab: string
  step: string
  /** When it was first open. */
  openedAt: number
  /** How and when it was done first, and a step that was passed over is done once it passes. Null while it is not. */
  how: 'passed' | 'skipped' | null
  doneAt: number | null
}

/** What a view of a seat's session adds to what is known of it. Steps that this cluster lacks something for are nobody's. */
export function milestonesIn(view: SessionView, seat: string, known: readonly Milestone[]): Milestone[] {
  if (view.status.state !== 'ready') return []
  return view.steps.flatMap((step) => {
    const before = known.find((one) => one.lab === view.lab && one.step === step.id)
    const after = step.lacks === undefined ? next(before, step, { seat, lab: view.lab, at: view.now }) : undefined
    return after ? [after] : []
  })
}

function next(
  before: Milestone | undefined,
  { id: step, status }: StepView,
  { seat, lab, at }: { seat: string; lab: string; at: number },
): Milestone | undefined {
  if (status === 'locked') return undefined
  const opened = before ?? { seat, lab, step, openedAt: at, how: null, doneAt: null }
  if (status === 'open') return before ? undefined : opened
  if (opened.how === 'passed' || opened.how === status) return undefined
  return { ...opened, how: status, doneAt: at }
}
