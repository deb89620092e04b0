import { expect, it } from 'vitest'
import type { SessionView, StepView } from '../../protocol/session.ts'
import { type Milestone, milestonesIn } from './milestones.ts'

const view = (now: number, statuses: StepView['status'][], part: Partial<SessionView> = {}) =>
  ({
    lab: 'scaling',
    status: { state: 'ready' },
    steps: statuses.map((status, index) => ({ id: `step-${index + 1}`, status, checks: [], tried: false })),
    now,
    ...part,
  }) as unknown as SessionView

const milestone = (part: Partial<Milestone>): Milestone => ({
  seat: 's',
  lab: 'scaling',
  step: 'step-1',
  openedAt: 10,
  how: null,
  doneAt: null,
  ...part,
})

it('writes down when a step is first open, and when and how it is done', () => {
  expect(milestonesIn(view(10, ['open', 'locked']), 's', [])).toEqual([milestone({})])
  const passed = milestone({ how: 'passed', doneAt: 20 })
  expect(milestonesIn(view(20, ['passed', 'open']), 's', [milestone({})])).toEqual([
    passed,
    milestone({ step: 'step-2', openedAt: 20 }),
  ])
})

it('keeps the first time that a step was passed when it is begun again', () => {
  const passed = milestone({ how: 'passed', doneAt: 20 })
  for (const status of ['open', 'locked', 'passed', 'skipped'] as const)
    expect(milestonesIn(view(30, [status]), 's', [passed])).toEqual([])
})

it('counts a step that was passed over as passed once it is', () => {
  const skipped = milestone({ how: 'skipped', doneAt: 20 })
  expect(milestonesIn(view(30, ['passed']), 's', [skipped])).toEqual([milestone({ how: 'passed', doneAt: 30 })])
})

it('writes down nothing of a lab that is on its way elsewhere, and no step that the cluster lacks something for', () => {
  expect(milestonesIn(view(10, ['open'], { status: { state: 'preparing', stage: 'objects' } }), 's', [])).toEqual([])
  const [step] = view(10, ['skipped']).steps
  expect(
    milestonesIn(view(10, [], { steps: [{ ...(step as StepView), lacks: 'ingress-controller' }] }), 's', []),
  ).toEqual([])
})
