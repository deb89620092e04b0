import type { CheckView, JourneyView, StepView } from '../../protocol/session.ts'
import { loadProgress, markStep } from '../progress/storage.ts'
import { session as strings } from '../strings/session.ts'
import { need, say } from './elements.ts'
import type { QuayLab } from './lab-page.ts'

function sentence(step: StepView): string {
  switch (step.status) {
    case 'locked':
      return strings.step.locked
    case 'open':
      return strings.step.open(step.checks.filter((check) => check.passed).length, step.checks.length)
    case 'passed':
      return strings.step.passed
    case 'skipped':
      return step.lacks === undefined ? strings.step.skipped : strings.step.lacks[step.lacks]
  }
}

function drawCheck(line: HTMLElement, check: CheckView | undefined, step: StepView): void {
  const known = check !== undefined && step.status !== 'locked'
  const passed = known && (check.passed || step.status === 'passed')
  if (!known || step.status === 'skipped') delete line.dataset.state
  else line.dataset.state = passed ? 'passed' : 'open'
  say(need(line, '[data-check-state]'), known ? `: ${passed ? strings.check.passed : strings.check.open}` : '')
  say(need(line, '[data-check-found]'), known && !passed && step.status === 'open' ? (check.found ?? '') : '')
}

/**
 * Shows what the server says of each step, and keeps what the reader has done.
 * @param journey set while the lab goes elsewhere: nothing else can be asked for then
 */
export function drawSteps(lab: QuayLab, steps: StepView[], journey?: JourneyView): void {
  for (const step of steps) {
    const section = lab.querySelector<HTMLElement>(`[data-step="${step.id}"]`)
    if (section === null) continue
    section.dataset.state = step.status
    lab.markPip(step.id, step.status)
    section.querySelectorAll<HTMLElement>('[data-check]').forEach((line, at) => {
      drawCheck(line, step.checks[at], step)
    })
    say(need(section, '[data-step-status]'), step.id === journey?.step ? strings.step.solving : sentence(step))
    const canGo = journey === undefined && step.lacks === undefined
    need(section, '[data-step-skip]').hidden = !canGo || step.status !== 'open'
    need(section, '[data-step-restart]').hidden = !canGo || step.status === 'locked'
    need(section, '[data-step-catch-up]').hidden = !canGo || step.status !== 'locked'
    // With a cluster at hand, trying comes before reading how it is done.
    const solution = need<HTMLDetailsElement>(section, '[data-step-solution]')
    solution.hidden = !(step.tried || solution.open || step.status === 'passed' || step.status === 'skipped')
    if (step.status === 'passed' || step.status === 'skipped') markStep(lab.lab, step.id, step.status)
  }
}

/** Back to what the page says without a session. */
export function clearSteps(lab: QuayLab): void {
  const done = loadProgress().labs[lab.lab]?.steps ?? {}
  for (const section of lab.querySelectorAll<HTMLElement>('[data-step]')) {
    delete section.dataset.state
    const id = section.dataset.step ?? ''
    lab.markPip(id, done[id]?.how)
    for (const line of section.querySelectorAll<HTMLElement>('[data-check]')) {
      delete line.dataset.state
      say(need(line, '[data-check-state]'), '')
      say(need(line, '[data-check-found]'), '')
    }
    say(need(section, '[data-step-status]'), '')
    for (const way of ['skip', 'restart', 'catch-up']) need(section, `[data-step-${way}]`).hidden = true
    need(section, '[data-step-solution]').hidden = false
  }
}
