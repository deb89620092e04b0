/** The board as a table: who is shown in which order, and the way through it by keyboard. */
import type { BoardRow } from '../../protocol/workshop.ts'
import { create, need, say } from '../lab/elements.ts'
import { room as strings } from '../strings/room.ts'
import type { LabFacts } from './room.ts'
import { type Board, countsOf, type Filter, filters, inOrder, isStuck, isWanted, type Order } from './rows.ts'
import { span } from './times.ts'

export interface TableEvents {
  /** Milliseconds since the epoch by the server's clock. */
  now(): number
  signal: AbortSignal
  open(row: BoardRow, name: string): void
  look(row: BoardRow, name: string): void
  lower(row: BoardRow): void
  restart(row: BoardRow, name: string): void
  catchUp(row: BoardRow, name: string): void
  help(): void
}

/** Milliseconds after the last move over the table in which rows keep their places: nobody aims at what runs away. */
const HOLD_STILL = 4000
/** Less ago than this is now, in milliseconds. */
const NOW = 10_000

interface Line {
  element: HTMLTableRowElement
  button: HTMLButtonElement
  row: BoardRow
}

export class BoardTable {
  readonly #root: HTMLElement
  readonly #labs: readonly LabFacts[]
  readonly #events: TableEvents
  readonly #lines = new Map<string, Line>()
  /** Of each seat, in the order in which they were first seen: what is shown in place of a name. */
  readonly #numbers = new Map<string, number>()
  #board: Board | undefined
  #order: Order = 'need'
  #filter: Filter = 'all'
  #at: { lab: string; number: number } | undefined
  #hidden = false
  #current: string | undefined
  #movedAt = 0

  constructor(root: HTMLElement, labs: readonly LabFacts[], events: TableEvents) {
    this.#root = need(root, '[data-board]')
    this.#labs = labs
    this.#events = events
    this.#body.replaceChildren()
    this.#startTools()
  }

