/** The host's page: who is signed in, which workshops there are, and the one that is looked at. */
import type { ServerStatus } from '../../protocol/session.ts'
import type { HostView, WorkshopView } from '../../protocol/workshop.ts'
import { api, NoServer, Refusal } from '../lab/api.ts'
import { ask } from '../lab/dialog.ts'
import { create, need, say } from '../lab/elements.ts'
import { room as strings } from '../strings/room.ts'
import { host } from './api.ts'
import { LiveRoom } from './live-room.ts'
import { moment } from './times.ts'
import { WorkshopForm } from './workshop-form.ts'

export interface LabFacts {
  id: string
  title: string
  minutes: number
  steps: { id: string; title: string }[]
}

type Part = 'checking' | 'absent' | 'sign-in' | 'list' | 'edit' | 'room'

class QuayRoom extends HTMLElement {
  #labs: LabFacts[] = []
  #status: ServerStatus | undefined
  #live: LiveRoom | undefined
  #form: WorkshopForm | undefined
  #part: Part = 'checking'

  connectedCallback(): void {
    this.#labs = JSON.parse(need(this, '[data-labs]').textContent ?? '[]') as LabFacts[]
    for (const button of this.querySelectorAll<HTMLElement>('dialog [data-close]'))
      button.addEventListener('click', () => button.closest('dialog')?.close())
    need(this, '[data-sign-in]').addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#signIn(event.target as HTMLFormElement)
    })
    need(this, '[data-sign-out]').addEventListener('click', () => void this.attempted(this.#signOut()))
    need(this, '[data-new]').addEventListener('click', () => void this.attempted(this.#edit(undefined)))
    addEventListener('hashchange', () => void this.attempted(this.#route()))
    void this.#begin()
  }

  /** What is said of the whole page, until something else is. */
  notice(text: string): void {
    say(need(this, '[data-notice]'), text)
  }

  /** @returns undefined after saying why it did not work */
  async attempted<T>(act: Promise<T>): Promise<T | undefined> {
    try {
      return await act
    } catch (error) {
      if (error instanceof Refusal && error.code === 'not-a-host') {
        this.notice(strings.signedOut)
        this.#close()
        this.#offerSignIn(await host.view())
      } else if (error instanceof Refusal) this.notice(error.message)
      else if (error instanceof NoServer) this.notice(strings.unreachable)
      else throw error
      return undefined
    }
  }

  async #begin(): Promise<void> {
    try {
      const view = await this.#arrive()
      if (view.name === undefined) this.#offerSignIn(view)
      else await this.attempted(this.#signedIn(view))
    } catch (error) {
      if (error instanceof Refusal) {
        this.notice(error.message)
        setTimeout(() => void this.#begin(), (error.retryAfter ?? 10) * 1000)
        return
      }
      if (!(error instanceof NoServer)) throw error
      this.#show('absent')
    }
  }

  /** By the link that the server prints, or back from the OpenID provider, if that is how one comes; else as who one is already. */
  async #arrive(): Promise<HostView> {
    const token = /^#sign-in=(.+)$/.exec(location.hash)?.[1]
    const callback = /[?&]state=/.test(location.search) ? location.search : undefined
    if (token === undefined && callback === undefined) return host.view()
    // It works once, and is nothing to come back to.
    history.replaceState(null, '', location.pathname)
    try {
      return await host.signIn(
        token === undefined ? { callback: callback ?? '' } : { token: decodeURIComponent(token) },
      )
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const view = await host.view()
      if (view.name === undefined) this.notice(error.message)
      return view
    }
  }

  #show(part: Part): void {
    const moved = this.#part !== 'checking' && this.#part !== part
    this.#part = part
    for (const section of this.querySelectorAll<HTMLElement>('[data-part]'))
      section.hidden = section.dataset.part !== part
    if (!moved) return
    scrollTo(0, 0)
    need(this, `[data-part="${part}"] h2`).focus({ preventScroll: true })
  }

  // ---- who is signed in ----

  #offerSignIn({ ways }: HostView): void {
    this.#show('sign-in')
    need(this, '[data-sign-in]').hidden = !ways.includes('secret')
    for (const way of ['link', 'openid'] as const) need(this, `[data-way="${way}"]`).hidden = !ways.includes(way)
    need(this, '[data-way="none"]').hidden = ways.length > 0
  }

  async #signIn(form: HTMLFormElement): Promise<void> {
    const problem = need(form, '[data-problem]')
    const field = need<HTMLInputElement>(form, '[name=secret]')
    say(problem, '')
    try {
      const view = await host.signIn({ secret: field.value })
      field.value = ''
      this.notice('')
      await this.attempted(this.#signedIn(view))
    } catch (error) {
      if (error instanceof Refusal) say(problem, error.message)
      else if (error instanceof NoServer) say(problem, strings.unreachable)
      else throw error
      field.select()
    }
  }

  async #signedIn({ name = '' }: HostView): Promise<void> {
    this.#status = await api.status()
    this.#form = new WorkshopForm(this, this.#labs, this.#status)
    need(this, '[data-sign-out]').title = strings.signedInAs(name)
    await this.#route()
  }

  async #signOut(): Promise<void> {
    this.#close()
    await host.signOut()
    history.replaceState(null, '', location.pathname)
    this.notice(strings.signedOut)
    this.#offerSignIn(await host.view())
  }

  // ---- what is shown ----

  async #route(): Promise<void> {
    this.#close()
    if (this.#status === undefined) return
    const id = /^#workshop=(.+)$/.exec(location.hash)?.[1]
    if (id === undefined) return this.#list()
    try {
      this.#open(await host.workshop(decodeURIComponent(id)))
    } catch (error) {
      if (error instanceof Refusal && error.code !== 'not-a-host') {
        history.replaceState(null, '', location.pathname)
        await this.#list()
      }
      throw error
    }
  }

  #close(): void {
    this.#live?.dispose()
    this.#live = undefined
  }

  async #list(): Promise<void> {
    const workshops = await host.workshops()
    need(this, '[data-none]').hidden = workshops.length > 0
    need(this, '[data-list]').replaceChildren(...workshops.sort(soonestFirst).map((one) => this.#card(one)))
    this.#show('list')
  }

  #card(workshop: WorkshopView): HTMLElement {
    const { id, title, state, startsAt, endsAt, taken, seats, labs } = workshop
    const now = Date.now()
    const lang = document.documentElement.lang
    const line = create('li', { 'data-state': state })
    const link = create('a', { href: `#workshop=${encodeURIComponent(id)}` }, title)
    const head = create('h3')
    head.append(link)
    line.append(
      head,
      create('p', { class: 'room-state' }, strings.state[state]),
      create('p', {}, strings.when(moment(startsAt, now, lang), moment(endsAt, startsAt, lang))),
      create('p', { class: 'workshop-help' }, `${strings.seats(taken, seats)} · ${strings.labs(labs.length)}`),
    )
    return line
  }

  #open(workshop: WorkshopView): void {
    this.#show('room')
    this.#live = new LiveRoom(this, workshop, this.#labs, {
      notice: (text) => this.notice(text),
      attempted: (act) => this.attempted(act),
      ask: (question) => ask(this, question),
      change: (current) => void this.attempted(this.#edit(current)),
      gone: () => {
        location.hash = ''
      },
    })
  }

  async #edit(workshop: WorkshopView | undefined): Promise<void> {
    this.#close()
    this.notice('')
    this.#show('edit')
    const saved = await this.#form?.fill(workshop)
    if (saved === undefined) {
      if (workshop === undefined) await this.#list()
      else await this.#route()
      return
    }
    const hash = `#workshop=${encodeURIComponent(saved.id)}`
    if (location.hash === hash) await this.#route()
    else location.hash = hash
    this.notice(workshop === undefined ? strings.done.created : strings.done.saved)
  }
}

/** What is on or to come, in the order of its start; then what is over, the newest first. */
function soonestFirst(a: WorkshopView, b: WorkshopView): number {
  const over = Number(a.state === 'over') - Number(b.state === 'over')
  return over || (a.state === 'over' ? b.endsAt - a.endsAt : a.startsAt - b.startsAt)
}

customElements.define('quay-room', QuayRoom)
