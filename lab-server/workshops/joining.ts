/** By a code to a seat, and by a personal link to the same seat from another browser. */
import type { JoinRequest } from '../../protocol/workshop.ts'
import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import { RateLimit } from '../http/rate.ts'
import type { Ids } from '../ids.ts'
import { type Codes, prefixOf } from './codes.ts'
import type { WorkshopStore } from './store.ts'
import { admit, freeName, type Seat } from './workshop.ts'

/**
 * Wrong codes and links in a minute: of one address, and for one room from everywhere. A classroom behind one address has this many
 * slips of the finger; right ones do not count.
 */
const WRONG_PER_ADDRESS = 20
const WRONG_PER_ROOM = 60

export interface Joining {
  /**
   * A new seat, or the one that this browser has in that room.
   * @param reader of the browser's cookie
   * @throws {ReaderError} wrong-code (403), too-many-attempts (429), code-used, not-yet, workshop-over, workshop-full (409)
   */
  join(request: JoinRequest, from: { address: string; reader: string | undefined }): Seat
  /** @throws {ReaderError} wrong-link (403), too-many-attempts (429) */
  byLink(token: string, from: { address: string }): Seat
}

export function createJoining(options: {
  store: WorkshopStore
  codes: Codes
  clock: Clock
  ids: Pick<Ids, 'secret'>
}): Joining {
  const { store, codes, clock, ids } = options
  const byAddress = new RateLimit(WRONG_PER_ADDRESS, clock)
  const byRoom = new RateLimit(WRONG_PER_ROOM, clock)

  /** Right codes wait as well, so that nothing is learnt from who has to; and the same for rooms that do not exist. */
  const mustWait = (wait: number) => {
    if (wait === 0) return
    throw new ReaderError('too-many-attempts', `Too many wrong codes were tried: try again in ${wait} s.`, {
      status: 429,
      retryAfter: wait,
    })
  }

  return {
    join({ code, name }, { address, reader }) {
      const prefix = prefixOf(code)
      mustWait(byAddress.wait(address) || byRoom.wait(prefix))
      const known = store.code(codes.hash(code))
      const workshop = known && store.workshop(known.workshop)
      if (!known || !workshop) {
        byAddress.take(address)
        byRoom.take(prefix)
        throw new ReaderError('wrong-code', 'There is no workshop with this code: compare it letter by letter.', {
          status: 403,
          field: 'code',
        })
      }
      const own = reader === undefined ? undefined : store.seatOfReader(reader)
      if (own?.workshop === workshop.id) return own
      const now = clock.now()
      const seats = store.seats(workshop.id)
      const used = () =>
        new ReaderError(
          'code-used',
          'This code has been used, and each works once. If that was you, go on in the browser that you used, or ask your host for your link.',
          { status: 409, field: 'code' },
        )
      if (known.used) throw used()
      admit(workshop, seats.length, now)
      return store.together(() => {
        if (workshop.codes === 'one-time' && !store.useCode(known.hash)) throw used()
        const seat: Seat = {
          id: ids.secret(),
          workshop: workshop.id,
          // A reader of its own: whoever has the link of a seat gets nothing else of the browser that took it.
          reader: ids.secret(),
          name: freeName(
            name,
            seats.map((seat) => seat.name),
          ),
          joinedAt: now,
          handAt: null,
        }
        store.putSeat(seat)
        return seat
      })
    },
    byLink(token, { address }) {
      mustWait(byAddress.wait(address))
      const id = codes.seatOf(token)
      const seat = id === undefined ? undefined : store.seat(id)
      if (seat) return seat
      byAddress.take(address)
      throw new ReaderError('wrong-link', 'This link leads to no seat: ask your host for a new one.', { status: 403 })
    },
  }
}
