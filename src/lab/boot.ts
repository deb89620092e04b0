import type { JourneyView, SessionView, Stage } from '../../protocol/session.ts'
import { session } from '../strings/session.ts'
import { start as strings } from '../strings/start.ts'
import { create, need, say } from './elements.ts'
import { clock } from './time.ts'

/** In the order of the protocol; repeated here because a page imports of it types alone. */
const order = Object.keys(strings.stages) as Stage[]

/** The stages of a start as a list: what is done, what is under way, what is to come. */
export function drawBoot(root: HTMLElement, status: SessionView['status']): void {
  if (status.state !== 'queued' && status.state !== 'preparing') return
  const list = need(root, '[data-stages]')
  const journey = status.state === 'preparing' ? status.journey : undefined
  list.hidden = journey !== undefined
  need(root, '[data-journey]').hidden = journey === undefined
  if (journey !== undefined) {
    drawJourney(root, journey)
    return
  }
  const title = need(root, '#lab-boot-title')
  if (title.dataset.first !== undefined) say(title, title.dataset.first)
  if (list.childElementCount === 0)
    for (const stage of order) list.append(create('li', { 'data-stage': stage }, strings.stages[stage]))

  const current = status.state === 'queued' ? 'queued' : status.stage
  const at = order.indexOf(current)
  order.forEach((stage, index) => {
    const line = need(list, `[data-stage="${stage}"]`)
    const state = index < at ? 'done' : index === at ? 'now' : 'later'
    line.dataset.state = state
    const position = state === 'now' && status.state === 'queued' ? ` ${strings.queued(status.position)}` : ''
    say(line, strings.stages[stage] + position)
    if (state === 'now') line.setAttribute('aria-current', 'step')
    else line.removeAttribute('aria-current')
  })
  const position = status.state === 'queued' ? ` ${strings.queued(status.position)}` : ''
  say(need(root, '[data-boot-status]'), strings.stages[current] + position)
}

/** Where the lab goes, in place of the stages of a start. */
function drawJourney(root: HTMLElement, { kind, to, step }: JourneyView): void {
  const title = need(root, '#lab-boot-title')
  title.dataset.first ??= title.textContent ?? ''
  say(title, session.journey[kind](numberOf(root, to)))
  const now = step === undefined ? session.journey.back : session.journey.solving(numberOf(root, step))
  say(need(root, '[data-journey]'), now)
  say(need(root, '[data-boot-status]'), now)
}

/** Of a step, as the page counts them. */
export function numberOf(root: ParentNode, step: string): number {
  return [...root.querySelectorAll<HTMLElement>('[data-step]')].findIndex(({ dataset }) => dataset.step === step) + 1
}

export function drawElapsed(root: HTMLElement, milliseconds: number): void {
  say(need(root, '[data-elapsed]'), strings.elapsed(clock(Math.floor(Math.max(0, milliseconds) / 1000) * 1000)))
}
