/** Workshops at work: who hosts them, who sits in them, and the sessions of their seats from the start to the end. */
import type {
  AuditLine,
  SeatProgress,
  SeatView,
  WorkshopDraft,
  WorkshopState,
  WorkshopView,
} from '../../protocol/workshop.ts'
import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { Host } from '../host/sign-ins.ts'
import type { Ids } from '../ids.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import type { Logger } from '../log.ts'
import {
  ROOM_OVER,
  type RoomSession,
  type RoomSessions,
  type Session,
  type StartRequest,
} from '../sessions/sessions.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { type Audit, createAudit } from './audit.ts'
import { Boards } from './boards.ts'
import { type CodeBook, createCodeBook } from './code-book.ts'
import { type Codes, createCodes } from './codes.ts'
import { createDrafts, type Drafts } from './drafts.ts'
import type { Bears } from './enough.ts'
import { type Export, exportOf } from './export.ts'
import { Following } from './following.ts'
import { Helping } from './helping.ts'
import { createJoining, type Joining } from './joining.ts'
import { Leading } from './leading.ts'
import { News } from './news.ts'
import { Presence } from './presence.ts'
import { progressOf } from './progress.ts'
import type { WorkshopStore } from './store.ts'
import { nextChange, type Seat, stateAt, stepsOpen, type Workshop } from './workshop.ts'

export interface RoomsOptions {
  store: WorkshopStore
  sessions: RoomSessions
  /** The labs that there are. */
  catalogue: Pick<ReadonlyMap<string, LabEntry>, 'has' | 'get'>
  clock: Clock
  ids: Pick<Ids, 'secret'>
  log: Logger
  /** Codes and links are made with it. */
  key: Buffer
  /** What this machine bears of a provider's clusters; left out, all that is asked for. */
  bears?: (provider: string) => Bears | undefined
}

/** Where a personal link leads; the token follows. What is behind # is sent to no server and stands in no log. */
const LINK = '/join/#seat='
/** Milliseconds after which the time is looked at again: a laptop that has slept wakes up late. */
const LOOK_EVERY = 10_000
const MINUTE = 60_000
/** Milliseconds that a workshop may last, extensions included. */
const LONGEST = 24 * 60 * MINUTE

export class Rooms {
  readonly leading: Leading
  readonly helping: Helping
  readonly boards: Boards
  readonly #options: RoomsOptions
  readonly #news = new News()
  readonly #audit: Audit
  readonly #codes: Codes
  readonly #book: CodeBook
  readonly #joining: Joining
  readonly #drafts: Drafts
  readonly #following: Following
  readonly #presence: Presence
  /** States that have been acted on. */
  readonly #states = new Map<string, WorkshopState>()
  #cancelLook = () => {}

