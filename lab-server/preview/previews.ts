/** Which previews there are, whose they are, and what opens them. In memory: they end with the server, or with their lab. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { Ids } from '../ids.ts'
import type { Session } from '../sessions/sessions.ts'
import { labelFrom, type PreviewHosts } from './hosts.ts'

export interface Target {
  namespace: string
  service: string
  /** The Service's. */
  port: number
}

export interface Preview {
  readonly label: string
  readonly origin: string
  readonly session: Session
  readonly target: Target
  /** What is to end with the lab. */
  readonly open: Set<() => void>
  /** How many there were, so that each goes to the next Pod. */
  requests: number
}

interface Entry extends Preview {
  /** The digest of what opens it, until it has been opened or is too old. */
  ticket: Buffer | undefined
  /** The digest of what the browser brings from then on. */
  cookie: Buffer | undefined
  forget(): void
}

/** Milliseconds that a ticket may be on its way from the answer into the frame. */
const TICKET_FOR = 60_000
/** Previews of one lab; the oldest gives way. */
const MOST = 24
/** Milliseconds for which a preview says that its lab has ended; after that nothing is known of it. */
const ENDED_FOR = 60 * 60_000

/** Where a ticket is exchanged. The dot keeps it apart from what an app has. */
export const ENTRANCE = '/.quayside/preview'

export class Previews {
  readonly #hosts: PreviewHosts
  readonly #clock: Clock
  readonly #ids: Pick<Ids, 'secret'>
  readonly #entries = new Map<string, Entry>()

  constructor(options: { hosts: PreviewHosts; clock: Clock; ids: Pick<Ids, 'secret'> }) {
    this.#hosts = options.hosts
    this.#clock = options.clock
    this.#ids = options.ids
  }

  /**
   * A new preview under a new name.
   * @returns the address that opens it, once
   * @throws {ReaderError} no-previews (409) where they have no host
   */
  create(session: Session, target: Target, path: string): { url: string; origin: string } {
    const label = labelFrom(this.#ids.secret())
    const origin = this.#hosts.originOf(label)
    if (origin === undefined) {
      throw new ReaderError(
        'no-previews',
        'This server has no address for previews: whoever runs it can set QUAYSIDE_PREVIEW_HOST.',
        { status: 409 },
      )
    }
    this.#makeRoom(session)
    const ticket = this.#ids.secret()
    const cancelTicket = this.#clock.after(TICKET_FOR, () => {
      entry.ticket = undefined
    })
    let cancelEnded = () => {}
    const leave = session.subscribe(({ status }) => {
      if (status.state !== 'ended') return
      cut(entry)
      cancelEnded()
      cancelEnded = this.#clock.after(ENDED_FOR, () => this.#forget(entry))
    })
    const entry: Entry = {
      label,
      origin,
      session,
      target,
      open: new Set(),
      requests: 0,
      ticket: digest(ticket),
      cookie: undefined,
      forget() {
        cancelTicket()
        cancelEnded()
        leave()
      },
    }
    this.#entries.set(label, entry)
    const url = new URL(ENTRANCE, origin)
    url.searchParams.set('ticket', ticket)
    url.searchParams.set('path', path)
    return { url: url.href, origin }
  }

  /** The preview of that name and the value for its cookie, if the ticket is its own and has not been used. */
  enter(label: string, ticket: string): { preview: Preview; cookie: string } | undefined {
    const entry = this.#entries.get(label)
    if (!entry || !same(entry.ticket, ticket)) return undefined
    entry.ticket = undefined
    const cookie = this.#ids.secret()
    entry.cookie = digest(cookie)
    return { preview: entry, cookie }
  }

  /** The preview of that name, if the cookie is its own. */
  get(label: string, cookie: string | undefined): Preview | undefined {
    const entry = this.#entries.get(label)
    return entry && cookie !== undefined && same(entry.cookie, cookie) ? entry : undefined
  }

  close(): void {
    for (const entry of this.#entries.values()) this.#forget(entry)
  }

  #makeRoom(session: Session): void {
    const own = [...this.#entries.values()].filter((entry) => entry.session.id === session.id)
    for (const entry of own.slice(0, Math.max(0, own.length - MOST + 1))) this.#forget(entry)
  }

  #forget(entry: Entry): void {
    cut(entry)
    entry.forget()
    this.#entries.delete(entry.label)
  }
}

function cut({ open }: Preview): void {
  for (const end of [...open]) end()
  open.clear()
}

const digest = (secret: string) => createHash('sha256').update(secret).digest()
const same = (known: Buffer | undefined, given: string) => known !== undefined && timingSafeEqual(known, digest(given))
