/** What a host does with a room while it is on, and the raised hands that they answer. */
import type { Message, Pace } from '../../protocol/workshop.ts'
import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { Host } from '../host/sign-ins.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import type { RoomSession, RoomSessions } from '../sessions/sessions.ts'
import type { Audit } from './audit.ts'
import type { News } from './news.ts'
import type { WorkshopStore } from './store.ts'
import { type Seat, stateAt, stepsOpen, type Workshop } from './workshop.ts'

/** Messages that a participant sees. */
const MOST_MESSAGES = 5

export interface LeadingOptions {
  store: WorkshopStore
  sessions: Pick<RoomSessions, 'ofRooms'>
  catalogue: Pick<ReadonlyMap<string, LabEntry>, 'get'>
  clock: Pick<Clock, 'now'>
  news: News
  audit: Audit
}

export class Leading {
  readonly #options: LeadingOptions

  constructor(options: LeadingOptions) {
    this.#options = options
  }

  /**
   * Opens steps up to one, or all of them.
   * @throws {ReaderError} workshop-over (409), invalid-request (400)
   */
  setPace(host: Host, workshop: Workshop, pace: Pace | null): Workshop {
    const { store, catalogue, audit } = this.#options
    this.#requireNotOver(workshop)
    const steps = pace && workshop.labs.includes(pace.lab) ? catalogue.get(pace.lab)?.lab.steps.length : undefined
    if (pace && steps === undefined) throw wrong('pace.lab', `The lab “${pace.lab}” is not in this workshop.`)
    if (pace && steps !== undefined && pace.step > steps) {
      throw wrong('pace.step', `The lab “${pace.lab}” has ${steps} ${steps === 1 ? 'step' : 'steps'}.`)
    }
    const changed = { ...workshop, pace }
    store.together(() => {
      store.putWorkshop(changed)
      audit(host, workshop, 'pace', pace === null ? 'free' : `${pace.lab}, up to step ${pace.step}`)
    })
    this.keepPace(changed)
    this.#tellAll(changed)
    return changed
  }

  /** Its sessions open as many steps as its pace says. */
  keepPace(workshop: Workshop): void {
    for (const session of this.#sessionsOf(workshop)) session.openUpTo(stepsOpen(workshop, session.view().lab))
  }

  /** A message to everybody in the room. @throws {ReaderError} workshop-over (409) */
  broadcast(host: Host, workshop: Workshop, text: string): Message {
    const { store, clock, audit } = this.#options
    this.#requireNotOver(workshop)
    const message = store.together(() => {
      audit(host, workshop, 'broadcast', text)
      return store.addMessage(workshop.id, { text, at: clock.now() })
    })
    this.#tellAll(workshop)
    return message
  }

  /** The newest ones, newest last. */
  messagesOf({ id }: Pick<Workshop, 'id'>): Message[] {
    return this.#options.store.messages(id, MOST_MESSAGES)
  }

  /** The participant asks for the host, or no longer. @throws {ReaderError} workshop-over (409) */
  raiseHand(seat: Seat, raised: boolean): void {
    const { store, clock } = this.#options
    const workshop = store.workshop(seat.workshop)
    if (raised && workshop) this.#requireNotOver(workshop)
    if (raised === (seat.handAt !== null)) return
    this.#putHand(seat, raised ? clock.now() : null)
  }

  /** The host has been there. */
  lowerHand(host: Host, workshop: Workshop, seat: Seat): void {
    if (seat.handAt === null) return
    this.#options.audit(host, workshop, 'hand', '', seat)
    this.#putHand(seat, null)
  }

  /** @throws {ReaderError} no-lab (409), and what `Session.restart` throws */
  restart(host: Host, workshop: Workshop, seat: Seat, at: { lab: string; step: string }): void {
    this.#sessionOf(workshop, seat, at.lab).restart(at.step)
    this.#options.audit(host, workshop, 'restart', `${at.lab}, ${at.step}`, seat)
  }

  /** @throws {ReaderError} no-lab (409), and what `Session.catchUp` throws */
  catchUp(host: Host, workshop: Workshop, seat: Seat, at: { lab: string; step: string }): void {
    this.#sessionOf(workshop, seat, at.lab).catchUp(at.step)
    this.#options.audit(host, workshop, 'catch-up', `${at.lab}, ${at.step}`, seat)
  }

  #putHand(seat: Seat, handAt: number | null): void {
    this.#options.store.putSeat({ ...seat, handAt })
    this.#options.news.ofSeat(seat)
  }

  #sessionOf(workshop: Workshop, seat: Seat, lab: string): RoomSession {
    const session = this.#sessionsOf(workshop).find((one) => one.reader === seat.reader && one.view().lab === lab)
    if (session) return session
    throw new ReaderError('no-lab', `${seat.name} has no such lab running at this moment.`, { status: 409 })
  }

  #sessionsOf({ id }: Workshop): RoomSession[] {
    return this.#options.sessions.ofRooms().filter(({ room }) => room === id)
  }

  #requireNotOver(workshop: Workshop): void {
    if (stateAt(workshop, this.#options.clock.now()) !== 'over') return
    throw new ReaderError('workshop-over', `“${workshop.title}” is over.`, { status: 409 })
  }

  #tellAll({ id }: Workshop): void {
    const { store, news } = this.#options
    for (const seat of store.seats(id)) news.ofSeat(seat)
    news.ofWorkshop(id)
  }
}

const wrong = (field: string, message: string) => new ReaderError('invalid-request', message, { status: 400, field })
