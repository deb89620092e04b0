/**
 * What a participant sees of their workshop on a lab page: the time left, their hand, what the host says, and that the host looks on.
 * It stands below the page's head, whatever else is shown. Loaded only where there is a seat.
 */
import type { SeatView } from '../../protocol/workshop.ts'
import { Refusal } from '../lab/api.ts'
import { create, need, say } from '../lab/elements.ts'
import { loadStylesheet } from '../lab/stylesheet.ts'
import { clock } from '../lab/time.ts'
import { seat as strings } from '../strings/seat.ts'
import stylesheet from '../styles/seat.css?url&no-inline'
import { participant } from './api.ts'
import { markSeat } from './marker.ts'
import { stepsOpen } from './pace.ts'
import { followSeat } from './seat-events.ts'
import { span } from './times.ts'

/** The newest message that was read here, so that a reload does not show it again. */
const READ = 'quayside:seat-read:v1'
/** Below this the time left is shown as running out, in milliseconds. */
const SOON = 5 * 60_000
/** From here on seconds are counted, in milliseconds. */
const SECONDS_MATTER = 60 * 60_000

/** @param lab the lab page, which says of which lab it is */
export async function showSeatBar(lab: HTMLElement & { lab: string }): Promise<void> {
  const first = await participant.seat().catch(() => undefined)
  if (first === undefined) return markSeat(false)
  // Of a workshop that has nothing to do with this page there is nothing to say.
  if (!first.workshop.labs.includes(lab.lab) || first.workshop.state === 'over') return
  await loadStylesheet(stylesheet)
  new SeatBar(lab, first)
}

class SeatBar {
  readonly #lab: HTMLElement & { lab: string }
  readonly #root: HTMLElement
  #view: SeatView
  #ahead = 0
  #lost = false
  /** Why the last thing that was asked for did not work. */
  #trouble = ''

