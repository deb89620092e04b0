/**
 * The boards that hosts look at. Nothing is worked out for a room that nobody looks at; for the others, only the rows of those of
 * whom there is news, and what comes within a moment together.
 */
import { isDeepStrictEqual } from 'node:util'
import type { BoardEvent, BoardRow, Heat, WorkshopView } from '../../protocol/workshop.ts'
import type { Clock } from '../clock.ts'
import type { OpenFeed } from '../http/feed.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import { type BoardLab, heatOf, paceOf, rowOf } from './board.ts'
import type { Following } from './following.ts'
import type { Helping } from './helping.ts'
import type { Milestone } from './milestones.ts'
import type { News, RoomNews } from './news.ts'
import type { Presence } from './presence.ts'
import type { WorkshopStore } from './store.ts'
import { stateAt, type Workshop } from './workshop.ts'

/** Milliseconds within which news is told together. With what the network takes, a board lags by less than two seconds. */
export const TOGETHER = 500
/** Milliseconds between looks at what changes with time alone: who has been in a step for long, how many clusters are warm. */
export const LOOK_EVERY = 1_000

export interface BoardsOptions {
  store: Pick<WorkshopStore, 'workshop' | 'seats' | 'seat' | 'milestonesOf'>
  catalogue: Pick<ReadonlyMap<string, LabEntry>, 'get'>
  clock: Clock
  news: Pick<News, 'watchWorkshop'>
  following: Pick<Following, 'of'>
  presence: Pick<Presence, 'has'>
  helping: Pick<Helping, 'watchedBy' | 'of'>
  /** What the host sees of the workshop. */
  view(workshop: Workshop): WorkshopView
  /** Of what the host sees, the one thing that changes without news. */
  warm(workshop: Pick<Workshop, 'labs' | 'provider' | 'seats'>): number
}

/** What has changed since the last time; undefined: the workshop is gone. */
type Change = Omit<Extract<BoardEvent, { kind: 'change' }>, 'kind' | 'now'> | undefined

export class Boards {
  readonly #options: BoardsOptions
  readonly #open = new Map<string, Board>()

  constructor(options: BoardsOptions) {
    this.#options = options
  }

  /** What a host's page is sent: the whole board, then what changes. */
  feed(id: string): OpenFeed {
    return (changed) => {
      let board = this.#open.get(id)
      if (!board) {
        board = new Board(id, this.#options)
        this.#open.set(id, board)
      }
      return this.#follow(id, board, changed)
    }
  }

  /** Rooms that somebody looks at. */
  get size(): number {
    return this.#open.size
  }

  #follow(id: string, board: Board, changed: () => void) {
    const { clock } = this.#options
    let whole = true
    let gone = false
    /** Of each row only the newest waits. */
    let unsent: { rows: Map<string, BoardRow>; gone: Set<string>; workshop?: WorkshopView; heat?: Heat[] } | undefined
    const leave = board.watch((change) => {
      if (change === undefined) gone = true
      else if (!whole) {
        unsent ??= { rows: new Map(), gone: new Set() }
        for (const row of change.rows) unsent.rows.set(row.seat, row)
        for (const seat of change.gone) {
          unsent.rows.delete(seat)
          unsent.gone.add(seat)
        }
        if (change.workshop) unsent.workshop = change.workshop
        if (change.heat) unsent.heat = change.heat
      }
      changed()
    })
    return {
      take: () => {
        if (gone) return { event: 'gone', data: {}, last: true }
        const now = clock.now()
        if (whole) {
          const all = board.whole()
          if (!all) return { event: 'gone', data: {}, last: true }
          whole = false
          return { event: 'board', data: { kind: 'whole', ...all, now } satisfies BoardEvent }
        }
        if (!unsent) return undefined
        const { rows, gone: seats, ...rest } = unsent
        unsent = undefined
        return {
          event: 'board',
          data: { kind: 'change', rows: [...rows.values()], gone: [...seats], ...rest, now } satisfies BoardEvent,
        }
      },
      close: () => {
        leave()
        if (board.watched || this.#open.get(id) !== board) return
        board.close()
        this.#open.delete(id)
      },
    }
  }
}

class Board {
  readonly #id: string
  readonly #options: BoardsOptions
  readonly #watchers = new Set<(change: Change) => void>()
  readonly #rows = new Map<string, BoardRow>()
  readonly #milestones = new Map<string, readonly Milestone[]>()
  #labs: readonly BoardLab[] = []
  #heat: Heat[] = []
  #view: WorkshopView | undefined
  /** Of whom there is news. */
  readonly #due = new Set<string>()
  #viewDue = true
  #cancelTell: (() => void) | undefined
  #cancelLook = () => {}
  readonly #unsubscribe: () => void

