/** The host of the workshop under load: makes it, and listens to its board. */
import type { BoardEvent, HostView, WorkshopDraft, WorkshopView } from '../../protocol/workshop.ts'
import { Reader } from '../server.ts'
import { readEvents } from './events.ts'

const MINUTE = 60_000
/** In ms. */
const WARM_WITHIN = 5 * MINUTE

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

  /** It runs when this resolves; before, clusters are made for all seats if that is wanted. */
  async open(lab: string, seats: number, warm: boolean): Promise<WorkshopView> {
    const now = Date.now()
    const draft: WorkshopDraft = {
      title: 'A full room',
      labs: [lab],
      startsAt: warm ? now + 10 * MINUTE : now,
      endsAt: now + 60 * MINUTE,
      seats,
      codes: 'one',
      provider: 'embedded',
      warmUpMinutes: warm ? 15 : 0,
    }
    const made = await this.#reader.ask<WorkshopView>('POST', '/api/workshops', draft)
    if (!warm) return made
    const path = `/api/workshops/${made.id}`
    while ((await this.#reader.ask<WorkshopView>('GET', path)).warm < seats) {
      if (Date.now() - now > WARM_WITHIN) throw new Error(`not all clusters were warm after ${WARM_WITHIN} ms`)
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    return this.#reader.ask('PUT', path, { ...draft, startsAt: Date.now() })
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
