/** Clusters for those who will come, made before a workshop starts. */
import type { Clock } from '../clock.ts'
import type { RoomSessions, WarmWish } from '../sessions/sessions.ts'
import type { WorkshopStore } from './store.ts'
import type { Workshop } from './workshop.ts'

const MINUTE = 60_000
/** Milliseconds after the start for which clusters wait for those who are late. */
export const LATE_MS = 30 * MINUTE
/** How late a warm-up may begin, in ms. */
const LOOK_EVERY = 10_000

/**
 * How many clusters are to wait for a workshop's participants.
 * @param begun participants who have had one already
 */
export function clustersToKeep(
  { startsAt, endsAt, seats, warmUpMinutes }: Pick<Workshop, 'startsAt' | 'endsAt' | 'seats' | 'warmUpMinutes'>,
  begun: number,
  now: number,
): number {
  const from = startsAt - warmUpMinutes * MINUTE
  if (warmUpMinutes === 0 || now < from || now >= Math.min(endsAt, startsAt + LATE_MS)) return 0
  return Math.max(0, seats - begun)
}

/** Asks the pools, which make them a few at a time. @returns ends it */
export function warmUp(options: {
  store: Pick<WorkshopStore, 'workshops'>
  sessions: Pick<RoomSessions, 'ofRooms' | 'keepWarm'>
  clock: Clock
}): () => void {
  const { store, sessions, clock } = options
  /** By workshop, who has had a cluster: a lab that ended is not made anew for somebody else. */
  const begun = new Map<string, Set<string>>()
  let cancel = () => {}

  const wishOf = (workshop: Workshop, now: number): WarmWish[] => {
    const clusters = clustersToKeep(workshop, begun.get(workshop.id)?.size ?? 0, now)
    const [lab] = workshop.labs
    return clusters === 0 || lab === undefined ? [] : [{ lab, provider: workshop.provider, clusters }]
  }
  const look = () => {
    const now = clock.now()
    const workshops = store.workshops().filter(({ endsAt }) => endsAt > now)
    for (const id of begun.keys()) if (!workshops.some((workshop) => workshop.id === id)) begun.delete(id)
    for (const { room, reader } of sessions.ofRooms()) begun.set(room, (begun.get(room) ?? new Set()).add(reader))
    sessions.keepWarm(workshops.flatMap((workshop) => wishOf(workshop, now)))
    cancel = clock.after(LOOK_EVERY, look)
  }
  look()
  return () => cancel()
}
