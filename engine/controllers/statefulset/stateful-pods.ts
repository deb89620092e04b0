import type { Pod } from '../../kinds/pod/status.ts'
import { StatusError } from '../../objects/status-error.ts'
import type { ApiObject } from '../../objects/types.ts'
import { withMetadata } from '../../storage/metadata.ts'
import type { HistoryTools } from '../history/history.ts'
import { messageOf, PODS } from '../pod-control/pod-control.ts'
import { NotYet } from '../work-queue.ts'
import {
  CLAIMS,
  claimNames,
  claimsOf,
  goWhenScaled,
  isContested,
  isOwnedByPolicy,
  isStale,
  ownersByPolicy,
} from './claims.ts'
import { hasIdentity, hasStorage, identityLabels, withStorage } from './new-pod.ts'
import { ordinalOf, type StatefulSet } from './types.ts'

/** Creates, mends and deletes the Pods of a set with their claims, and tells of it: `StatefulPodControl` (1.34). */
export class StatefulPods {
  readonly #tools: HistoryTools

  constructor(tools: HistoryTools) {
    this.#tools = tools
  }

  /** Throws `NotYet` where claims were made first: who binds them has seen them by the time that it is called again. */
  create(set: StatefulSet, pod: Pod): void {
    let madeClaims = false
    this.#attempt('create', set, pod, () => {
      madeClaims = this.#createClaims(set, pod)
    })
    if (madeClaims) throw new NotYet('its claims are new')
    let created: Pod
    try {
      created = this.#tools.control.submit(PODS, pod, set.metadata.namespace) as Pod
    } catch (error) {
      const isThere = error instanceof StatusError && error.reason === 'AlreadyExists'
      if (!isThere) this.#tell('create', set, pod, error)
      throw error
    }
    this.#attempt('update', set, pod, () => this.#keepPolicy(set, created))
    this.#tell('create', set, pod)
  }

  delete(set: StatefulSet, pod: Pod): void {
    const { namespace, name } = pod.metadata
    try {
      this.#tools.cluster.backend.registry(PODS)?.delete(namespace, name)
    } catch (error) {
      this.#tell('delete', set, pod, error)
      throw error
    }
    this.#tell('delete', set, pod)
  }

  /** Makes a Pod what it is to be, as far as it may be changed. */
  mend(set: StatefulSet, pod: Pod): void {
    if (hasIdentity(set, pod) && hasStorage(set, pod) && this.followsPolicy(set, pod)) return
    if (!hasStorage(set, pod)) this.#attempt('update', set, pod, () => this.#createClaims(set, pod))
    this.#attempt('update', set, pod, () => this.#keepPolicy(set, pod))
    const { namespace, name } = pod.metadata
    this.#attempt('update', set, pod, () =>
      this.#tools.writer.update({ resource: PODS, namespace, name }, (now) => {
        const labels = { ...now.metadata.labels, ...identityLabels(name, ordinalOf(pod)) }
        return withStorage(set, withMetadata(now, hasIdentity(set, pod) ? {} : { labels }) as Pod)
      }),
    )
    this.#tell('update', set, pod)
  }

  /** Claims that are missing though their Pod is there. */
  completeClaims(set: StatefulSet, pod: Pod): void {
    this.#createClaims(set, pod)
    this.#attempt('update', set, pod, () => this.#keepPolicy(set, pod))
  }

  /** A claim still goes with a Pod of the same name that is gone. */
  waitsForClaims(set: StatefulSet, pod: Pod): boolean {
    return goWhenScaled(set) && this.#claims(set, pod).some((claim) => isStale(claim, pod))
  }

  followsPolicy(set: StatefulSet, pod: Pod): boolean {
    return this.#claims(set, pod).every((claim) => isOwnedByPolicy(claim, set, pod))
  }

  #keepPolicy(set: StatefulSet, pod: Pod): void {
    for (const claim of this.#claims(set, pod)) {
      const { namespace, name } = claim.metadata
      if (isContested(claim, set, pod)) {
        const why = `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`
        this.#tools.control.events.warning(set, 'ConflictingController', why)
      }
      if (isOwnedByPolicy(claim, set, pod)) continue
      this.#tools.writer.update({ resource: CLAIMS, namespace, name }, (now) => {
        const ownerReferences = ownersByPolicy(now, set, pod)
        return withMetadata(now, { ownerReferences: ownerReferences.length === 0 ? undefined : ownerReferences })
      })
    }
  }

  /** The policy is kept even where a claim is missing. */
  keepPolicy(set: StatefulSet, pod: Pod): void {
    if (!this.followsPolicy(set, pod)) this.#keepPolicy(set, pod)
  }

  #claims(set: StatefulSet, pod: Pod): ApiObject[] {
    const claims = this.#tools.cluster.backend.store.collection(CLAIMS)
    return claimNames(set, pod).flatMap((name) => claims?.get(set.metadata.namespace, name) ?? [])
  }

  /** Whether any was missing. */
  #createClaims(set: StatefulSet, pod: Pod): boolean {
    const { control, cluster } = this.#tools
    const failures: string[] = []
    let made = false
    for (const claim of claimsOf(set, pod)) {
      const { name } = claim.metadata
      const there = cluster.backend.store.collection(CLAIMS)?.get(set.metadata.namespace, name)
      if (there !== undefined) {
        if (there.metadata.deletionTimestamp !== undefined) failures.push(`pvc ${name} is being deleted`)
        continue
      }
      const where = `Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`
      try {
        control.submit(CLAIMS, claim, set.metadata.namespace)
        made = true
        control.events.normal(set, 'SuccessfulCreate', `create Claim ${name} ${where} success`)
      } catch (error) {
        failures.push(`failed to create PVC ${name}: ${messageOf(error)}`)
        const message = `create Claim ${name} for ${where} failed error: ${messageOf(error)}`
        control.events.warning(set, 'FailedCreate', message)
      }
    }
    if (failures.length === 1) throw new Error(failures[0])
    if (failures.length > 1) throw new Error(`[${failures.join(', ')}]`)
    return made
  }

  #attempt(verb: 'create' | 'update', set: StatefulSet, pod: Pod, act: () => unknown): void {
    try {
      act()
    } catch (error) {
      this.#tell(verb, set, pod, error)
      throw error
    }
  }

  #tell(verb: 'create' | 'update' | 'delete', set: StatefulSet, pod: Pod, error?: unknown): void {
    const { events } = this.#tools.control
    const what = `${verb} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`
    const reason = `${verb[0]?.toUpperCase()}${verb.slice(1)}`
    if (error === undefined) events.normal(set, `Successful${reason}`, `${what} successful`)
    else events.warning(set, `Failed${reason}`, `${what} failed error: ${messageOf(error)}`)
  }
}
