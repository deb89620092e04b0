/** Where participants come in: by a code or a personal link; then their workshop's labs, in order. */
import type { SeatProgress, SeatView } from '../../protocol/workshop.ts'
import { NoServer, Refusal } from '../lab/api.ts'
import { create, need, say } from '../lab/elements.ts'
import { clock } from '../lab/time.ts'
import { seat as strings } from '../strings/seat.ts'
import { participant } from './api.ts'
import { hasSeat, markSeat } from './marker.ts'
import { followSeat } from './seat-events.ts'
import { moment, span } from './times.ts'

type Part = 'checking' | 'absent' | 'form' | 'seat'

/** From here on seconds are counted, in milliseconds. */
const SECONDS_MATTER = 24 * 60 * 60_000

class QuayJoin extends HTMLElement {
  #view: SeatView | undefined
  /** The server's clock minus this one, in milliseconds. */
  #ahead = 0
  #stop = () => {}
  #opensAt: number | undefined
  #part: Part = 'checking'

  connectedCallback(): void {
    const form = need<HTMLFormElement>(this, '[data-join]')
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#join(form)
    })
    need(this, '[data-other]').addEventListener('click', () => this.#leave())
    need(this, '[data-copy]').addEventListener('click', () => void this.#copy())
    addEventListener('hashchange', () => void this.#begin())
    setInterval(() => this.#drawTime(), 1000)
    void this.#begin()
  }

  #show(part: Part): void {
    const moved = this.#part !== 'checking' && this.#part !== part
    this.#part = part
    for (const section of this.querySelectorAll<HTMLElement>('[data-part]'))
      section.hidden = section.dataset.part !== part
    if (moved) need(this, part === 'seat' ? '[data-hello]' : '#code').focus()
  }

  async #begin(): Promise<void> {
    const token = /^#seat=(.+)$/.exec(location.hash)?.[1]
    // Whoever looks over the shoulder, or at the history, should not find it.
    if (token !== undefined) history.replaceState(null, '', location.pathname)
    try {
      if (token !== undefined) this.#seated(await participant.byLink(decodeURIComponent(token)))
      else if (hasSeat()) this.#seated(await participant.seat())
      else this.#show('form')
    } catch (error) {
      if (error instanceof NoServer) this.#show('absent')
      else if (error instanceof Refusal) {
        if (error.code === 'no-seat') markSeat(false)
        this.#show('form')
        say(need(this, '[data-before]'), token === undefined ? '' : error.message)
      } else throw error
    }
  }

  async #join(form: HTMLFormElement): Promise<void> {
    const problem = need(form, '[data-problem]')
    const button = need<HTMLButtonElement>(form, 'button')
    const value = (name: string) => need<HTMLInputElement>(form, `[name=${name}]`).value.trim()
    say(problem, '')
    button.disabled = true
    this.#opensAt = undefined
    try {
      this.#seated(await participant.join({ code: value('code'), name: value('name') }))
    } catch (error) {
      if (error instanceof Refusal) {
        say(problem, error.message)
        if (error.code === 'not-yet' && error.retryAfter !== undefined)
          this.#opensAt = Date.now() + error.retryAfter * 1000
        need<HTMLInputElement>(form, `[name=${error.code === 'wrong-code' ? 'code' : 'name'}]`).focus()
      } else if (error instanceof NoServer) say(problem, strings.unreachable)
      else throw error
    } finally {
      button.disabled = false
      this.#drawTime()
    }
  }

  /** Back to the form; the seat stays, and its code or link leads to it. */
  #leave(): void {
    this.#stop()
    this.#view = undefined
    this.#show('form')
  }

  #seated(view: SeatView): void {
    markSeat(true)
    say(need(this, '[data-before]'), '')
    this.#draw(view)
    this.#show('seat')
    this.#stop()
    this.#stop = followSeat({
      changed: (next) => this.#draw(next),
      lost: (lost) => say(need(this, '[data-connection]'), lost ? strings.lost : ''),
      gone: () => {
        markSeat(false)
        this.#leave()
        say(need(this, '[data-before]'), strings.gone)
      },
    })
    void this.#drawProgress()
  }

  #draw(view: SeatView): void {
    this.#view = view
    this.#ahead = view.now - Date.now()
    const { title, labs } = view.workshop
    say(need(this, '[data-hello]'), strings.hello(view.name))
    say(need(this, '[data-workshop-title]'), title)
    say(need(this, '[data-link]'), new URL(view.link, location.href).href)
    const list = need(this, '[data-labs]')
    for (const line of list.querySelectorAll<HTMLElement>('[data-lab]'))
      line.hidden = !labs.includes(line.dataset.lab ?? '')
    const order = labs.flatMap((lab) => list.querySelector<HTMLElement>(`[data-lab="${lab}"]`) ?? [])
    if (order.some((line, at) => list.children[at] !== line)) list.prepend(...order)
    const reach = view.pace === null ? labs.length : labs.indexOf(view.pace.lab)
    for (const [at, lab] of labs.entries())
      list.querySelector(`[data-lab="${lab}"]`)?.toggleAttribute('data-waits', at > reach)
    const messages = need(this, '[data-messages]')
    messages.hidden = view.messages.length === 0
    messages.replaceChildren(
      ...view.messages.map(({ text, at }) => {
        const line = create('li', {}, text)
        const lang = document.documentElement.lang
        line.append(' ', create('small', {}, moment(at, Date.now() + this.#ahead, lang)))
        return line
      }),
    )
    this.#drawTime()
  }

  #drawTime(): void {
    if (this.#opensAt !== undefined) {
      const left = this.#opensAt - Date.now()
      say(need(this, '[data-opens]'), left > 0 ? strings.opensIn(timeTo(left)) : strings.canJoin)
    } else say(need(this, '[data-opens]'), '')
    if (this.#view === undefined) return
    const { state, startsAt, endsAt } = this.#view.workshop
    const now = Date.now() + this.#ahead
    const text = {
      planned: () => strings.startsIn(timeTo(startsAt - now)),
      open: () => strings.startsIn(timeTo(startsAt - now)),
      running: () => strings.running(timeTo(endsAt - now)),
      over: () => strings.over,
    }[state]()
    const line = need(this, '[data-workshop-state]')
    line.dataset.is = state
    say(line, text)
  }

  async #drawProgress(): Promise<void> {
    // The list is whole without it.
    const progress: SeatProgress | undefined = await participant.progress().catch(() => undefined)
    for (const { lab, steps } of progress?.labs ?? []) {
      const done = steps.filter(({ how }) => how !== null).length
      const place = this.querySelector(`[data-lab="${lab}"] [data-lab-done]`)
      if (place !== null && done > 0) say(place, `· ${strings.done(done, steps.length)}`)
    }
  }

  async #copy(): Promise<void> {
    const said = need(this, '[data-copied]')
    try {
      await navigator.clipboard.writeText(need(this, '[data-link]').textContent ?? '')
      say(said, strings.copied)
    } catch {
      say(said, strings.notCopied)
    }
  }
}

/** As a clock while it matters, else in words. */
const timeTo = (ms: number) => (ms < SECONDS_MATTER ? clock(ms) : span(ms, strings.span))

customElements.define('quay-join', QuayJoin)
