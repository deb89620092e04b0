/** Nothing of a person is kept longer than the settings say. */
import type { Clock } from '../clock.ts'
import type { HostStore } from '../host/store.ts'
import type { Logger } from '../log.ts'
import type { Rooms } from './rooms.ts'
import type { WorkshopStore } from './store.ts'
import type { Workshop } from './workshop.ts'

const HOUR = 60 * 60_000
export const DAY = 24 * HOUR

/** Workshops whose time is over. With one go its seats and their names, its milestones, messages, codes and audit. */
export const outlived = (workshops: readonly Workshop[], keepMs: number, now: number): Workshop[] =>
  workshops.filter(({ endsAt }) => endsAt + keepMs <= now)

/** Looks at once and then every hour. @returns ends it */
export function forgetInTime(options: {
  rooms: Pick<Rooms, 'remove'>
  store: Pick<WorkshopStore, 'workshops'>
  hosts: Pick<HostStore, 'forgetExpiredBefore'>
  clock: Clock
  log: Logger
  /** Milliseconds after a workshop's end. */
  keepMs: number
}): () => void {
  const { rooms, store, hosts, clock, log, keepMs } = options
  let cancel = () => {}
  const look = () => {
    const now = clock.now()
    for (const workshop of outlived(store.workshops(), keepMs, now)) {
      try {
        rooms.remove(workshop)
        log.info({ workshop: workshop.id }, 'workshop forgotten: it ended long enough ago')
      } catch (error) {
        log.error({ workshop: workshop.id, err: error }, 'workshop not forgotten')
      }
    }
    hosts.forgetExpiredBefore(now)
    cancel = clock.after(HOUR, look)
  }
  look()
  return () => cancel()
}
