/** Writes down when the steps of seats' sessions are opened and done. */
import type { RoomSession } from '../sessions/sessions.ts'
import { milestonesIn } from './milestones.ts'
import type { WorkshopStore } from './store.ts'

/** @returns follows a session until it ends; one that is followed already is left alone */
export function createFollowing(
  store: Pick<WorkshopStore, 'seat' | 'seatOfReader' | 'milestonesOf' | 'putMilestone'>,
): (session: RoomSession) => void {
  const followed = new Set<string>()
  return (session) => {
    const seat = store.seatOfReader(session.reader)?.id
    if (seat === undefined || followed.has(session.id)) return
    followed.add(session.id)
    const known = store.milestonesOf(seat)
    const note = (view = session.view()) => {
      for (const milestone of milestonesIn(view, seat, known)) {
        const before = known.findIndex(({ lab, step }) => lab === milestone.lab && step === milestone.step)
        known.splice(before < 0 ? known.length : before, 1, milestone)
        // The seat may have been taken away a moment ago.
        if (store.seat(seat)) store.putMilestone(milestone)
      }
      if (view.status.state === 'ended') followed.delete(session.id)
    }
    session.subscribe(note)
    note()
  }
}
