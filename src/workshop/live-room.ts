/** One workshop on the host's page: follows its board, and does for everyone what the host asks. */
import type { BoardEvent, WorkshopView } from '../../protocol/workshop.ts'
import { Refusal } from '../lab/api.ts'
import type { Question } from '../lab/dialog.ts'
import { create, need, say } from '../lab/elements.ts'
import { clock } from '../lab/time.ts'
import { room as strings } from '../strings/room.ts'
import { backoff } from '../terminal/policy.ts'
import { host } from './api.ts'
import { BoardTable } from './board-table.ts'
import { HeatMap } from './heat-map.ts'
import type { LabFacts } from './room.ts'
import { applied, type Board, newHands } from './rows.ts'
import { SeatDrawer } from './seat-drawer.ts'
import { moment, span } from './times.ts'

export interface RoomPage {
  notice(text: string): void
  attempted<T>(act: Promise<T>): Promise<T | undefined>
  ask(question: Question): Promise<boolean>
  change(workshop: WorkshopView): void
  /** The workshop is deleted. */
  gone(): void
}

/** From here on seconds are counted, in milliseconds. */
const SECONDS_MATTER = 60 * 60_000

export class LiveRoom {
  readonly #root: HTMLElement
  readonly #labs: readonly LabFacts[]
  readonly #page: RoomPage
  readonly #over = new AbortController()
  readonly #table: BoardTable
  readonly #heat: HeatMap
  readonly #drawer: SeatDrawer
  #workshop: WorkshopView
  #board: Board | undefined
  #events: EventSource | undefined
  #attempt = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  /** The server's clock minus this one, in milliseconds. */
  #ahead = 0