  constructor(options: RoomsOptions) {
    this.#options = options
    this.#codes = createCodes(options.key)
    this.#book = createCodeBook({ ...options, codes: this.#codes })
    this.#joining = createJoining({ ...options, codes: this.#codes })
    this.#drafts = createDrafts(options)
    this.#following = new Following({ store: options.store, news: this.#news })
    this.#presence = new Presence(options.clock)
    this.#audit = createAudit(options)
    const parts = { news: this.#news, audit: this.#audit }
    this.leading = new Leading({ ...options, ...parts })
    this.helping = new Helping({ ...options, ...parts })
    this.boards = new Boards({
      ...options,
      news: this.#news,
      following: this.#following,
      presence: this.#presence,
      helping: this.helping,
      view: (workshop) => this.view(workshop),
      warm: (workshop) => this.#warm(workshop),
    })
  }

  /** Takes up what an earlier process left: the sessions must be there by then. */
  open(): void {
    const { sessions, store } = this.#options
    for (const session of sessions.ofRooms()) {
      this.#following.follow(session)
      const workshop = store.workshop(session.room)
      if (!workshop) continue
      session.lastUntil(workshop.endsAt)
      session.openUpTo(stepsOpen(workshop, session.view().lab))
    }
    this.#look()
  }

  close(): void {
    this.#cancelLook()
    this.helping.close()
    this.#presence.close()
    this.#news.close()
  }

  /** @throws {ReaderError} invalid-request (400) */
  create(host: Host, draft: WorkshopDraft): WorkshopView {
    this.#drafts.check(draft)
    const { store, ids, clock, log } = this.#options
    const workshop: Workshop = {
      ...draft,
      ...this.#book.begin(),
      id: ids.secret(),
      host: host.id,
      createdAt: clock.now(),
      pace: null,
    }
    store.together(() => {
      store.putWorkshop(workshop)
      this.#book.balance(workshop)
    })
    log.info({ workshop: workshop.id, seats: workshop.seats }, 'workshop created')
    this.#look()
    return this.view(workshop)
  }

  of(host: Host): WorkshopView[] {
    return this.#options.store.ofHost(host.id).map((workshop) => this.view(workshop))
  }

  /** @throws {ReaderError} not-yours (403), the same whether it does not exist or is another host's */
  get(host: Host, id: string): Workshop {
    const workshop = this.#options.store.workshop(id)
    if (workshop?.host === host.id) return workshop
    throw new ReaderError('not-yours', 'This is not a workshop of yours.', { status: 403 })
  }

  view(workshop: Workshop): WorkshopView {
    const { store, clock } = this.#options
    const { id, title, labs, startsAt, endsAt, seats, codes, provider, warmUpMinutes } = workshop
    const unused = this.#book.unused(workshop)
    const warning = this.#drafts.warning(workshop)
    return {
      ...{ id, title, labs, startsAt, endsAt, seats, codes, provider, warmUpMinutes },
      state: stateAt(workshop, clock.now()),
      taken: store.taken(id),
      ...(codes === 'one' ? { code: unused[0] ?? '' } : { unusedCodes: unused }),
      warm: this.#warm(workshop),
      ...(warning === undefined ? {} : { warning }),
      pace: workshop.pace,
    }
  }

  /** @throws {ReaderError} already-started (409), too-few-seats (409), invalid-request (400) */
  change(workshop: Workshop, draft: WorkshopDraft): WorkshopView {
    const { store, clock } = this.#options
    const state = stateAt(workshop, clock.now())
    if (state === 'running' || state === 'over') {
      throw new ReaderError('already-started', 'A workshop can be changed until it starts.', { status: 409 })
    }
    this.#drafts.check(draft, workshop.id)
    const taken = store.taken(workshop.id)
    if (draft.seats < taken) {
      throw new ReaderError('too-few-seats', `${taken} seats are taken already: fewer there cannot be.`, {
        status: 409,
        field: 'seats',
      })
    }
    const pace = workshop.pace && draft.labs.includes(workshop.pace.lab) ? workshop.pace : null
    const changed = { ...workshop, ...draft, pace }
    store.together(() => {
      store.putWorkshop(changed)
      this.#book.balance(changed, workshop.codes)
    })
    this.#changed(changed.id)
    return this.view(changed)
  }

  /** @throws {ReaderError} still-running (409) */
  remove(workshop: Workshop): void {
    const { store, clock, log } = this.#options
    if (stateAt(workshop, clock.now()) === 'running') {
      throw new ReaderError('still-running', 'This workshop is running: end it first.', { status: 409 })
    }
    const seats = store.seats(workshop.id)
    store.removeWorkshop(workshop.id)
    this.#states.delete(workshop.id)
    log.info({ workshop: workshop.id }, 'workshop removed')
    for (const seat of seats) {
      this.#following.forget(seat.id)
      this.#news.ofSeat(seat)
    }
    this.#news.ofWorkshop(workshop.id)
    this.#look()
  }

  /** @throws {ReaderError} not-running (409), too-long (409) */
  extend(host: Host, workshop: Workshop, minutes: number): WorkshopView {
    this.#requireRunning(workshop)
    const endsAt = workshop.endsAt + minutes * MINUTE
    if (endsAt - workshop.startsAt > LONGEST) {
      throw new ReaderError('too-long', 'A workshop lasts 24 hours at most.', { status: 409, field: 'minutes' })
    }
    return this.#endAt(host, { ...workshop, endsAt }, 'extend', `${minutes} min`)
  }

  /** For all who are in it. @throws {ReaderError} not-running (409) */
  end(host: Host, workshop: Workshop): WorkshopView {
    this.#requireRunning(workshop)
    return this.#endAt(host, { ...workshop, endsAt: this.#options.clock.now() }, 'end', '')
  }

  join(...args: Parameters<Joining['join']>): Seat {
    const seat = this.#joining.join(...args)
    this.#options.log.info({ workshop: seat.workshop, seat: seat.id }, 'seat taken')
    this.#news.onBoard(seat)
    this.#news.ofWorkshop(seat.workshop)
    return seat
  }

  byLink(...args: Parameters<Joining['byLink']>): Seat {
    return this.#joining.byLink(...args)
  }

  seatOf(reader: string | undefined): Seat | undefined {
    return reader === undefined ? undefined : this.#options.store.seatOfReader(reader)
  }

  /** A terminal of the lab that the seat was last at; undefined if there is no such. */
  terminalOf(seat: Seat, shell: number): { session: RoomSession; terminal: Terminal } | undefined {
    const session = this.#following.of(seat.id)?.session
    const terminal = session?.terminal(shell)
    return session && terminal && session.view().status.state !== 'ended' ? { session, terminal } : undefined
  }

  /** @throws {ReaderError} unknown-seat (404) */
  seatIn(workshop: Workshop, id: string): Seat {
    const seat = this.#options.store.seat(id)
    if (seat?.workshop === workshop.id) return seat
    throw new ReaderError('unknown-seat', 'There is no such seat in this workshop.', { status: 404 })
  }

  /** For the host, who is then written down: whoever has the link is that participant. */
  linkFor(host: Host, workshop: Workshop, seat: Seat): string {
    this.#audit(host, workshop, 'link', '', seat)
    return this.linkOf(seat)
  }

  linkOf(seat: Seat): string {
    return LINK + this.#codes.token(seat.id)
  }

  /** Undefined once the seat has been taken away. */
  seatView({ id }: Seat): SeatView | undefined {
    const { store, clock } = this.#options
    const seat = store.seat(id)
    const workshop = seat && store.workshop(seat.workshop)
    if (!workshop) return undefined
    const now = clock.now()
    const { title, labs, startsAt, endsAt, provider, pace } = workshop
    return {
      seat: seat.id,
      name: seat.name,
      workshop: { title, labs, startsAt, endsAt, provider, state: stateAt(workshop, now) },
      pace,
      hand: seat.handAt !== null,
      link: this.linkOf(seat),
      helping: this.helping.of(seat),
      messages: this.leading.messagesOf(workshop),
      now,
    }
  }

  /** What a participant has done, for a page to print. Undefined once the workshop is gone. */
  progressOf(seat: Seat): SeatProgress | undefined {
    const { store, catalogue } = this.#options
    const workshop = store.workshop(seat.workshop)
    return workshop && progressOf(seat, workshop, store.milestonesOf(seat.id), catalogue)
  }

  exportOf(workshop: Workshop): Export {
    const { store, catalogue } = this.#options
    return exportOf(workshop, store.seats(workshop.id), store.milestones(workshop.id), catalogue)
  }

  auditOf({ id }: Workshop): AuditLine[] {
    return this.#options.store.audit(id)
  }

  /** Calls whenever the seat's view may be another; the function returned ends it. */
  watchSeat(seat: Seat, changed: () => void): () => void {
    const leave = this.#news.watchSeat(seat.id, changed)
    const left = this.#presence.enter(seat.id, () => this.#news.onBoard(seat))
    return () => {
      leave()
      left()
    }
  }

  /** The participant’s labs end; with one-time codes there is a new one for the seat. */
  removeSeat(host: Host, workshop: Workshop, seat: Seat): void {
    const { store } = this.#options
    for (const session of this.#sessionsOf(workshop.id)) {
      if (session.reader === seat.reader) session.end('expired', 'Your host has taken your seat away.')
    }
    store.together(() => {
      store.removeSeat(seat.id)
      this.#book.balance(workshop)
      this.#audit(host, workshop, 'remove', seat.name, seat)
    })
    this.#following.forget(seat.id)
    this.#news.ofSeat(seat)
    this.#news.ofWorkshop(workshop.id)
  }

  /** What limits count in place of the network address, which a classroom shares: the seat, while its workshop is on. */
  countedAs(reader: string | undefined): string | undefined {
    const seat = this.seatOf(reader)
    const workshop = seat && this.#options.store.workshop(seat.workshop)
    if (!workshop || stateAt(workshop, this.#options.clock.now()) === 'over') return undefined
    return `seat ${seat.id}`
  }

  /**
   * A lab of the workshop for its seat, with the room's provider and time; undefined if the reader has no such seat.
   * @throws {ReaderError} not-yet (409), and what `Sessions.start` throws
   */
  start(request: StartRequest): Session | undefined {
    const { store, sessions, clock } = this.#options
    const seat = store.seatOfReader(request.reader)
    const workshop = seat && store.workshop(seat.workshop)
    if (!workshop?.labs.includes(request.lab)) return undefined
    switch (stateAt(workshop, clock.now())) {
      case 'over':
        return undefined
      case 'planned':
      case 'open':
        throw new ReaderError('not-yet', `“${workshop.title}” has not started: its labs begin with it.`, {
          status: 409,
        })
      case 'running': {
        const { provider, id, endsAt } = workshop
        const steps = stepsOpen(workshop, request.lab)
        const running = sessions
          .ofRooms()
          .some((one) => one.reader === request.reader && one.view().lab === request.lab)
        if (steps === 0 && !running) {
          throw new ReaderError('not-yet', 'Your host has not opened this lab yet.', { status: 409 })
        }
        const started = sessions.start({ ...request, provider, room: { id, endsAt } })
        const session = sessions.ofRooms().find((one) => one.id === started.id)
        session?.openUpTo(steps)
        if (session) this.#following.follow(session)
        return started
      }
    }
  }

  /** Clusters that are ready for its first lab. */
  #warm({ labs, provider, seats }: Pick<Workshop, 'labs' | 'provider' | 'seats'>): number {
    return Math.min(seats, this.#options.sessions.warmFor(labs[0] ?? '', provider))
  }

  #requireRunning(workshop: Workshop): void {
    if (stateAt(workshop, this.#options.clock.now()) === 'running') return
    throw new ReaderError('not-running', 'This workshop is not running.', { status: 409 })
  }

  #endAt(host: Host, workshop: Workshop, action: 'extend' | 'end', detail: string): WorkshopView {
    const { store } = this.#options
    store.together(() => {
      store.putWorkshop(workshop)
      this.#audit(host, workshop, action, detail)
    })
    for (const session of this.#sessionsOf(workshop.id)) session.lastUntil(workshop.endsAt)
    this.#changed(workshop.id)
    return this.view(workshop)
  }

  #sessionsOf(workshop: string): RoomSession[] {
    return this.#options.sessions.ofRooms().filter(({ room }) => room === workshop)
  }

  #changed(workshop: string): void {
    this.#tellAll(workshop)
    this.#look()
  }

  #tellAll(workshop: string): void {
    for (const seat of this.#options.store.seats(workshop)) this.#news.ofSeat(seat)
    this.#news.ofWorkshop(workshop)
  }

  /** Acts on what the time has brought, and comes back when it brings something again. */
  #look(): void {
    this.#cancelLook()
    const { store, sessions, clock } = this.#options
    const now = clock.now()
    const workshops = store.workshops()
    const open = workshops.filter((workshop) => stateAt(workshop, now) !== 'over')
    const on = new Set(open.map(({ id }) => id))
    for (const session of sessions.ofRooms()) if (!on.has(session.room)) session.end('expired', ROOM_OVER)
    sessions.keepFree(placesOf(open.filter((workshop) => stateAt(workshop, now) !== 'planned')))
    for (const workshop of workshops) {
      const state = stateAt(workshop, now)
      const before = this.#states.get(workshop.id)
      this.#states.set(workshop.id, state)
      if (before === undefined || before === state) continue
      this.#options.log.info({ workshop: workshop.id, state }, 'workshop goes on')
      this.#tellAll(workshop.id)
    }
    const next = open.flatMap((workshop) => nextChange(workshop, now) ?? [])
    if (next.length === 0) return
    this.#cancelLook = clock.after(Math.min(LOOK_EVERY, ...next.map((at) => at - now)), () => this.#look())
  }
}

/** Seats of workshops, by what makes their clusters. */
function placesOf(workshops: readonly Workshop[]): Map<string, number> {
  const places = new Map<string, number>()
  for (const { provider, seats } of workshops) places.set(provider, (places.get(provider) ?? 0) + seats)
  return places
}
