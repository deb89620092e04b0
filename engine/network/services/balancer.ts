import type { Clock } from '../../clock/clock.ts'
import type { Random } from '../../clock/random.ts'
import { anywhere, clusterWide, type Endpoint, type Here, nodeLocal } from './endpoints.ts'
import type { Rule } from './table.ts'

/** Seconds for which a client keeps its endpoint: the API's default. */
const STICKY = 10_800
/** Clients that are remembered before those of long ago are looked for. */
const MANY = 1024

interface Remembered {
  readonly endpoint: Endpoint
  readonly until: number
}

export type Balanced = Endpoint | 'refused' | 'dropped'

/** Picks an endpoint for each connection, as the rules that kube-proxy writes do: by chance, or the one that the client had. */
export class Balancer {
  readonly #clock: Clock
  readonly #random: Random
  readonly #sticky = new Map<string, Remembered>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** `local`: only those on the node itself may serve; without any the connection is dropped if there are others elsewhere. */
  pick(rule: Rule, client: string, here: Here, local: boolean): Balanced {
    const { endpoints } = rule
    if (!anywhere(endpoints)) return 'refused'
    const usable = local ? nodeLocal(endpoints, here) : clusterWide(endpoints, here)
    if (usable.length === 0) return 'dropped'
    if (rule.spec.sessionAffinity !== 'ClientIP') return this.#random.pick(usable)
    return this.#same(rule, client, here, usable)
  }

  #same({ namespace, name, port, spec }: Rule, client: string, { node }: Here, usable: readonly Endpoint[]): Endpoint {
    const key = `${node} ${namespace}/${name} ${port.name ?? ''} ${client}`
    const now = this.#clock.now()
    const known = this.#sticky.get(key)
    const had = known === undefined || known.until <= now ? undefined : known.endpoint
    const endpoint =
      usable.find((one) => one.address === had?.address && one.port === had.port) ?? this.#random.pick(usable)
    const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? STICKY
    if (this.#sticky.size > MANY) this.#forget(now)
    this.#sticky.set(key, { endpoint, until: now + seconds * 1000 })
    return endpoint
  }

  #forget(now: number): void {
    for (const [key, { until }] of this.#sticky) if (until <= now) this.#sticky.delete(key)
  }
}
