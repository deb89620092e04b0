/** Everything about one participant: where they are, and what the host can do for them. */
import type { BoardRow } from '../../protocol/workshop.ts'
import { Refusal } from '../lab/api.ts'
import { create, need, say } from '../lab/elements.ts'
import { room as strings } from '../strings/room.ts'
import { host } from './api.ts'
import { lastTyped, stateWords } from './board-table.ts'
import { copy, type RoomPage } from './live-room.ts'
import type { Look } from './look.ts'
import type { LabFacts } from './room.ts'
import type { Board } from './rows.ts'
import { span } from './times.ts'

export class SeatDrawer {
  readonly #dialog: HTMLDialogElement
  readonly #workshop: string
  readonly #labs: readonly LabFacts[]
  readonly #page: Pick<RoomPage, 'attempted' | 'ask'> & { notice(text: string): void; now(): number }
  readonly #pageNotice: (text: string) => void
  #row: BoardRow | undefined
  #name = ''
  #look: Look | undefined

  constructor(
    root: HTMLElement,
    workshop: string,
    labs: readonly LabFacts[],
    page: Pick<RoomPage, 'notice' | 'attempted' | 'ask'> & { now(): number; signal: AbortSignal },
  ) {
    this.#dialog = need<HTMLDialogElement>(root, '[data-seat-dialog]')
    this.#workshop = workshop
    this.#labs = labs
    this.#pageNotice = (text) => page.notice(text)
    this.#page = {
      now: page.now,
      ask: page.ask,
      attempted: page.attempted,
      notice: (text) => say(need(this.#dialog, '[data-seat-notice]'), text),
    }
    const on = (selector: string, act: (row: BoardRow) => Promise<unknown>) =>
      need(this.#dialog, selector).addEventListener(
        'click',
        () => this.#row !== undefined && void this.#attempted(act(this.#row)),
        { signal: page.signal },
      )
    on('[data-look]', () => this.#toggleLook())
    on('[data-lower]', (row) => this.#lower(row))
    on('[data-restart]', (row) => this.#restart(row, this.#name))
    on('[data-catch-up]', (row) => this.#catchUp(row))
    on('[data-link]', (row) => this.#showLink(row))
    on('[data-take-away]', (row) => this.#takeAway(row))
    on('[data-ask]', (row) => host.askToType(workshop, row.seat))
    on('[data-stop]', (row) => host.stopTyping(workshop, row.seat))
    this.#dialog.addEventListener('close', () => this.#closeLook(), { signal: page.signal })
    page.signal.addEventListener('abort', () => this.#closeLook())
  }

  open(row: BoardRow, name: string, begin?: 'look' | 'catch-up'): void {
    this.#row = row
    this.#name = name
    this.#page.notice('')
    need(this.#dialog, '[data-seat-link]').hidden = true
    this.#drawChoice(row)
    this.#draw(row)
    if (!this.#dialog.open) this.#dialog.showModal()
    if (begin === 'look') void this.#attempted(this.#toggleLook())
    if (begin === 'catch-up') need(this.#dialog, '[data-catch-up-to]').focus()
  }

  update({ rows }: Board): void {
    if (this.#row === undefined || !this.#dialog.open) return
    const row = rows.get(this.#row.seat)
    if (row === undefined) {
      this.#dialog.close()
      return
    }
    const moved = row.step !== this.#row.step || row.lab !== this.#row.lab
    this.#row = row
    if (moved) this.#drawChoice(row)
    this.#draw(row)
    this.#look?.update(row)
  }

  async lower(row: BoardRow): Promise<void> {
    await this.#page.attempted(this.#lower(row, this.#pageNotice))
  }

  async restart(row: BoardRow, name: string): Promise<void> {
    await this.#page.attempted(this.#restart(row, name, this.#pageNotice))
  }

  /** What went wrong is said where the host looks; whether they are signed in at all is the page's matter. */
  async #attempted(act: Promise<unknown>): Promise<void> {
    await this.#page.attempted(
      act.catch((error: unknown) => {
        if (!(error instanceof Refusal) || error.code === 'not-a-host') throw error
        this.#page.notice(error.message)
      }),
    )
  }

  // ---- what is shown ----

  #draw(row: BoardRow): void {
    const now = this.#page.now()
    const { stepSince, pace, failing, lastInputAt, step, steps, lab, hand, watchedBy } = row
    const facts = this.#labs.find(({ id }) => id === lab)
    const slow = pace === null ? '' : `, ${strings.row.slow(pace.toFixed(1))}`
    const texts = {
      lab: facts?.title ?? lab ?? strings.row.noLab,
      step: step === null ? stateWords(row) : `${strings.step(step, steps)}: ${facts?.steps[step - 1]?.title ?? ''}`,
      time: stepSince === null ? '–' : span(now - stepSince, strings.span) + slow,
      activity: lastTyped(lastInputAt, now),
      failing: failing === null ? '–' : [failing.title, failing.found].filter(Boolean).join(' — '),
    }
    say(need(this.#dialog, '[data-seat-name]'), this.#name)
    for (const [name, text] of Object.entries(texts)) say(need(this.#dialog, `[data-fact="${name}"]`), text)
    need(this.#dialog, '[data-lower]').hidden = !hand
    need(this.#dialog, '[data-restart]').hidden = step === null
    need(this.#dialog, '[data-catch-up-part]').hidden = step === null || step >= steps
    need<HTMLButtonElement>(this.#dialog, '[data-look]').disabled = row.shells.length === 0 && this.#look === undefined
    need(this.#dialog, '[data-look]').toggleAttribute('data-watched', watchedBy !== null)
  }

  /** Steps that can be caught up to: those after the open one. */
  #drawChoice({ lab, step }: BoardRow): void {
    const steps = this.#labs.find(({ id }) => id === lab)?.steps ?? []
    need(this.#dialog, '[data-catch-up-to]').replaceChildren(
      ...steps
        .map(({ id, title }, at) => ({ id, title, number: at + 1 }))
        .filter(({ number }) => step !== null && number > step)
        .map(({ id, title, number }) => create('option', { value: id }, `${number}. ${title}`)),
    )
  }

  // ---- what the host does ----

  async #lower({ seat }: BoardRow, notice = this.#page.notice): Promise<void> {
    await host.lowerHand(this.#workshop, seat)
    notice(strings.done.lowered)
  }

  async #restart({ seat, lab, step }: BoardRow, name: string, notice = this.#page.notice): Promise<void> {
    const id = this.#labs.find((one) => one.id === lab)?.steps[(step ?? 0) - 1]?.id
    if (lab === null || id === undefined) return
    const { title, text, confirm } = strings.ask.restart
    if (!(await this.#page.ask({ title: title(name), text, confirm }))) return
    await host.restart(this.#workshop, seat, lab, id)
    notice(strings.done.restarted)
  }

  async #catchUp({ seat, lab }: BoardRow): Promise<void> {
    const { value, selectedOptions } = need<HTMLSelectElement>(this.#dialog, '[data-catch-up-to]')
    if (lab === null || value === '') return
    const number = Number.parseInt(selectedOptions[0]?.textContent ?? '', 10)
    const { title, text, confirm } = strings.ask.catchUp
    if (!(await this.#page.ask({ title: title(this.#name, number), text, confirm }))) return
    await host.catchUp(this.#workshop, seat, lab, value)
    this.#page.notice(strings.done.catchingUp)
  }

  async #showLink({ seat }: BoardRow): Promise<void> {
    const link = new URL(await host.link(this.#workshop, seat), location.href).href
    const line = need(this.#dialog, '[data-seat-link]')
    line.hidden = false
    say(need(line, 'code'), link)
    await copy(link, this.#page)
  }

  async #takeAway({ seat }: BoardRow): Promise<void> {
    const { title, text, confirm } = strings.ask.seat
    if (!(await this.#page.ask({ title: title(this.#name), text, confirm }))) return
    await host.removeSeat(this.#workshop, seat)
    this.#dialog.close()
    this.#pageNotice(strings.done.seatGone)
  }

  // ---- the terminal ----

  async #toggleLook(): Promise<void> {
    if (this.#look !== undefined) return this.#closeLook()
    const { Look } = await import('./look.ts')
    if (!this.#dialog.open || this.#row === undefined || this.#look !== undefined) return
    const { seat } = this.#row
    need(this.#dialog, '[data-look-part]').hidden = false
    need(this.#dialog, '[data-look]').setAttribute('aria-expanded', 'true')
    this.#dialog.toggleAttribute('data-looking', true)
    this.#look = new Look(need(this.#dialog, '[data-look-part]'), strings.look.label(this.#name), (shell) =>
      host.terminal(this.#workshop, seat, shell),
    )
    this.#look.update(this.#row)
  }

  #closeLook(): void {
    this.#look?.dispose()
    this.#look = undefined
    need(this.#dialog, '[data-look-part]').hidden = true
    need(this.#dialog, '[data-look]').setAttribute('aria-expanded', 'false')
    this.#dialog.toggleAttribute('data-looking', false)
  }
}