  constructor(id: string, options: BoardsOptions) {
    this.#id = id
    this.#options = options
    for (const seat of options.store.seats(id)) this.#due.add(seat.id)
    this.#unsubscribe = options.news.watchWorkshop(id, (news) => this.#note(news))
    this.#bringUpToDate()
    this.#look()
  }

  get watched(): boolean {
    return this.#watchers.size > 0
  }

  watch(told: (change: Change) => void): () => void {
    this.#watchers.add(told)
    return () => this.#watchers.delete(told)
  }

  /** Undefined if there is no such workshop any more. */
  whole(): { workshop: WorkshopView; rows: BoardRow[]; heat: Heat[] } | undefined {
    return this.#view && { workshop: this.#view, rows: [...this.#rows.values()], heat: this.#heat }
  }

  close(): void {
    this.#unsubscribe()
    this.#cancelTell?.()
    this.#cancelLook()
  }

  #note(news: RoomNews): void {
    if (news === 'workshop') this.#viewDue = true
    else this.#due.add(news.seat)
    this.#cancelTell ??= this.#options.clock.after(TOGETHER, () => {
      this.#cancelTell = undefined
      this.#tell()
    })
  }

  #look(): void {
    this.#cancelLook = this.#options.clock.after(LOOK_EVERY, () => {
      this.#look()
      if (this.#view && this.#options.warm(this.#view) !== this.#view.warm) this.#viewDue = true
      this.#tell()
    })
  }

  #tell(): void {
    const change = this.#bringUpToDate()
    if (change && change.rows.length + change.gone.length === 0 && !change.workshop && !change.heat) return
    for (const told of [...this.#watchers]) told(change)
  }

  #bringUpToDate(): Change {
    const { store, catalogue, clock } = this.#options
    const workshop = store.workshop(this.#id)
    if (!workshop) {
      this.#view = undefined
      return undefined
    }
    const now = clock.now()
    const rows = new Map<string, BoardRow>()
    const gone: string[] = []
    const due = [...this.#due]
    this.#due.clear()
    const view = this.#viewDue || !this.#view ? this.#options.view(workshop) : this.#view
    this.#viewDue = false
    const isOther = !isDeepStrictEqual(view, this.#view)
    if (isOther) this.#labs = workshop.labs.flatMap((id) => labOf(catalogue.get(id)))
    this.#view = view
    const over = stateAt(workshop, now) === 'over'
    for (const seat of due) {
      const row = this.#rowOf(seat, over)
      if (row) rows.set(seat, row)
      else if (this.#rows.delete(seat)) gone.push(seat)
    }
    const { rows: changed, heat } = this.#heatAndPaces(rows, isOther || gone.length > 0, now)
    return { rows: changed, gone, ...(isOther ? { workshop: view } : {}), ...(heat ? { heat } : {}) }
  }

  /** @param otherwise whether the heat is another for a reason that is in no row */
  #heatAndPaces(
    rows: ReadonlyMap<string, BoardRow>,
    otherwise: boolean,
    now: number,
  ): { rows: BoardRow[]; heat?: Heat[] } {
    const changed = new Map<string, BoardRow>()
    const before = this.#heat
    const all = new Map([...this.#rows, ...rows])
    if (rows.size > 0 || otherwise) {
      this.#heat = heatOf(this.#labs, all.values(), [...this.#milestones.values()].flat())
    }
    for (const [seat, row] of all) {
      const pace = paceOf(row, this.#heat, now)
      const known = this.#rows.get(seat)
      const next = pace === row.pace ? row : { ...row, pace }
      if (known === next || isDeepStrictEqual(known, next)) continue
      this.#rows.set(seat, next)
      changed.set(seat, next)
    }
    return {
      rows: [...changed.values()],
      ...(isDeepStrictEqual(before, this.#heat) ? {} : { heat: this.#heat }),
    }
  }

  #rowOf(id: string, over: boolean): BoardRow | undefined {
    const { store, following, presence, helping } = this.#options
    const seat = store.seat(id)
    if (!seat) {
      this.#milestones.delete(id)
      return undefined
    }
    const milestones = store.milestonesOf(id)
    this.#milestones.set(id, milestones)
    const last = following.of(id)
    return rowOf(
      {
        seat,
        here: presence.has(id),
        watchedBy: helping.watchedBy(seat),
        typing: helping.of(seat)?.typing ?? null,
        current: last ? { view: last.view, lastInputAt: last.session.lastInputAt, openedAt: last.openedAt } : null,
        milestones,
      },
      this.#labs,
      over,
    )
  }
}

function labOf(entry: LabEntry | undefined): BoardLab[] {
  if (!entry) return []
  const { id, steps } = entry.lab
  return [{ id, steps: steps.map(({ id, title, needs }) => ({ id, title, optional: needs !== undefined })) }]
}