  constructor(lab: HTMLElement & { lab: string }, view: SeatView) {
    this.#lab = lab
    this.#view = view
    this.#root = build()
    const header = document.querySelector('.page > header')
    if (header === null) document.body.prepend(this.#root)
    else header.after(this.#root)
    // All that sticks below the page's head makes room for what stands here.
    new ResizeObserver(() => {
      document.documentElement.style.setProperty('--seat-bar', `${this.#root.offsetHeight}px`)
    }).observe(this.#root)
    document.documentElement.toggleAttribute('data-seat', true)
    this.#on('[data-hand]', () => participant.hand(!this.#view.hand))
    this.#on('[data-allow]', () => participant.typing(true))
    for (const selector of ['[data-refuse]', '[data-stop]']) this.#on(selector, () => participant.typing(false))
    need(this.#root, '[data-seen]').addEventListener('click', () => this.#read())
    setInterval(() => this.#drawTime(), 1000)
    this.#draw(view)
    const stop = followSeat({
      changed: (next) => this.#draw(next),
      lost: (lost) => {
        this.#lost = lost
        this.#drawTime()
      },
      gone: () => {
        markSeat(false)
        this.#remove()
      },
    })
    addEventListener('pagehide', stop, { once: true })
  }

  #on(selector: string, act: () => Promise<unknown>): void {
    const button = need<HTMLButtonElement>(this.#root, selector)
    button.addEventListener('click', async () => {
      button.disabled = true
      try {
        await act()
        this.#trouble = ''
      } catch (error) {
        this.#trouble = error instanceof Refusal ? error.message : strings.unreachable
      } finally {
        button.disabled = false
        this.#drawTime()
      }
    })
  }

  #draw(view: SeatView): void {
    this.#view = view
    this.#ahead = view.now - Date.now()
    const { helping, messages, hand } = view
    say(need(this.#root, '[data-title]'), view.workshop.title)
    const button = need(this.#root, '[data-hand]')
    button.setAttribute('aria-pressed', String(hand))
    say(need(button, 'span'), hand ? strings.bar.raised : strings.bar.raise)

    need(this.#root, '[data-helping]').hidden = helping === null
    this.#root.toggleAttribute('data-watched', helping !== null)
    if (helping !== null) say(need(this.#root, '[data-helping-text]'), strings.helping[helping.typing])
    for (const selector of ['[data-allow]', '[data-refuse]'])
      need(this.#root, selector).hidden = helping?.typing !== 'asked'
    need(this.#root, '[data-stop]').hidden = helping?.typing !== 'allowed'

    const all = need<HTMLDetailsElement>(this.#root, '[data-messages]')
    all.hidden = messages.length === 0
    say(need(all, 'summary'), strings.bar.messages(messages.length))
    need(all, 'ul').replaceChildren(...messages.map(({ text }) => create('li', {}, text)))
    const newest = messages.at(-1)
    const unread = newest !== undefined && newest.id > readUpTo()
    need(this.#root, '[data-message]').hidden = !unread
    if (unread) say(need(this.#root, '[data-message-text]'), newest.text)
    this.#drawPace()
    this.#drawTime()
  }

  #drawTime(): void {
    const { state, startsAt, endsAt } = this.#view.workshop
    const now = Date.now() + this.#ahead
    const to = (time: number) => (time - now < SECONDS_MATTER ? clock(time - now) : span(time - now, strings.span))
    const line = need(this.#root, '[data-time]')
    line.toggleAttribute('data-soon', state === 'running' && endsAt - now < SOON)
    say(
      line,
      {
        planned: () => strings.toStart(to(startsAt)),
        open: () => strings.toStart(to(startsAt)),
        running: () => strings.left(to(endsAt)),
        over: () => strings.bar.over,
      }[state](),
    )
    say(need(this.#root, '[data-trouble]'), this.#lost ? strings.lost : this.#trouble)
  }

  /** Steps that the host has not opened yet say so. */
  #drawPace(): void {
    const { pace, workshop } = this.#view
    const open = stepsOpen(pace, workshop.labs, this.#lab.lab)
    const sections = [...this.#lab.querySelectorAll<HTMLElement>('[data-step]')]
    for (const [at, section] of sections.entries()) {
      const paced = at >= open
      section.toggleAttribute('data-paced', paced)
      this.#lab.querySelector(`[data-pip="${section.dataset.step}"]`)?.toggleAttribute('data-paced', paced)
      const note = section.querySelector('.seat-paced') ?? create('p', { class: 'seat-paced' })
      if (paced) {
        say(note, open === 0 ? strings.pacedLab : strings.paced)
        if (!note.isConnected) section.querySelector('.lab-checks')?.append(note)
      } else note.remove()
    }
  }

  #read(): void {
    const newest = this.#view.messages.at(-1)
    try {
      if (newest !== undefined) localStorage.setItem(READ, String(newest.id))
    } catch {
      // A browser that refuses to store shows it again after a reload.
    }
    need(this.#root, '[data-message]').hidden = true
    need(this.#root, '[data-hand]').focus()
  }

  #remove(): void {
    this.#root.remove()
    document.documentElement.toggleAttribute('data-seat', false)
    document.documentElement.style.removeProperty('--seat-bar')
    for (const section of this.#lab.querySelectorAll('[data-paced]')) section.removeAttribute('data-paced')
    for (const note of this.#lab.querySelectorAll('.seat-paced')) note.remove()
  }
}

function readUpTo(): number {
  try {
    return Number(localStorage.getItem(READ) ?? 0)
  } catch {
    return 0
  }
}

function build(): HTMLElement {
  const button = (name: string, text: string, primary = false) =>
    create(
      'button',
      {
        type: 'button',
        class: 'quay-button',
        'data-small': '',
        [`data-${name}`]: '',
        ...(primary ? { 'data-primary': '' } : {}),
      },
      text,
    )
  const root = create('aside', { class: 'seat-bar not-content print:hidden', 'aria-label': strings.bar.label })

  const line = create('div', { class: 'seat-line' })
  const join = document.documentElement.lang === 'de' ? '/de/join/' : '/join/'
  const title = create('a', { class: 'seat-title', href: import.meta.env.BASE_URL.replace(/\/$/, '') + join })
  title.append(create('b', { 'data-title': '' }))
  const hand = button('hand', '')
  hand.append(
    Object.assign(document.createElement('i'), { textContent: '✋', ariaHidden: 'true' }),
    ' ',
    create('span'),
  )
  const messages = create('details', { 'data-messages': '' })
  messages.append(create('summary'), create('ul'))
  line.append(title, create('span', { 'data-time': '' }), messages, hand)

  const helping = create('div', { class: 'seat-strip', 'data-helping': '' })
  helping.append(
    create('span', { role: 'status', 'data-helping-text': '' }),
    button('allow', strings.helping.allow, true),
    button('refuse', strings.helping.refuse),
    button('stop', strings.helping.stop, true),
  )
  const message = create('div', { class: 'seat-strip', 'data-message': '' })
  const said = create('span', { role: 'status' })
  said.append(create('b', {}, strings.bar.message), ' ', create('span', { 'data-message-text': '' }))
  message.append(said, button('seen', strings.bar.seen))
  root.append(line, helping, message, create('p', { class: 'seat-trouble', role: 'status', 'data-trouble': '' }))
  return root
}
