/** A line for each thing that a host does to a room or to somebody in it. */
import type { Clock } from '../clock.ts'
import type { Host } from '../host/sign-ins.ts'
import type { WorkshopStore } from './store.ts'
import type { Seat, Workshop } from './workshop.ts'

/** @param detail what exactly, in a few words; empty where the action says it all */
export type Audit = (
  host: Pick<Host, 'name'>,
  workshop: Pick<Workshop, 'id'>,
  action: AuditAction,
  detail: string,
  seat?: Pick<Seat, 'id'>,
) => void

export type AuditAction =
  | 'extend'
  | 'end'
  | 'pace'
  | 'broadcast'
  | 'remove'
  | 'link'
  | 'hand'
  | 'restart'
  | 'catch-up'
  | 'look'
  | 'look-end'
  | 'typing-asked'
  | 'typing-allowed'
  | 'typing-refused'
  | 'typing-ended'

export const createAudit =
  ({ store, clock }: { store: Pick<WorkshopStore, 'addAudit' | 'workshop'>; clock: Pick<Clock, 'now'> }): Audit =>
  (host, workshop, action, detail, seat) => {
    // A look may end a moment after its workshop was removed, and the audit with it.
    if (!store.workshop(workshop.id)) return
    store.addAudit(workshop.id, { at: clock.now(), host: host.name, action, seat: seat?.id ?? null, detail })
  }
