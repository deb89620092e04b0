import { BETA_CLASS, claimSpecOf } from '../../kinds/core/volume/claim-types.ts'
import { type VolumeSpec, volumeSpecOf, volumeStatusOf } from '../../kinds/core/volume/volume-types.ts'
import { LabelSelector } from '../../objects/label-selector.ts'
import { Quantity } from '../../objects/quantity.ts'
import type { ApiObject, GroupResource, NewObject } from '../../objects/types.ts'
import { matchesNode, type SelectableNode } from '../../scheduler/node-affinity.ts'
import { withMetadata } from '../../storage/metadata.ts'
import type { Store } from '../../storage/store.ts'

export const CLAIMS: GroupResource = { group: '', resource: 'persistentvolumeclaims' }
export const VOLUMES: GroupResource = { group: '', resource: 'persistentvolumes' }
export const CLASSES: GroupResource = { group: 'storage.k8s.io', resource: 'storageclasses' }

/** The claim and its volume know of each other for good. */
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
/** A controller has chosen, not a person: what is let go of is free again. */
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'
/** Where the scheduler wants the volume. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
export const PROVISIONER = 'volume.kubernetes.io/storage-provisioner'
export const BETA_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner'
/** The provisioner of classes whose volumes are made by hand. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner'

export interface StorageClass extends ApiObject {
  readonly provisioner: string
  readonly reclaimPolicy?: string
  readonly volumeBindingMode?: string
  readonly mountOptions?: readonly string[]
  readonly parameters?: Readonly<Record<string, string>>
  readonly allowedTopologies?: readonly {
    readonly matchLabelExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[]
  }[]
}

export interface ClaimRef {
  readonly kind?: string
  readonly apiVersion?: string
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
  readonly resourceVersion?: string
}

export const claimRefOf = (volume: NewObject): ClaimRef | undefined =>
  (volumeSpecOf(volume) as VolumeSpec & { readonly claimRef?: ClaimRef }).claimRef

/** The class that a claim or a volume is of; '' for none. */
export function classOf({ metadata, spec }: ApiObject): string {
  return (
    metadata.annotations?.[BETA_CLASS] ??
    (spec as { readonly storageClassName?: string } | undefined)?.storageClassName ??
    ''
  )
}

export function storageClass(store: Store, name: string): StorageClass | undefined {
  return store.collection(CLASSES)?.get(undefined, name) as StorageClass | undefined
}

/** Whether a claim of this class waits for its first Pod. */
export function waitsForConsumer(store: Store, claim: ApiObject): boolean {
  return storageClass(store, classOf(claim))?.volumeBindingMode === 'WaitForFirstConsumer'
}

/** The volume is promised to the claim or bound to it. */
export function isFor(volume: ApiObject, { metadata }: ApiObject): boolean {
  const { name, namespace, uid = '' } = claimRefOf(volume) ?? {}
  return name === metadata.name && namespace === metadata.namespace && (uid === '' || uid === metadata.uid)
}

export interface Search {
  /** On which it has to be reachable: the scheduler's search. */
  readonly node?: SelectableNode
  /** Names of volumes that are taken already. */
  readonly taken?: ReadonlySet<string>
  /** Only what is promised: the scheduler looks for the rest. */
  readonly delayed?: boolean
}

/** The volume that is promised to the claim, or the smallest that will do: component-helpers' `FindMatchingVolume` (1.34). */
export function findVolume(
  claim: ApiObject,
  volumes: Iterable<ApiObject>,
  { node, taken, delayed = false }: Search = {},
): ApiObject | undefined {
  const wanted = claimSpecOf(claim)
  const size = Quantity.fromJson(wanted.resources?.requests?.storage ?? '0')
  const selector = wanted.selector === undefined ? undefined : LabelSelector.fromObject(wanted.selector)
  const className = classOf(claim)
  let smallest: { readonly volume: ApiObject; readonly size: Quantity } | undefined
  for (const volume of volumes) {
    const spec = volumeSpecOf(volume)
    if (taken?.has(volume.metadata.name)) continue
    if (spec.claimRef !== undefined && !isFor(volume, claim)) continue
    const own = Quantity.fromJson(spec.capacity?.storage ?? '0')
    if (own.compare(size) < 0 || modeOf(spec) !== modeOf(wanted)) continue
    if ((wanted.volumeAttributesClassName ?? '') !== (spec.volumeAttributesClassName ?? '')) continue
    if (volume.metadata.deletionTimestamp !== undefined) continue
    const reachable = node === undefined || isReachable(volume, node)
    if (isFor(volume, claim)) return reachable ? volume : undefined
    if (node === undefined && delayed) continue
    if (volumeStatusOf(volume).phase !== 'Available') continue
    if (selector !== undefined && !selector.matches(volume.metadata.labels)) continue
    if (classOf(volume) !== className || !reachable || !offersModes(spec, wanted.accessModes)) continue
    if (smallest === undefined || smallest.size.compare(own) > 0) smallest = { volume, size: own }
  }
  return smallest?.volume
}

export const modeOf = ({ volumeMode = 'Filesystem' }: { readonly volumeMode?: string }): string => volumeMode

export const offersModes = ({ accessModes = [] }: VolumeSpec, wanted: readonly string[] = []): boolean =>
  wanted.every((mode) => accessModes.includes(mode))

/** component-helpers' `CheckNodeAffinity`. */
export function isReachable(volume: ApiObject, node: SelectableNode): boolean {
  const required = volumeSpecOf(volume).nodeAffinity?.required
  return required === undefined || matchesNode(required, node)
}

/** The volume as it is when it is promised to the claim; the same one if it is already. */
export function promised(volume: ApiObject, claim: ApiObject): ApiObject {
  const { name, namespace, uid, resourceVersion } = claim.metadata
  const ref = claimRefOf(volume)
  const { annotations } = volume.metadata
  const chosen = !isFor(volume, claim) && annotations?.[BOUND_BY_CONTROLLER] === undefined
  const named = ref?.name === name && ref.namespace === namespace && ref.uid === uid
  if (!chosen && named) return volume
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, resourceVersion, uid }
  const next = named ? volume : { ...volume, spec: { ...volumeSpecOf(volume), claimRef } }
  return chosen ? withMetadata(next, { annotations: { ...annotations, [BOUND_BY_CONTROLLER]: 'yes' } }) : next
}
