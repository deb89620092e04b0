/** Whether a machine bears the seats that a workshop wants, beside those that are promised to others at that time. Pure. */
import type { WorkshopDraft } from '../../protocol/workshop.ts'
import { ReaderError } from '../errors.ts'

export interface Bears {
  /** Clusters in all, beyond which there are none. */
  most: number
  /** Seats that work well at the same time. */
  seats: number
  /** What limits them, in a sentence. */
  limit: string
}

type Wanted = Pick<WorkshopDraft, 'startsAt' | 'endsAt' | 'seats' | 'provider'>

/** Seats of other workshops, on the same kind of clusters, that are on at some time of this one. */
export const promisedBeside = (wanted: Wanted, others: readonly Wanted[]): number =>
  others
    .filter(({ provider }) => provider === wanted.provider)
    .filter(({ startsAt, endsAt }) => startsAt < wanted.endsAt && wanted.startsAt < endsAt)
    .reduce((sum, { seats }) => sum + seats, 0)

/** @throws {ReaderError} invalid-request (400) if there will be no cluster for some of them */
export function requireEnough(wanted: Wanted, others: readonly Wanted[], { most, limit }: Bears): void {
  const promised = promisedBeside(wanted, others)
  if (promised + wanted.seats <= most) return
  const beside = promised === 0 ? '' : ` and ${promised} of them are promised to other workshops at that time`
  throw new ReaderError('invalid-request', `This server has at most ${most} such clusters${beside}. ${limit}`, {
    status: 400,
    field: 'seats',
  })
}

/** One sentence if more are wanted than work well. */
export function warnedOf(wanted: Wanted, others: readonly Wanted[], { seats, limit }: Bears): string | undefined {
  const together = promisedBeside(wanted, others) + wanted.seats
  if (together <= seats) return undefined
  return `${together} seats are more than this machine bears well at this moment, which is ${seats}. ${limit}`
}
