import {
  BIND_COMPLETED,
  CLAIMS,
  classOf,
  findVolume,
  isReachable,
  NO_PROVISIONER,
  promised,
  SELECTED_NODE,
  type StorageClass,
  storageClass,
  VOLUMES,
  waitsForConsumer,
} from '../controllers/volumes/matching.ts'
import type { Writer } from '../controllers/writer.ts'
import { claimSpecOf, claimStatusOf } from '../kinds/core/volume/claim-types.ts'
import type { Volume } from '../kinds/pod/types.ts'
import { Quantity } from '../objects/quantity.ts'
import type { ApiObject } from '../objects/types.ts'
import { withMetadata } from '../storage/metadata.ts'
import type { Store } from '../storage/store.ts'
import { type Check, type Prepared, type Rejection, SchedulerError } from './check.ts'
import type { NodeInfo } from './node-info.ts'
import { type PodInfo, podSpec } from './pod-info.ts'
import { storageIsThere } from './storage-capacity.ts'

const OUT_OF_REACH = "node(s) didn't match PersistentVolume's node affinity"
const NONE_TO_BIND = "node(s) didn't find available persistent volumes to bind"
const NO_SPACE = 'node(s) did not have enough free storage'
const NO_VOLUME = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'

const refusal = (...reasons: string[]): Rejection => ({ plugin: 'VolumeBinding', reasons, resolvable: false })

/** A Pod's claims, as far as they matter. */
interface Claims {
  readonly bound: readonly ApiObject[]
  /** Those whose class waits for a Pod, the smallest first. */
  readonly waiting: readonly ApiObject[]
}

/** What has to be done so that the Pod's claims are bound on a node. */
interface Plan {
  readonly bindings: readonly { readonly claim: ApiObject; readonly volume: ApiObject }[]
  readonly provisions: readonly ApiObject[]
}

/** What a Pod that has its node still waits for. */
export interface Pending {
  readonly node: string
  readonly namespace: string
  /** Names of claims, with the volume where one was chosen. */
  readonly claims: readonly { readonly name: string; readonly volume?: string }[]
}

/** Where a Pod can go for the sake of its claims, and binding them there: the VolumeBinding plug-in (1.34). */
export class VolumeBinding {
  readonly #store: Store
  readonly #writer: Writer

  constructor(store: Store, writer: Writer) {
    this.#store = store
    this.#writer = writer
  }

  check(info: PodInfo): Prepared {
    const { volumes = [] } = podSpec(info.pod)
    if (!volumes.some((volume) => claimNameOf(info.pod, volume) !== undefined)) return undefined
    const claims = this.#claimsOf(info)
    if ('refused' in claims) return claims
    return { plugin: 'VolumeBinding', reject: (node) => this.#reject(claims, node) } satisfies Check
  }

  /** Begins to bind the Pod's claims for this node; undefined if there is nothing to wait for. */
  bind(info: PodInfo, node: NodeInfo): Pending | undefined {
    const { volumes = [] } = podSpec(info.pod)
    if (!volumes.some((volume) => claimNameOf(info.pod, volume) !== undefined)) return undefined
    const claims = this.#claimsOf(info)
    if ('refused' in claims || claims.waiting.length === 0) return undefined
    const plan = this.#plan(claims, node)
    if ('reasons' in plan) throw new SchedulerError(plan.reasons.join(', '))
    for (const { claim, volume } of plan.bindings) {
      this.#writer.update({ resource: VOLUMES, name: volume.metadata.name }, (now) => promised(now, claim))
    }
    for (const { metadata } of plan.provisions) {
      const { namespace, name } = metadata
      this.#writer.update({ resource: CLAIMS, namespace, name }, (now) =>
        withMetadata(now, { annotations: { ...now.metadata.annotations, [SELECTED_NODE]: node.name } }),
      )
    }
    return {
      node: node.name,
      namespace: info.group.namespace,
      claims: [
        ...plan.bindings.map(({ claim, volume }) => ({ name: claim.metadata.name, volume: volume.metadata.name })),
        ...plan.provisions.map((claim) => ({ name: claim.metadata.name })),
      ],
    }
  }

  /** Whether all that was begun is done. Throws `SchedulerError` when it will not be, so that the Pod is scheduled anew. */
  isDone({ node, namespace, claims }: Pending, at: NodeInfo): boolean {
    return claims.every(({ name, volume }) => {
      const claim = this.#claim(namespace, name)
      if (claim === undefined)
        throw new SchedulerError(`failed to check provisioning pvc: could not find PVC "${namespace}/${name}"`)
      const bound = volume ?? claimSpecOf(claim).volumeName
      if (volume === undefined && claim.metadata.annotations?.[SELECTED_NODE] !== node) {
        throw new SchedulerError(`provisioning failed for PVC "${name}"`)
      }
      const found = bound === undefined ? undefined : this.#store.collection(VOLUMES)?.get(undefined, bound)
      if (found !== undefined && !isReachable(found, at)) {
        throw new SchedulerError(
          `pv "${bound}" node affinity doesn't match node "${node}": no matching NodeSelectorTerms`,
        )
      }
      return isBound(claim)
    })
  }

