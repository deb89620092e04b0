/** Who is told when something of a workshop, or of a seat in it, is another than before. */
import type { Seat } from './workshop.ts'

/** What is to be looked at again. */
export type RoomNews = { seat: string } | 'workshop'

export class News {
  readonly #seats = new Map<string, Set<() => void>>()
  readonly #rooms = new Map<string, Set<(news: RoomNews) => void>>()

  /** Something that the participant sees, and so the board too: their name, their hand, who looks on; or the seat is gone. */
  ofSeat({ id, workshop }: Pick<Seat, 'id' | 'workshop'>): void {
    for (const changed of [...(this.#seats.get(id) ?? [])]) changed()
    this.onBoard({ id, workshop })
  }

  /** Something that only the board shows: what they do in their lab. */
  onBoard({ id, workshop }: Pick<Seat, 'id' | 'workshop'>): void {
    for (const told of [...(this.#rooms.get(workshop) ?? [])]) told({ seat: id })
  }

  /** Something that the workshop's host sees of it. */
  ofWorkshop(id: string): void {
    for (const told of [...(this.#rooms.get(id) ?? [])]) told('workshop')
  }

  watchSeat(seat: string, changed: () => void): () => void {
    return add(this.#seats, seat, changed)
  }

  watchWorkshop(id: string, told: (news: RoomNews) => void): () => void {
    return add(this.#rooms, id, told)
  }

  /** Nobody hears anything any more. */
  close(): void {
    this.#seats.clear()
    this.#rooms.clear()
  }
}

function add<T>(all: Map<string, Set<T>>, key: string, one: T): () => void {
  const own = all.get(key) ?? new Set()
  all.set(key, own.add(one))
  return () => {
    own.delete(one)
    if (own.size === 0 && all.get(key) === own) all.delete(key)
  }
}
