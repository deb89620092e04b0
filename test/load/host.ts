/** The host of the workshop under load: makes it, and listens to its board. */
import type { BoardEvent, HostView, WorkshopView } from '../../protocol/workshop.ts'
import { Reader } from '../server.ts'
import { readEvents } from './events.ts'

export interface Seen {
  /** Name of who did it. */
  name: string
  step: number
  /** When the board told, in ms of the machine's clock. */
  at: number
}

export class Host {
  readonly #url: string
  readonly #reader: Reader
  readonly seen: Seen[] = []
  readonly problems: string[] = []
  #close = () => {}

  private constructor(url: string) {
    this.#url = url
    this.#reader = new Reader(url)
  }

  static async signIn(url: string, secret: string): Promise<Host> {
    const host = new Host(url)
    await host.#reader.ask<HostView>('POST', '/api/host/sign-in', { secret })
    return host
  }

  /** It runs already. */
  open(lab: string, seats: number): Promise<WorkshopView> {
    const now = Date.now()
    return this.#reader.ask('POST', '/api/workshops', {
      title: 'A full room',
      labs: [lab],
      startsAt: now,
      endsAt: now + 60 * 60_000,
      seats,
      codes: 'one',
      provider: 'embedded',
      warmUpMinutes: 0,
    })
  }

  /** Notes when the board first shows that somebody has done a step. */
  watch(workshop: string): void {
    const done = new Map<string, number>()
    this.#close = readEvents({
      url: this.#url,
      path: `/api/workshops/${workshop}/board`,
      cookie: this.#reader.cookie,
      onEvent: (_, data) => {
        const at = Date.now()
        for (const { name, step, steps, state } of (data as BoardEvent).rows) {
          const now = state === 'done' ? steps : (step ?? 1) - 1
          for (let each = (done.get(name) ?? 0) + 1; each <= now; each++) this.seen.push({ name, step: each, at })
          done.set(name, Math.max(now, done.get(name) ?? 0))
        }
      },
      onEnd: (problem) => this.problems.push(problem),
    })
  }

  leave(): void {
    this.#close()
  }
}
