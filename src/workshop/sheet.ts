/** A participant's progress as a page to print. */
import type { SeatProgress } from '../../protocol/workshop.ts'
import { NoServer } from '../lab/api.ts'
import { create, need, say } from '../lab/elements.ts'
import { seat as strings } from '../strings/seat.ts'
import { participant } from './api.ts'
import { hasSeat, markSeat } from './marker.ts'
import { span } from './times.ts'

class QuaySheet extends HTMLElement {
  connectedCallback(): void {
    need(this, '[data-print]').addEventListener('click', () => print())
    void this.#load()
  }

  async #load(): Promise<void> {
    const state = need(this, '[data-sheet-state]')
    try {
      const progress = hasSeat() ? await participant.progress() : undefined
      say(state, '')
      if (progress === undefined) need(this, '[data-no-seat]').hidden = false
      else this.#draw(progress)
    } catch (error) {
      say(state, '')
      if (error instanceof NoServer) {
        say(state, strings.unreachable)
        return
      }
      markSeat(false)
      need(this, '[data-no-seat]').hidden = false
    }
  }

  #draw({ name, workshop, labs }: SeatProgress): void {
    const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'long' })
    say(need(this, '[data-sheet-name]'), strings.of(name))
    say(need(this, '[data-sheet-workshop]'), strings.sheet(workshop.title, day.format(workshop.startsAt)))
    need(this, '[data-sheet-labs]').replaceChildren(...labs.map((lab) => drawLab(lab)))
    need(this, '[data-sheet]').hidden = false
  }
}

function drawLab({ title, steps }: SeatProgress['labs'][number]): HTMLElement {
  const section = create('section')
  const done = steps.filter(({ how }) => how !== null).length
  const list = create('ol')
  for (const { title: step, how, openedAt, doneAt } of steps) {
    const line = create('li', { 'data-how': how ?? 'open' })
    line.append(create('span', {}, step), ' ', create('b', {}, strings.how[how ?? 'open']))
    if (how === 'passed' && openedAt !== null && doneAt !== null)
      line.append(' ', create('small', {}, strings.took(span(doneAt - openedAt, strings.span))))
    list.append(line)
  }
  section.append(create('h3', {}, title), create('p', {}, strings.done(done, steps.length)), list)
  return section
}

customElements.define('quay-sheet', QuaySheet)
