import type { Backend } from '../../admission/plugin.ts'
import type { GroupResource } from '../../objects/types.ts'
import { Mirror } from '../mirror.ts'
import { type Direction, type Packet, Policy } from './compiled.ts'

const POLICIES: GroupResource = { group: 'networking.k8s.io', resource: 'networkpolicies' }

/** All NetworkPolicies of a cluster, by namespace. */
export class PolicyTable {
  readonly #policies: Mirror<Policy>
  readonly #of = new Map<string, Set<Policy>>()

  constructor(backend: Backend) {
    this.#policies = new Mirror(backend, POLICIES, {
      keep: (object) => new Policy(object),
      changed: (now, before) => {
        if (before !== undefined) this.#remove(before)
        if (now !== undefined) this.#add(now)
      },
    })
  }

  get isEmpty(): boolean {
    return this.#policies.size === 0
  }

  /** Whether the one end's policies for this direction let it through. A Pod of which no policy speaks allows all. */
  allows(packet: Packet, direction: Direction): boolean {
    const { pod } = direction === 'ingress' ? packet.to : packet.from
    if (pod === undefined) return true
    let isolated = false
    for (const policy of this.#of.get(pod.namespace) ?? []) {
      if (!policy.concerns(pod.labels, direction)) continue
      if (policy.allows(packet, direction)) return true
      isolated = true
    }
    return !isolated
  }

  stop(): void {
    this.#policies.stop()
  }

  #add(policy: Policy): void {
    const all = this.#of.get(policy.namespace)
    if (all === undefined) this.#of.set(policy.namespace, new Set([policy]))
    else all.add(policy)
  }

  #remove(policy: Policy): void {
    const all = this.#of.get(policy.namespace)
    all?.delete(policy)
    if (all?.size === 0) this.#of.delete(policy.namespace)
  }
}