  constructor(root: HTMLElement, workshop: WorkshopView, labs: readonly LabFacts[], page: RoomPage) {
    this.#root = root
    this.#workshop = workshop
    this.#labs = labs
    this.#page = page
    const { signal } = this.#over
    const now = () => Date.now() + this.#ahead
    this.#drawer = new SeatDrawer(root, workshop.id, labs, { ...page, now, signal })
    this.#table = new BoardTable(root, labs, {
      now,
      signal,
      open: (row, name) => this.#drawer.open(row, name),
      look: (row, name) => this.#drawer.open(row, name, 'look'),
      lower: (row) => void this.#drawer.lower(row),
      restart: (row, name) => void this.#drawer.restart(row, name),
      catchUp: (row, name) => this.#drawer.open(row, name, 'catch-up'),
      help: () => need<HTMLDialogElement>(root, '[data-keys-dialog]').showModal(),
    })
    this.#heat = new HeatMap(need(root, '[data-heat]'), labs, (at) => this.#table.only(at))
    this.#listenToButtons()
    this.#draw()
    const timer = setInterval(() => this.#drawTime(), 1000)
    signal.addEventListener('abort', () => clearInterval(timer))
    this.#follow()
  }

  dispose(): void {
    this.#over.abort()
    this.#events?.close()
    clearTimeout(this.#retry)
    for (const dialog of this.#root.querySelectorAll('dialog')) dialog.close()
  }

  // ---- what the server says ----

  #follow(): void {
    if (this.#over.signal.aborted) return
    const events = host.board(this.#workshop.id)
    this.#events = events
    events.addEventListener('board', (event) => {
      this.#attempt = 0
      if (need(this.#root, '[data-notice]').textContent === strings.lost) this.#page.notice('')
      this.#take(JSON.parse((event as MessageEvent<string>).data) as BoardEvent)
    })
    events.addEventListener('gone', () => {
      events.close()
      this.#page.gone()
    })
    events.addEventListener('error', () => {
      this.#page.notice(strings.lost)
      // While it is connecting the browser tries again by itself; closed means the server refused.
      if (events.readyState === EventSource.CLOSED) this.#checkLater()
    })
  }

  #checkLater(): void {
    this.#events?.close()
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => void this.#check(), backoff(this.#attempt++, Math.random()))
  }

  /** Finds out why the stream was refused. */
  async #check(): Promise<void> {
    try {
      this.#workshop = await host.workshop(this.#workshop.id)
      this.#draw()
      this.#follow()
    } catch (error) {
      if (error instanceof Refusal && error.status < 429) void this.#page.attempted(Promise.reject(error))
      else this.#checkLater()
    }
  }

  #take(event: BoardEvent): void {
    const before = this.#board
    const board = applied(before, event)
    if (board === undefined) return
    this.#ahead = event.now - Date.now()
    this.#board = board
    this.#workshop = board.workshop
    this.#draw()
    this.#table.draw(board)
    this.#heat.draw(board)
    this.#drawer.update(board)
    const hands = newHands(before?.rows, board.rows)
    if (hands.length > 0)
      say(need(this.#root, '[data-spoken]'), hands.map((row) => strings.hand(this.#table.nameOf(row))).join(' '))
  }

  // ---- the head ----

  #draw(): void {
    const { title, state, startsAt, endsAt, taken, seats, warm, code, unusedCodes, pace, warning } = this.#workshop
    const lang = document.documentElement.lang
    const put = (selector: string, text: string) => {
      for (const element of this.#root.querySelectorAll(selector)) say(element, text)
    }
    put('[data-title]', title)
    put('[data-large-title]', title)
    put('[data-room-state]', strings.state[state])
    need(this.#root, '[data-room-state]').dataset.is = state
    const facts = [
      strings.when(moment(startsAt, Date.now(), lang), moment(endsAt, startsAt, lang)),
      strings.seats(taken, seats),
      ...(warm > 0 && state !== 'over' ? [strings.warm(warm)] : []),
    ]
    put('[data-when]', facts.join(' · '))
    put('[data-large-seats]', strings.seats(taken, seats))
    put('[data-warning]', warning ?? '')
    put('[data-pace-now]', pace === null ? '' : strings.paceNow(this.#titleOf(pace.lab), pace.step))
    put('[data-join-address]', location.host + (this.#root.dataset.join ?? '/join/'))
    put('[data-code-text]', code ?? '')
    const one = code !== undefined
    need(this.#root, '[data-code]').hidden = state === 'over'
    need(this.#root, '[data-all-codes]').hidden = one
    need(this.#root, '[data-large]').hidden = !one
    for (const lead of this.#root.querySelectorAll<HTMLElement>('[data-code-lead]')) lead.hidden = !one
    this.#drawCodes(unusedCodes ?? [])
    const running = state === 'running'
    const over = state === 'over'
    for (const [selector, shown] of [
      ['[data-message]', !over],
      ['[data-pace]', !over],
      ['[data-extend]', running],
      ['[data-end]', running],
      ['[data-change]', !running && !over],
      ['[data-remove]', !running],
    ] as const)
      need(this.#root, `.room-everyone ${selector}`).hidden = !shown
    for (const link of this.#root.querySelectorAll<HTMLAnchorElement>('[data-export]'))
      link.href = host.exported(this.#workshop.id, link.dataset.export as 'csv' | 'json')
    this.#drawTime()
  }

  #drawCodes(codes: readonly string[]): void {
    const list = need(this.#root, '[data-codes]')
    if ([...list.children].map((one) => one.textContent).join() === codes.join()) return
    list.replaceChildren(...codes.map((code) => create('li', {}, code)))
  }

  #drawTime(): void {
    const { state, startsAt, endsAt } = this.#workshop
    const now = Date.now() + this.#ahead
    const until = (time: number) => (time - now < SECONDS_MATTER ? clock(time - now) : span(time - now, strings.span))
    const text = {
      planned: () => strings.startsIn(until(startsAt)),
      open: () => strings.startsIn(until(startsAt)),
      running: () => strings.left(until(endsAt)),
      over: () => strings.ended(moment(endsAt, now, document.documentElement.lang)),
    }[state]()
    say(need(this.#root, '[data-state-text]'), text)
    this.#table.drawTimes()
  }

  #titleOf(lab: string): string {
    return this.#labs.find(({ id }) => id === lab)?.title ?? lab
  }

  // ---- what the host does for everyone ----

  #listenToButtons(): void {
    const { signal } = this.#over
    const on = (selector: string, act: () => Promise<unknown>) =>
      need(this.#root, selector).addEventListener('click', () => void this.#page.attempted(act()), { signal })
    on('.room-everyone [data-message]', () => this.#broadcast())
    on('.room-everyone [data-pace]', () => this.#setPace())
    on('.room-everyone [data-extend]', () => this.#extend())
    on('.room-everyone [data-end]', () => this.#end())
    on('.room-everyone [data-remove]', () => this.#remove())
    on('.room-everyone [data-change]', async () => this.#page.change(this.#workshop))
    on('[data-large]', async () => need<HTMLDialogElement>(this.#root, '[data-large-dialog]').showModal())
    on('[data-all-codes]', async () => need<HTMLDialogElement>(this.#root, '[data-codes-dialog]').showModal())
    on('[data-copy-codes]', async () => {
      const codes = [...this.#root.querySelectorAll('[data-codes] li')].map((one) => one.textContent)
      await copy(codes.join('\n'), this.#page)
    })
    on('[data-back]', async () => {
      this.#page.notice('')
    })
    const audit = need<HTMLDetailsElement>(this.#root, '[data-audit]')
    audit.open = false
    audit.addEventListener('toggle', () => audit.open && void this.#page.attempted(this.#drawAudit()), { signal })
  }

  /** The form of a dialog, if it was sent and not closed. */
  #filled(selector: string): Promise<FormData | undefined> {
    const dialog = need<HTMLDialogElement>(this.#root, selector)
    dialog.returnValue = ''
    dialog.showModal()
    return new Promise((resolve) => {
      dialog.addEventListener(
        'close',
        () =>
          resolve(dialog.returnValue === 'confirm' ? new FormData(need(dialog, 'form') as HTMLFormElement) : undefined),
        { once: true },
      )
    })
  }

  async #broadcast(): Promise<void> {
    const form = await this.#filled('[data-message-dialog]')
    // One line goes out: a line break is a space in it.
    const text = String(form?.get('text') ?? '')
      .replace(/\s+/g, ' ')
      .trim()
    if (text === '') return
    await host.broadcast(this.#workshop.id, text)
    need<HTMLTextAreaElement>(this.#root, '[data-message-dialog] textarea').value = ''
    await this.#done(strings.done.sent)
  }

  async #setPace(): Promise<void> {
    const choice = need<HTMLSelectElement>(this.#root, '#pace')
    const { pace, labs } = this.#workshop
    choice.replaceChildren(
      create('option', { value: '' }, choice.dataset.free ?? ''),
      ...labs.map((id) => {
        const lab = this.#labs.find((one) => one.id === id)
        const group = create('optgroup', { label: lab?.title ?? id })
        for (const [at, { title }] of (lab?.steps ?? []).entries())
          group.append(create('option', { value: `${id} ${at + 1}` }, `${at + 1}. ${title}`))
        return group
      }),
    )
    choice.value = pace === null ? '' : `${pace.lab} ${pace.step}`
    const form = await this.#filled('[data-pace-dialog]')
    if (form === undefined) return
    const [lab = '', step] = String(form.get('pace')).split(' ')
    await host.pace(this.#workshop.id, lab === '' ? null : { lab, step: Number(step) })
    await this.#done(strings.done.paced)
  }

  async #extend(): Promise<void> {
    const form = await this.#filled('[data-extend-dialog]')
    if (form === undefined) return
    const minutes = Number(form.get('minutes'))
    await host.extend(this.#workshop.id, minutes)
    await this.#done(strings.done.extended(minutes))
  }

  async #end(): Promise<void> {
    if (!(await this.#page.ask(strings.ask.end))) return
    await host.end(this.#workshop.id)
    await this.#done(strings.done.over)
  }

  async #remove(): Promise<void> {
    if (!(await this.#page.ask(strings.ask.remove))) return
    await host.remove(this.#workshop.id)
    this.#page.gone()
    this.#page.notice(strings.done.removed)
  }

  async #done(text: string): Promise<void> {
    this.#page.notice(text)
    if (need<HTMLDetailsElement>(this.#root, '[data-audit]').open) await this.#drawAudit()
  }

  async #drawAudit(): Promise<void> {
    const lines = await host.audit(this.#workshop.id)
    const lang = document.documentElement.lang
    need(this.#root, '[data-no-audit]').hidden = lines.length > 0
    need(this.#root, '[data-audit-lines]').replaceChildren(
      ...lines.reverse().map(({ at, host: who, action, seat, detail }) => {
        const row = seat === null ? undefined : this.#board?.rows.get(seat)
        const line = create('tr')
        for (const text of [
          moment(at, Date.now(), lang),
          who,
          strings.actions[action] ?? action,
          row === undefined ? '' : this.#table.nameOf(row),
          detail,
        ])
          line.append(create('td', {}, text))
        return line
      }),
    )
  }
}

export async function copy(text: string, page: Pick<RoomPage, 'notice'>): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    page.notice(strings.done.copied)
  } catch {
    page.notice(strings.done.notCopied)
  }
}
