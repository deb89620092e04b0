/** What a workshop is and who may join it. Pure. */
import { LONGEST_NAME, type Pace, type WorkshopDraft, type WorkshopState } from '../../protocol/workshop.ts'
import { ReaderError } from '../errors.ts'

export interface Workshop extends WorkshopDraft {
  id: string
  /** The host that it belongs to. */
  host: string
  /** The first characters of its codes: they say which room is meant, and are no secret. */
  prefix: string
  /** What its codes are made of; without the server's key it is worth nothing. */
  seed: string
  createdAt: number
  /** How far participants may go; null: as they like. */
  pace: Pace | null
}

export interface Seat {
  id: string
  workshop: string
  /** What the participant's browsers have in their cookie: a reader of this seat alone. */
  reader: string
  name: string
  joinedAt: number
  /** When they raised their hand; null while it is down. */
  handAt: number | null
}

const MINUTE = 60_000

/** Milliseconds before the start from which one may join. */
export const OPENS_BEFORE_MS = 15 * MINUTE

type Times = Pick<Workshop, 'startsAt' | 'endsAt'>

export function stateAt({ startsAt, endsAt }: Times, now: number): WorkshopState {
  if (now >= endsAt) return 'over'
  if (now >= startsAt) return 'running'
  return now >= startsAt - OPENS_BEFORE_MS ? 'open' : 'planned'
}

/** When its state changes next; undefined once it is over. */
export const nextChange = ({ startsAt, endsAt }: Times, now: number): number | undefined =>
  [startsAt - OPENS_BEFORE_MS, startsAt, endsAt].filter((at) => at > now && now < endsAt).sort((a, b) => a - b)[0]

/** How many steps of one of its labs the pace leaves open; null: all. */
export function stepsOpen({ labs, pace }: Pick<Workshop, 'labs' | 'pace'>, lab: string): number | null {
  if (pace === null) return null
  const [paced, asked] = [labs.indexOf(pace.lab), labs.indexOf(lab)]
  if (asked === paced) return pace.step
  return asked < paced ? null : 0
}

/**
 * Whether somebody who has a code may come in.
 * @throws {ReaderError} not-yet (409), workshop-over (409), workshop-full (409)
 */
export function admit(workshop: Workshop, taken: number, now: number): void {
  switch (stateAt(workshop, now)) {
    case 'planned':
      throw new ReaderError('not-yet', `You can join “${workshop.title}” from fifteen minutes before it starts.`, {
        status: 409,
        retryAfter: Math.ceil((workshop.startsAt - OPENS_BEFORE_MS - now) / 1000),
      })
    case 'over':
      throw new ReaderError('workshop-over', `“${workshop.title}” is over.`, { status: 409 })
    case 'open':
    case 'running':
      if (taken < workshop.seats) return
      throw new ReaderError(
        'workshop-full',
        workshop.seats === 1
          ? `The one seat of “${workshop.title}” is taken: ask your host for another.`
          : `All ${workshop.seats} seats of “${workshop.title}” are taken: ask your host for another.`,
        { status: 409 },
      )
  }
}

/** The name, with a number after it if somebody in the room has it already. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const names = new Set(taken.map(sounds))
  for (let number = 1; ; number++) {
    const end = number === 1 ? '' : ` ${number}`
    const name =
      [...wanted]
        .slice(0, LONGEST_NAME - end.length)
        .join('')
        .trimEnd() + end
    if (!names.has(sounds(name))) return name
  }
}

/** What two names have in common that look the same. */
const sounds = (name: string) => name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()

/**
 * Which codes to take away and which to make, so that there is one for each free seat. Used ones stay.
 * @param unused their numbers
 * @param free seats that nobody has
 * @param next the first number that was never given
 */
export function balance(
  unused: readonly number[],
  free: number,
  next: number,
): { drop: readonly number[]; add: readonly number[] } {
  return {
    drop: unused.slice(Math.max(0, free)),
    add: Array.from({ length: Math.max(0, free - unused.length) }, (_, index) => next + index),
  }
}
