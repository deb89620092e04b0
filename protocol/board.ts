/** What of the board its page and the server must see alike. */
import type { BoardRow } from './workshop.ts'

/** So many times as long in a step as the room takes for it counts as stuck. */
export const STUCK_ABOVE = 2

export const isStuck = ({ state, pace }: Pick<BoardRow, 'state' | 'pace'>): boolean =>
  state === 'working' && pace !== null && pace > STUCK_ABOVE

/** Who needs the host most comes first: raised hands, the longest first; the stuck, the most stuck first; then by name. */
export function byNeed(one: BoardRow, other: BoardRow): number {
  const need = (row: BoardRow) => (row.hand ? 0 : isStuck(row) ? 1 : 2)
  return (
    need(one) - need(other) ||
    (one.handAt ?? 0) - (other.handAt ?? 0) ||
    (isStuck(one) && isStuck(other) ? (other.pace ?? 0) - (one.pace ?? 0) : 0) ||
    one.name.localeCompare(other.name, undefined, { numeric: true })
  )
}
