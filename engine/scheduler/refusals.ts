import type { Volume } from '../kinds/pod/types.ts'
import { deepEqual } from '../objects/equal.ts'
import type { Plugin } from './check.ts'
import { type PodInfo, podSpec, podStatus } from './pod-info.ts'

/** Why a Pod goes nowhere. */
export interface Refusal {
  readonly message: string
  readonly plugins: ReadonlySet<Plugin>
  /** A nomination that it has is to go. */
  readonly clears: boolean
}

/**
 * Remembers the last Pod that went nowhere: of many alike that wait, as those of one workload do, only the first has to be tried until something
 * changes. `version` changes with all that a refusal depends on; Pods with claims are not remembered, as it does not change with those.
 */
export class LastRefusal {
  #last: { readonly info: PodInfo; readonly version: number; readonly refusal: Refusal } | undefined

  find(info: PodInfo, version: number): Refusal | undefined {
    const last = this.#last
    if (last === undefined || last.version !== version || !areAlike(last.info, info)) return undefined
    return last.refusal
  }

  remember(info: PodInfo, version: number, refusal: Refusal): void {
    if (!hasStorage(info)) this.#last = { info, version, refusal }
  }

  forget(): void {
    this.#last = undefined
  }
}

/** What `Cycle` and preemption look at. */
function areAlike(a: PodInfo, b: PodInfo): boolean {
  if (a.requests !== b.requests || a.group !== b.group || hasStorage(b)) return false
  if (podStatus(a.pod).nominatedNodeName !== podStatus(b.pod).nominatedNodeName) return false
  const one = podSpec(a.pod)
  const other = podSpec(b.pod)
  return (
    one.priority === other.priority &&
    one.preemptionPolicy === other.preemptionPolicy &&
    one.nodeName === other.nodeName &&
    deepEqual(a.ports, b.ports) &&
    deepEqual(one.nodeSelector, other.nodeSelector) &&
    deepEqual(one.affinity, other.affinity) &&
    deepEqual(one.tolerations, other.tolerations) &&
    deepEqual(one.topologySpreadConstraints, other.topologySpreadConstraints)
  )
}

/** Volumes that are a Pod's own, and bind it to no node. */
const OWN: readonly (keyof Volume)[] = ['emptyDir', 'configMap', 'secret', 'projected', 'downwardAPI', 'hostPath']

function hasStorage({ pod }: PodInfo): boolean {
  const volumes = podSpec(pod).volumes ?? []
  return volumes.some((volume) => !OWN.some((kind) => volume[kind] !== undefined))
}
