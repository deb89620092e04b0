import type { ProviderView, ServerStatus } from '../../protocol/session.ts'
import type { Offer, SessionManager } from './manager.ts'

/** What pages are told of this server before a lab is started. */
export function statusOf(
  manager: Pick<SessionManager, 'availability' | 'offers'>,
  { version, labs }: { version: string; labs: string[] },
): ServerStatus {
  const availability = manager.availability()
  const providers = manager.offers().map(viewOf)
  const first = providers.find(({ unavailable }) => unavailable === undefined) ?? providers[0]
  if (first === undefined) throw new Error('there is nothing that makes clusters')
  const { name, title, about } = first
  return {
    version,
    provider: { name, title, about },
    providers,
    ...(availability.available ? {} : { unavailable: availability.reason }),
    labs,
  }
}

function viewOf({ provider, availability, room }: Offer): ProviderView {
  const { name, title, about, simulated, startsWithin } = provider
  return {
    name,
    title,
    about,
    simulated,
    startsWithin,
    full: !room,
    ...(availability.available ? {} : { unavailable: availability.reason }),
  }
}
