/** What this machine can host at this moment. */
import type { Capacity } from '../../protocol/workshop.ts'
import type { Config } from '../config.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import type { SessionManager } from '../sessions/manager.ts'
import { capacityOf, type Machine } from './capacity.ts'
import type { Bears } from './enough.ts'
import { costAmong, offeredOf } from './offered.ts'

export interface Hosting {
  capacity(): Capacity
  /** Undefined if there is no such provider, or nobody knows yet: it may be there when a workshop starts. */
  bears(provider: string): Bears | undefined
}

export function createHosting(options: {
  manager: Pick<SessionManager, 'offers'>
  catalogue: ReadonlyMap<string, LabEntry>
  config: Pick<Config, 'maxSessions' | 'maxSimulated'>
  machine(): Machine
}): Hosting {
  const { manager, catalogue, config, machine } = options
  const capacity = () =>
    capacityOf(
      machine(),
      manager.offers().map(({ provider, availability, running }) =>
        offeredOf(provider, {
          settings: config,
          cost: costAmong(catalogue.values(), provider),
          running,
          availability,
        }),
      ),
    )
  return {
    capacity,
    bears(provider) {
      const offer = manager.offers().find((one) => one.provider.name === provider)
      const found = capacity().providers.find(({ name }) => name === provider)
      if (!offer?.availability.available || !found) return undefined
      return { most: offer.most, seats: found.seats, limit: found.limit }
    },
  }
}