  #claim(namespace: string, name: string): ApiObject | undefined {
    return this.#store.collection(CLAIMS)?.get(namespace, name)
  }

  #claimsOf({ pod, group: { namespace } }: PodInfo): Claims | { readonly refused: Rejection } {
    const bound: ApiObject[] = []
    const waiting: ApiObject[] = []
    let immediate = false
    for (const volume of podSpec(pod).volumes ?? []) {
      const name = claimNameOf(pod, volume)
      if (name === undefined) continue
      const claim = this.#claim(namespace, name)
      const problem = problemWith(pod, volume, name, claim)
      if (claim === undefined || problem !== undefined) return { refused: refusal(problem ?? '') }
      const { volumeName = '' } = claimSpecOf(claim)
      if (isBound(claim)) bound.push(claim)
      else if (volumeName === '' && waitsForConsumer(this.#store, claim)) waiting.push(claim)
      else immediate = true
    }
    if (immediate) return { refused: refusal('pod has unbound immediate PersistentVolumeClaims') }
    waiting.sort((a, b) => sizeOf(a).compare(sizeOf(b)))
    return { bound, waiting }
  }

  #reject(claims: Claims, node: NodeInfo): Rejection | undefined {
    const plan = this.#plan(claims, node)
    return 'reasons' in plan ? refusal(...plan.reasons) : undefined
  }

  #plan({ bound, waiting }: Claims, node: NodeInfo): Plan | { readonly reasons: readonly string[] } {
    const reasons: string[] = []
    let missing = false
    for (const claim of bound) {
      const { volumeName } = claimSpecOf(claim)
      const volume = this.#store.collection(VOLUMES)?.get(undefined, volumeName ?? '')
      if (volume === undefined) missing = true
      else if (!isReachable(volume, node)) reasons.push(OUT_OF_REACH)
      if (missing || reasons.length > 0) break
    }
    const bindings: { readonly claim: ApiObject; readonly volume: ApiObject }[] = []
    const provisions: ApiObject[] = []
    const taken = new Set<string>()
    for (const claim of waiting) {
      const selected = claim.metadata.annotations?.[SELECTED_NODE]
      if (selected !== undefined && selected !== node.name) return { reasons: [...reasons, NONE_TO_BIND] }
      const volumes = this.#store.collection(VOLUMES) ?? []
      const volume = selected === undefined ? findVolume(claim, volumes, { node, taken }) : undefined
      if (volume === undefined) provisions.push(claim)
      else {
        taken.add(volume.metadata.name)
        bindings.push({ claim, volume })
      }
    }
    const unmade = this.#whyNotProvisioned(provisions, node)
    if (unmade !== undefined) reasons.push(unmade)
    if (missing) reasons.push(NO_VOLUME)
    return reasons.length > 0 ? { reasons } : { bindings, provisions }
  }

  #whyNotProvisioned(claims: readonly ApiObject[], node: NodeInfo): string | undefined {
    for (const claim of claims) {
      const wanted = storageClass(this.#store, classOf(claim))
      if (wanted === undefined) {
        throw new SchedulerError(
          `running "VolumeBinding" filter plugin: failed to find storage class "${classOf(claim)}"`,
        )
      }
      if (wanted.provisioner === '' || wanted.provisioner === NO_PROVISIONER || !isAllowed(wanted, node)) {
        return NONE_TO_BIND
      }
      if (!storageIsThere(this.#store, wanted, sizeOf(claim), node)) return NO_SPACE
    }
    return undefined
  }
}

/** The claim of a volume, of one that the Pod only describes too; undefined for volumes of another kind. */
export function claimNameOf(pod: ApiObject, { name, persistentVolumeClaim, ephemeral }: Volume): string | undefined {
  if (persistentVolumeClaim !== undefined) return persistentVolumeClaim.claimName
  return ephemeral === undefined ? undefined : `${pod.metadata.name}-${name}`
}

function problemWith(pod: ApiObject, volume: Volume, name: string, claim: ApiObject | undefined): string | undefined {
  if (claim === undefined) {
    if (volume.ephemeral === undefined) return `persistentvolumeclaim "${name}" not found`
    return `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
  }
  if (claimStatusOf(claim).phase === 'Lost') {
    const { volumeName = '' } = claimSpecOf(claim)
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${volumeName}"`
  }
  if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`
  if (volume.ephemeral === undefined || isControlledBy(claim, pod)) return undefined
  const { namespace } = pod.metadata
  return `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`
}

const isControlledBy = ({ metadata }: ApiObject, owner: ApiObject): boolean =>
  (metadata.ownerReferences ?? []).some(({ controller, uid }) => controller === true && uid === owner.metadata.uid)

function isBound(claim: ApiObject): boolean {
  return (claimSpecOf(claim).volumeName ?? '') !== '' && claim.metadata.annotations?.[BIND_COMPLETED] !== undefined
}

const sizeOf = (claim: ApiObject): Quantity => Quantity.fromJson(claimSpecOf(claim).resources?.requests?.storage ?? '0')

/** A class without terms is allowed everywhere. */
function isAllowed({ allowedTopologies = [] }: StorageClass, { labels }: NodeInfo): boolean {
  if (allowedTopologies.length === 0) return true
  return allowedTopologies.some(
    ({ matchLabelExpressions = [] }) =>
      matchLabelExpressions.length > 0 &&
      matchLabelExpressions.every(({ key, values }) => {
        const value = labels[key]
        return value !== undefined && values.includes(value)
      }),
  )
}
