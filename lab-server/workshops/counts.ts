/** How workshops stand at a moment, in numbers that tell nothing of anybody. */
import type { WorkshopState } from '../../protocol/workshop.ts'
import type { RoomSessions } from '../sessions/sessions.ts'
import type { WorkshopStore } from './store.ts'
import { stateAt } from './workshop.ts'

export interface WorkshopCounts {
  workshops: Record<WorkshopState, number>
  /** Of workshops that are open or running. */
  seats: { taken: number; free: number }
  hands: number
  labs: number
}

export function countWorkshops({
  store,
  sessions,
  now,
}: {
  store: Pick<WorkshopStore, 'workshops' | 'seats'>
  sessions: Pick<RoomSessions, 'ofRooms'>
  now: number
}): WorkshopCounts {
  const counts: WorkshopCounts = {
    workshops: { planned: 0, open: 0, running: 0, over: 0 },
    seats: { taken: 0, free: 0 },
    hands: 0,
    labs: sessions.ofRooms().length,
  }
  for (const workshop of store.workshops()) {
    const state = stateAt(workshop, now)
    counts.workshops[state]++
    if (state !== 'open' && state !== 'running') continue
    const seats = store.seats(workshop.id)
    counts.seats.taken += seats.length
    counts.seats.free += Math.max(0, workshop.seats - seats.length)
    counts.hands += seats.filter(({ handAt }) => handAt !== null).length
  }
  return counts
}
