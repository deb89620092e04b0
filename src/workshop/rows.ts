/** The board's rows: how they change, in which order they stand, which are shown. Pure. */
import type { BoardEvent, BoardRow, Heat, WorkshopView } from '../../protocol/workshop.ts'

export interface Board {
  workshop: WorkshopView
  /** By seat, in the order in which they were taken. */
  rows: ReadonlyMap<string, BoardRow>
  heat: readonly Heat[]
}

/** @returns undefined for a change of something that is not known yet */
export function applied(board: Board | undefined, event: BoardEvent): Board | undefined {
  if (event.kind === 'whole') {
    return { workshop: event.workshop, rows: new Map(event.rows.map((row) => [row.seat, row])), heat: event.heat }
  }
  if (board === undefined) return undefined
  const rows = new Map(board.rows)
  for (const row of event.rows) rows.set(row.seat, row)
  for (const seat of event.gone) rows.delete(seat)
  return { workshop: event.workshop ?? board.workshop, rows, heat: event.heat ?? board.heat }
}

/** Times the room's median for a step, above which somebody counts as stuck. */
const STUCK = 2

export const isStuck = ({ state, pace }: BoardRow): boolean => state === 'working' && pace !== null && pace > STUCK

export const filters = ['all', 'hand', 'stuck', 'working', 'done', 'away'] as const
export type Filter = (typeof filters)[number]

export const orders = ['need', 'name', 'progress', 'activity'] as const
export type Order = (typeof orders)[number]

const passes: Record<Filter, (row: BoardRow) => boolean> = {
  all: () => true,
  hand: ({ hand }) => hand,
  stuck: isStuck,
  working: ({ state }) => state === 'working' || state === 'waiting',
  done: ({ state }) => state === 'done',
  away: ({ here }) => !here,
}

export interface Wanted {
  filter: Filter
  /** A part of the name; not looked at while names are hidden. */
  name: string
  /** Only those at this step. */
  at: { lab: string; number: number } | undefined
}

export const isWanted = (row: BoardRow, { filter, name, at }: Wanted): boolean =>
  passes[filter](row) &&
  plain(row.name).includes(plain(name)) &&
  (at === undefined || (row.lab === at.lab && row.step === at.number))

/** Without case and accents, so that "jose" finds José. */
const plain = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .trim()

export function countsOf(rows: Iterable<BoardRow>): Record<Filter, number> {
  const counts = { all: 0, hand: 0, stuck: 0, working: 0, done: 0, away: 0 }
  for (const row of rows) for (const filter of filters) if (passes[filter](row)) counts[filter]++
  return counts
}

/** Those who ask first, and of them who has waited longest; then those who are stuck, the slowest first; then who works. */
function need(a: BoardRow, b: BoardRow): number {
  return (
    Number(b.hand) - Number(a.hand) ||
    (a.hand ? (a.handAt ?? 0) - (b.handAt ?? 0) : 0) ||
    Number(isStuck(b)) - Number(isStuck(a)) ||
    placeOf[a.state] - placeOf[b.state] ||
    (b.pace ?? 0) - (a.pace ?? 0) ||
    byName(a, b)
  )
}

const placeOf: Record<BoardRow['state'], number> = { working: 0, waiting: 1, absent: 2, ended: 3, done: 4 }

const byName = (a: BoardRow, b: BoardRow) => a.name.localeCompare(b.name, undefined, { numeric: true })

/** @param labs of the workshop, in their order */
export function inOrder(rows: Iterable<BoardRow>, order: Order, labs: readonly string[]): BoardRow[] {
  const far = ({ lab, step, steps, state }: BoardRow) =>
    lab === null ? -1 : labs.indexOf(lab) * 100 + (step ?? (state === 'done' ? steps + 1 : 0))
  const compare: Record<Order, (a: BoardRow, b: BoardRow) => number> = {
    need,
    name: byName,
    progress: (a, b) => far(a) - far(b) || byName(a, b),
    activity: (a, b) => (a.lastInputAt ?? 0) - (b.lastInputAt ?? 0) || byName(a, b),
  }
  return [...rows].sort(compare[order])
}

/** Who raised a hand since, oldest first. */
export const newHands = (before: ReadonlyMap<string, BoardRow> | undefined, now: ReadonlyMap<string, BoardRow>) =>
  [...now.values()].filter(({ seat, hand }) => hand && before !== undefined && !before.get(seat)?.hand)

/** How full a cell of the heat map is, from 0 to 1: the part of the room that is at this step now. */
export const warmth = ({ open }: Heat, room: number): number => (room === 0 ? 0 : Math.min(1, open / room))
