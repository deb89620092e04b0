/**
 * A host looks over somebody's shoulder. The participant is told before the host sees anything, for as long as it lasts; the host
 * types only while the participant allows it. Nothing of it outlasts the look: who looks again, asks again.
 */
import type { SeatView } from '../../protocol/workshop.ts'
import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { Host } from '../host/sign-ins.ts'
import type { Audit } from './audit.ts'
import type { News } from './news.ts'
import type { Seat, Workshop } from './workshop.ts'

type Typing = NonNullable<SeatView['helping']>['typing']

interface Look {
  workshop: Workshop
  host: Host
  typing: Typing
  /** Terminals that are looked at: a host may have several open. */
  open: number
  cancelEnd: () => void
}

/** Milliseconds that a look goes on without a terminal: a host goes from one to another, or their connection broke. */
export const ENDS_AFTER = 2_000

export class Helping {
  readonly #news: Pick<News, 'ofSeat'>
  readonly #audit: Audit
  readonly #clock: Clock
  readonly #looks = new Map<string, Look>()

  constructor(options: { news: Pick<News, 'ofSeat'>; audit: Audit; clock: Clock }) {
    this.#news = options.news
    this.#audit = options.audit
    this.#clock = options.clock
  }

  /** What the participant is told; null while nobody looks. */
  of({ id }: Pick<Seat, 'id'>): SeatView['helping'] {
    const look = this.#looks.get(id)
    return look ? { typing: look.typing } : null
  }

  watchedBy({ id }: Pick<Seat, 'id'>): string | null {
    return this.#looks.get(id)?.host.name ?? null
  }

  mayType({ id }: Pick<Seat, 'id'>): boolean {
    return this.#looks.get(id)?.typing === 'allowed'
  }

  /** From now on the host sees this terminal; the function returned, called once, ends it. */
  look(host: Host, workshop: Workshop, seat: Seat, shell: number): () => void {
    const look = this.#looks.get(seat.id) ?? { workshop, host, typing: 'no', open: 0, cancelEnd: () => {} }
    look.cancelEnd()
    look.open++
    this.#looks.set(seat.id, look)
    this.#audit(host, workshop, 'look', `terminal ${shell}`, seat)
    this.#news.ofSeat(seat)
    let left = false
    return () => {
      if (left) return
      left = true
      look.open--
      // Closed: the server stops, and nothing can be written any more.
      if (this.#looks.get(seat.id) !== look) return
      this.#audit(host, workshop, 'look-end', `terminal ${shell}`, seat)
      if (look.open > 0) return
      look.cancelEnd = this.#clock.after(ENDS_AFTER, () => {
        this.#looks.delete(seat.id)
        this.#news.ofSeat(seat)
      })
    }
  }

  close(): void {
    for (const { cancelEnd } of this.#looks.values()) cancelEnd()
    this.#looks.clear()
  }

  /** The host would like to type. @throws {ReaderError} not-looking (409) */
  ask(host: Host, workshop: Workshop, seat: Seat): void {
    const look = this.#looks.get(seat.id)
    if (!look) {
      throw new ReaderError('not-looking', 'Look at a terminal of theirs first.', { status: 409 })
    }
    if (look.typing !== 'no') return
    this.#audit(host, workshop, 'typing-asked', '', seat)
    this.#set(seat, look, 'asked')
  }

  /** The host has typed enough, or asks no longer. */
  stop(host: Host, workshop: Workshop, seat: Seat): void {
    const look = this.#looks.get(seat.id)
    if (!look || look.typing === 'no') return
    this.#audit(host, workshop, 'typing-ended', 'by the host', seat)
    this.#set(seat, look, 'no')
  }

  /**
   * The participant's word, which they can take back at any time.
   * @throws {ReaderError} not-asked (409)
   */
  answer(seat: Seat, allowed: boolean): void {
    const look = this.#looks.get(seat.id)
    if (!allowed) {
      if (!look || look.typing === 'no') return
      const action = look.typing === 'asked' ? 'typing-refused' : 'typing-ended'
      this.#audit(look.host, look.workshop, action, 'by the participant', seat)
      this.#set(seat, look, 'no')
      return
    }
    if (!look || look.typing === 'no') {
      throw new ReaderError('not-asked', 'Your host does not ask to type at this moment.', { status: 409 })
    }
    if (look.typing === 'allowed') return
    this.#audit(look.host, look.workshop, 'typing-allowed', 'by the participant', seat)
    this.#set(seat, look, 'allowed')
  }

  #set(seat: Seat, look: Look, typing: Typing): void {
    look.typing = typing
    this.#news.ofSeat(seat)
  }
}