  draw(board: Board): void {
    this.#board = board
    for (const seat of board.rows.keys()) if (!this.#numbers.has(seat)) this.#numbers.set(seat, this.#numbers.size + 1)
    for (const [seat, { element }] of this.#lines) {
      if (board.rows.has(seat)) continue
      element.remove()
      this.#lines.delete(seat)
    }
    for (const row of board.rows.values()) this.#drawLine(row)
    const counts = countsOf(board.rows.values())
    for (const button of this.#filterButtons) {
      const name = button.dataset.filter as Filter
      say(need(button, '[data-count]'), String(counts[name]))
      button.toggleAttribute('data-some', counts[name] > 0)
    }
    this.#arrange(performance.now() - this.#movedAt > HOLD_STILL)
    this.drawTimes()
  }

  /** The name, or what stands for it while names are hidden. */
  nameOf({ seat, name }: BoardRow): string {
    return this.#hidden ? strings.seatName(this.#numbers.get(seat) ?? 0) : name
  }

  /** Shows only those at one step. */
  only(at: { lab: string; number: number } | undefined): void {
    this.#at = at
    const line = need(this.#root, '[data-only]')
    line.hidden = at === undefined
    if (at !== undefined) {
      say(need(line, 'span'), strings.heat.only(at.number, this.#titleOf(at.lab)))
      this.#root.scrollIntoView({ block: 'nearest' })
    }
    this.#arrange(true)
  }

  /** What changes as time goes by. */
  drawTimes(): void {
    const now = this.#events.now()
    for (const { element, row } of this.#lines.values()) {
      const { stepSince, pace, lastInputAt } = row
      const [time, slow] = need(element, '[data-time]').children
      if (time) say(time, stepSince === null ? '' : span(now - stepSince, strings.span))
      if (slow) say(slow, pace === null ? '' : strings.row.slow(pace.toFixed(1)))
      say(need(element, '[data-activity]'), lastTyped(lastInputAt, now))
    }
  }

  get #body(): HTMLElement {
    return need(this.#root, '[data-rows]')
  }

  get #filterButtons(): HTMLButtonElement[] {
    return [...this.#root.querySelectorAll<HTMLButtonElement>('[data-filter]')]
  }

  #titleOf(lab: string | null): string {
    return this.#labs.find(({ id }) => id === lab)?.title ?? lab ?? ''
  }

  // ---- lines ----

  #drawLine(row: BoardRow): void {
    const line = this.#lines.get(row.seat) ?? this.#makeLine(row)
    line.row = row
    const { element, button } = line
    element.toggleAttribute('data-hand', row.hand)
    element.toggleAttribute('data-stuck', isStuck(row))
    element.toggleAttribute('data-away', !row.here)
    element.dataset.state = row.state
    say(button, this.nameOf(row))
    const marks = [
      ...(row.hand ? [['hand', `✋ ${strings.handMark}`]] : []),
      ...(isStuck(row) ? [['stuck', strings.row.stuck]] : []),
      ...(row.watchedBy === null ? [] : [['watched', strings.watched(row.watchedBy)]]),
      ...(row.here || row.state === 'absent' ? [] : [['away', strings.row.away]]),
    ] as [string, string][]
    const place = need(element, '[data-marks]')
    const key = marks.map(([, text]) => text).join('|')
    if (place.dataset.key !== key) {
      place.dataset.key = key
      place.replaceChildren(...marks.map(([kind, text]) => create('span', { 'data-mark': kind }, text)))
    }
    const [where, what] = need(element, '[data-step]').children
    if (where) say(where, row.step === null ? stateWords(row) : strings.step(row.step, row.steps))
    if (what) say(what, row.lab === null ? '' : this.#stepTitle(row))
    const [title, found] = need(element, '[data-failing]').children
    if (title) say(title, row.failing?.title ?? '')
    if (found) say(found, row.failing?.found ?? '')
  }

  #stepTitle({ lab, step }: BoardRow): string {
    const facts = this.#labs.find(({ id }) => id === lab)
    const title = step === null ? undefined : facts?.steps[step - 1]?.title
    const several = (this.#board?.workshop.labs.length ?? 0) > 1
    return [
      ...(several || title === undefined ? [this.#titleOf(lab)] : []),
      ...(title === undefined ? [] : [title]),
    ].join(': ')
  }

  #makeLine(row: BoardRow): Line {
    const element = create('tr', { 'data-seat': row.seat })
    const head = create('th', { scope: 'row' })
    const button = create('button', { type: 'button', 'data-name': '' })
    head.append(button, create('span', { 'data-marks': '' }))
    element.append(head)
    for (const [name, parts] of [
      ['step', ['b', 'span']],
      ['time', ['b', 'span']],
      ['failing', ['span', 'span']],
      ['activity', []],
    ] as const) {
      const cell = create('td', { [`data-${name}`]: '' })
      for (const part of parts) cell.append(create(part))
      element.append(cell)
    }
    const line: Line = { element, button, row }
    this.#lines.set(row.seat, line)
    // The whole line is the button's, for a pointer.
    element.addEventListener('click', () => this.#events.open(line.row, this.nameOf(line.row)))
    button.addEventListener('focus', () => this.#choose(row.seat))
    return line
  }

  // ---- order ----

  /** @param anew whether lines may change places */
  #arrange(anew: boolean): void {
    const board = this.#board
    if (board === undefined) return
    const wanted = {
      filter: this.#filter,
      name: this.#hidden ? '' : need<HTMLInputElement>(this.#root, '[data-find]').value,
      at: this.#at,
    }
    let shown = 0
    for (const { element, row } of this.#lines.values()) {
      element.hidden = !isWanted(row, wanted)
      if (!element.hidden) shown++
    }
    need(this.#root, '[data-nobody]').hidden = board.rows.size > 0
    need(this.#root, '[data-no-match]').hidden = board.rows.size === 0 || shown > 0
    const added = [...this.#lines.values()].some(({ element }) => !element.isConnected)
    if (anew || added) this.#sort(board)
    if (this.#current === undefined || this.#lines.get(this.#current)?.element.hidden !== false) {
      const first = this.#shownLines[0]
      if (first) this.#choose(first.row.seat)
    }
  }

  #sort(board: Board): void {
    const focused = this.#root.contains(document.activeElement) ? document.activeElement : undefined
    let before: Element | null = null
    for (const { seat } of inOrder(board.rows.values(), this.#order, board.workshop.labs)) {
      const element: Element | undefined = this.#lines.get(seat)?.element
      if (element === undefined) continue
      const next: Element | null = before === null ? this.#body.firstElementChild : before.nextElementSibling
      // What stands where it belongs is not moved: moving takes the focus away.
      if (next !== element) this.#body.insertBefore(element, next)
      before = element
    }
    if (focused instanceof HTMLElement && focused !== document.activeElement) focused.focus({ preventScroll: true })
  }

  get #shownLines(): Line[] {
    return [...this.#body.children].flatMap((element) => {
      const line = this.#lines.get((element as HTMLElement).dataset.seat ?? '')
      return line && !line.element.hidden ? [line] : []
    })
  }

  /** The one line that the Tab key leads to. */
  #choose(seat: string): void {
    this.#current = seat
    for (const { button, row } of this.#lines.values()) button.tabIndex = row.seat === seat ? 0 : -1
  }

  // ---- tools and keys ----

  #startTools(): void {
    const { signal } = this.#events
    const on = (selector: string, event: string, act: () => void) =>
      need(this.#root, selector).addEventListener(event, act, { signal })
    for (const button of this.#filterButtons)
      button.addEventListener('click', () => this.#show(button.dataset.filter as Filter), { signal })
    on('[data-find]', 'input', () => this.#arrange(false))
    on('[data-order]', 'change', () => {
      this.#order = need<HTMLSelectElement>(this.#root, '[data-order]').value as Order
      this.#arrange(true)
    })
    on('[data-hide]', 'click', () => this.#hide())
    on('[data-keys]', 'click', () => this.#events.help())
    on('[data-everywhere]', 'click', () => this.only(undefined))
    need(this.#root, '[data-find]').addEventListener('keydown', (event) => event.stopPropagation(), { signal })
    for (const event of ['pointermove', 'pointerdown', 'keydown'])
      this.#body.addEventListener(event, () => (this.#movedAt = performance.now()), { signal })
    this.#body.addEventListener('keydown', (event) => this.#press(event), { signal })
    need<HTMLSelectElement>(this.#root, '[data-order]').value = this.#order
    need<HTMLInputElement>(this.#root, '[data-find]').value = ''
    this.only(undefined)
    this.#show('all')
  }

  #show(filter: Filter): void {
    this.#filter = filter
    for (const button of this.#filterButtons)
      button.setAttribute('aria-pressed', String(button.dataset.filter === filter))
    this.#arrange(true)
  }

  #hide(): void {
    this.#hidden = !this.#hidden
    need(this.#root, '[data-hide]').setAttribute('aria-pressed', String(this.#hidden))
    const find = need<HTMLInputElement>(this.#root, '[data-find]')
    find.disabled = this.#hidden
    for (const { button, row } of this.#lines.values()) say(button, this.nameOf(row))
    this.#arrange(true)
  }

  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const lines = this.#shownLines
    const at = lines.findIndex(({ element }) => element.contains(document.activeElement))
    const line = lines[at]
    if (line === undefined) return
    const { row } = line
    const name = this.nameOf(row)
    const go = (to: Line | undefined) => to?.button.focus()
    const acts: Record<string, () => void> = {
      ArrowDown: () => go(lines[at + 1]),
      ArrowUp: () => go(lines[at - 1]),
      Home: () => go(lines[0]),
      End: () => go(lines.at(-1)),
      l: () => this.#events.look(row, name),
      h: () => this.#events.lower(row),
      r: () => this.#events.restart(row, name),
      c: () => this.#events.catchUp(row, name),
      n: () => this.#hide(),
      '/': () => need(this.#root, '[data-find]').focus(),
      '?': () => this.#events.help(),
      ...Object.fromEntries(filters.map((filter, index) => [String(index + 1), () => this.#show(filter)])),
    }
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }
}

/** Of somebody who has no step open. */
export function stateWords({ state, lab }: BoardRow): string {
  if (state === 'waiting' && lab === null) return strings.row.noLab
  return state === 'working' ? '' : strings.row[state]
}

export function lastTyped(at: number | null, now: number): string {
  if (at === null) return strings.row.never
  return now - at < NOW ? strings.row.now : strings.row.ago(span(now - at, strings.span))
}
