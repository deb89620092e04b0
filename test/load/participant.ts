/** One participant of a workshop: joins, starts the lab, types, and does its steps, as a page would. */
import type { SessionView } from '../../protocol/session.ts'
import { Reader } from '../server.ts'
import { openTerminal, type TerminalClient } from '../terminal-client.ts'
import { readEvents } from './events.ts'

export interface ParticipantOptions {
  url: string
  code: string
  name: string
  lab: string
  /** Commands that do the lab's first steps, in their order; others are typed between them. */
  steps: readonly string[]
  idle: readonly string[]
  random(): number
}

/** Milliseconds of the machine's clock, which all processes share. */
export interface Done {
  step: number
  at: number
}

export interface Told {
  /** From the click on "Join" to the prompt. */
  inAfter: number | undefined
  /** Sentences of what the server refused, and what broke. */
  refused: string[]
  /** Milliseconds from a key to its character on the screen. */
  echoes: number[]
  done: Done[]
}

/** How fast somebody types, in ms from key to key. */
const KEY = { least: 80, spread: 120 }
/** Milliseconds to the first command, and from one to the next: people read, mostly. */
const FIRST_PAUSE = { least: 2_000, spread: 8_000 }
const PAUSE = { least: 8_000, spread: 24_000 }
const READY_WITHIN = 120_000
const ECHO_WITHIN = 30_000
const PROMPT = /\$ $/

export class Participant {
  readonly #options: ParticipantOptions
  readonly #reader: Reader
  readonly #closes: (() => void)[] = []
  readonly told: Told = { inAfter: undefined, refused: [], echoes: [], done: [] }
  #terminal: TerminalClient | undefined
  #view: SessionView | undefined
  #changed: () => void = () => {}
  #over = false

  constructor(options: ParticipantOptions) {
    this.#options = options
    this.#reader = new Reader(options.url)
  }

  /** Joins and comes as far as the prompt. */
  async join(): Promise<void> {
    const { url, code, name, lab } = this.#options
    const begun = performance.now()
    try {
      await this.#reader.ask('POST', '/api/join', { code, name })
      this.#listen('/api/seat/events', () => {})
      const { id } = await this.#reader.ask<SessionView>('POST', '/api/sessions', { lab })
      this.#listen(`/api/sessions/${id}/events?map`, (event, data) => {
        if (event === 'session') this.#see(data as SessionView)
      })
      const view = await this.#until(({ status }) => status.state === 'ready')
      const terminal = await openTerminal(url, id, view.shells[0]?.id ?? 1, this.#reader.cookie)
      this.#closes.push(() => terminal.close())
      // It may have come with the welcome
      if (!terminal.text().includes('$ ')) await terminal.expect('$ ', READY_WITHIN)
      this.#terminal = terminal
      this.told.inAfter = performance.now() - begun
    } catch (error) {
      this.told.refused.push((error as Error).message)
    }
  }

  /** Types until told to leave: now a step, now something else. */
  async work(): Promise<void> {
    const { steps, idle, random } = this.#options
    const terminal = this.#terminal
    if (terminal === undefined) return
    const todo = [...steps]
    try {
      for (let turn = 0; !this.#over; turn++) {
        await this.#pause(turn === 0 ? FIRST_PAUSE : PAUSE)
        if (this.#over) return
        const command = turn % 2 === 0 ? todo.shift() : undefined
        await this.#type(terminal, command ?? (idle[Math.floor(random() * idle.length)] as string))
      }
    } catch (error) {
      if (!this.#over) this.told.refused.push((error as Error).message)
    }
  }

  leave(): Told {
    this.#over = true
    for (const close of this.#closes) close()
    return this.told
  }

  async #type(terminal: TerminalClient, command: string): Promise<void> {
    for (const key of command) {
      await this.#pause(KEY)
      if (this.#over) return
      const seen = terminal.expect(key, ECHO_WITHIN)
      const begun = performance.now()
      terminal.type(key)
      await seen
      this.told.echoes.push(performance.now() - begun)
    }
    const ended = terminal.expect(PROMPT, ECHO_WITHIN)
    terminal.type('\r')
    await ended
  }

  #listen(path: string, onEvent: (event: string, data: unknown) => void): void {
    const { url } = this.#options
    const { cookie } = this.#reader
    const onEnd = (problem: string) => {
      if (!this.#over) this.told.refused.push(problem)
    }
    this.#closes.push(readEvents({ url, path, cookie, onEvent, onEnd }))
  }

  #see(view: SessionView): void {
    const before = doneIn(this.#view)
    this.#view = view
    for (let step = before + 1; step <= doneIn(view); step++) this.told.done.push({ step, at: view.now })
    this.#changed()
  }

  async #until(wanted: (view: SessionView) => boolean): Promise<SessionView> {
    for (const end = Date.now() + READY_WITHIN; ; ) {
      const view = this.#view
      if (view?.status.state === 'ended') throw new Error(`the lab ended: ${view.status.message}`)
      if (view && wanted(view)) return view
      const left = end - Date.now()
      if (left < 0) throw new Error(`not ready within ${READY_WITHIN} ms: ${JSON.stringify(view?.status)}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#changed = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  #pause({ least, spread }: { least: number; spread: number }): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, least + spread * this.#options.random()))
  }
}

/** Steps from the first that are done. */
const doneIn = (view: SessionView | undefined): number => {
  if (view?.status.state !== 'ready') return 0
  const open = view.steps.findIndex(({ status }) => status === 'open' || status === 'locked')
  return open < 0 ? view.steps.length : open
}
