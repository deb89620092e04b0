/** What a host may ask for: looked at before a workshop is made or changed. */
import type { WorkshopDraft } from '../../protocol/workshop.ts'
import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import type { RoomSessions } from '../sessions/sessions.ts'
import { type Bears, requireEnough, warnedOf } from './enough.ts'
import type { WorkshopStore } from './store.ts'
import { stateAt, type Workshop } from './workshop.ts'

export interface Drafts {
  /**
   * @param id of a workshop that is changed
   * @throws {ReaderError} invalid-request (400)
   */
  check(draft: WorkshopDraft, id?: string): void
  /** One sentence before it starts, if this machine does not bear it well: afterwards it is too late for a warning. */
  warning(workshop: Workshop): string | undefined
}

export interface DraftsOptions {
  store: Pick<WorkshopStore, 'workshops'>
  sessions: Pick<RoomSessions, 'providers'>
  /** The labs that there are. */
  catalogue: Pick<ReadonlyMap<string, LabEntry>, 'has'>
  clock: Pick<Clock, 'now'>
  /** What this machine bears of a provider's clusters; left out, all that is asked for. */
  bears?: (provider: string) => Bears | undefined
}

export function createDrafts({ store, sessions, catalogue, clock, ...options }: DraftsOptions): Drafts {
  const beside = (id: string | undefined) => store.workshops().filter((workshop) => workshop.id !== id)
  return {
    check(draft, id) {
      const { labs, endsAt, provider } = draft
      const unknown = labs.find((lab) => !catalogue.has(lab))
      if (unknown !== undefined) throw wrong('labs', `There is no lab “${unknown}”.`)
      if (new Set(labs).size < labs.length) throw wrong('labs', 'Each lab can be in a workshop once.')
      if (!sessions.providers.includes(provider)) {
        throw wrong('provider', `This server has no clusters of the kind “${provider}”.`)
      }
      if (endsAt <= clock.now()) throw wrong('endsAt', 'The end of a workshop must be still to come.')
      const bears = options.bears?.(provider)
      if (bears) requireEnough(draft, beside(id), bears)
    },
    warning(workshop) {
      const state = stateAt(workshop, clock.now())
      if (state === 'running' || state === 'over') return undefined
      const bears = options.bears?.(workshop.provider)
      return bears && warnedOf(workshop, beside(workshop.id), bears)
    },
  }
}

const wrong = (field: string, message: string) => new ReaderError('invalid-request', message, { status: 400, field })
