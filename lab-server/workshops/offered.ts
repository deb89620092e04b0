/** What makes clusters here, as the preview of what a machine bears counts it. */
import { type Config, variableOf } from '../config.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import type { Availability, Provider } from '../providers/provider.ts'
import type { Place } from '../sessions/manager.ts'
import { type Cost, costOf, type Machine, mostClusters, type Offered } from './capacity.ts'

type Settings = Pick<Config, 'maxSessions' | 'maxSimulated'>

/** @param running clusters of it that are there already */
export function offeredOf(
  provider: Pick<Provider, 'name' | 'title' | 'simulated'>,
  {
    settings,
    cost,
    running,
    availability,
  }: { settings: Settings; cost: Cost; running: number; availability: Availability },
): Offered {
  const key = provider.simulated ? 'maxSimulated' : 'maxSessions'
  return {
    name: provider.name,
    title: provider.title,
    cost,
    running,
    setting: { variable: variableOf(key), value: settings[key] },
    unavailable: availability.available ? undefined : availability.reason,
  }
}

/** Of one seat, whichever of these labs it is in. */
export function costAmong(labs: Iterable<LabEntry>, provider: Pick<Provider, 'simulated'>): Cost {
  return costOf(provider, Math.max(0, ...[...labs].map(({ lab }) => lab.cluster.workers)))
}

/** The places, with no more clusters each than the machine bears, whatever the settings say. */
export function capped(
  places: readonly Place[],
  options: { machine: Machine; settings: Settings; labs: readonly LabEntry[]; running(provider: string): number },
): Place[] {
  return places.map((place) => {
    const { provider } = place
    const cost = costAmong(options.labs, provider)
    const running = options.running(provider.name)
    const offered = offeredOf(provider, { ...options, cost, running, availability: { available: true } })
    const most = mostClusters(options.machine, offered)
    return { ...place, most: Math.min(place.most, most), pool: Math.min(place.pool, most) }
  })
}
