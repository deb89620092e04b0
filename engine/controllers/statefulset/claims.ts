import type { Pod } from '../../kinds/pod/status.ts'
import { deepEqual } from '../../objects/equal.ts'
import type { ApiObject, GroupResource, NewObject, OwnerReference } from '../../objects/types.ts'
import { controllerRef } from '../pod-control/controller-ref.ts'
import { isWanted, ordinalOf, type StatefulSet } from './types.ts'

export const CLAIMS: GroupResource = { group: '', resource: 'persistentvolumeclaims' }

export const claimName = (set: StatefulSet, template: string, ordinal: number): string =>
  `${template}-${set.metadata.name}-${ordinal}`

export const claimNames = (set: StatefulSet, pod: Pod): string[] =>
  (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => claimName(set, metadata?.name ?? '', ordinalOf(pod)))

/** The claims of a Pod as they are created. */
export function claimsOf(set: StatefulSet, pod: Pod): (NewObject & { readonly metadata: { readonly name: string } })[] {
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: claimName(set, metadata?.name ?? '', ordinalOf(pod)),
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(metadata?.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      labels: { ...metadata?.labels, ...set.spec.selector?.matchLabels },
    },
    spec,
  }))
}

/** An object as it is named in references: the controller is told apart by uid. */
interface Named {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly uid?: string }
}

const isMeant = (reference: OwnerReference, { apiVersion, kind, metadata }: Named): boolean =>
  reference.apiVersion === apiVersion && reference.kind === kind && reference.name === metadata.name

const references = (claim: ApiObject): readonly OwnerReference[] => claim.metadata.ownerReferences ?? []

/** It names one that had the same name, and is gone. */
export const isStale = (claim: ApiObject, owner: Named): boolean => {
  const found = references(claim).find((reference) => isMeant(reference, owner))
  return found !== undefined && found.uid !== owner.metadata.uid
}

const policyOf = ({ spec }: StatefulSet) => {
  const { whenScaled = 'Retain', whenDeleted = 'Retain' } = spec.persistentVolumeClaimRetentionPolicy ?? {}
  return { scaled: whenScaled === 'Delete', deleted: whenDeleted === 'Delete' }
}

/** Whether claims may go when their Pods are scaled away: then a new Pod waits until those of the old one are gone. */
export const goWhenScaled = (set: StatefulSet): boolean => policyOf(set).scaled

/** Another controller has the claim: the policy does not count. */
export function isContested(claim: ApiObject, set: StatefulSet, pod: Pod): boolean {
  const { scaled, deleted } = policyOf(set)
  if (!scaled && !deleted) return false
  return references(claim).some((reference) => {
    const meant = [set, pod].find((owner) => isMeant(reference, owner))
    return meant === undefined ? reference.controller === true : reference.uid !== meant.metadata.uid
  })
}

/** Whether a claim's owners are what the set's policy makes of them, or cannot be. */
export function isOwnedByPolicy(claim: ApiObject, set: StatefulSet, pod: Pod): boolean {
  if (isStale(claim, set) || isStale(claim, pod)) return true
  const ours = references(claim).filter(({ uid }) => uid === set.metadata.uid || uid === pod.metadata.uid)
  if (isContested(claim, set, pod)) return ours.length === 0
  if (ours.some(({ controller }) => controller !== true)) return false
  const uids = ours.map(({ uid }) => uid)
  return deepEqual(
    uids.toSorted(),
    policyOwners(set, pod)
      .map(({ metadata }) => metadata.uid)
      .toSorted(),
  )
}

/** The owners of a claim by the policy: others stay, unless it is contested. */
export function ownersByPolicy(claim: ApiObject, set: StatefulSet, pod: Pod): readonly OwnerReference[] {
  const others = references(claim).filter((reference) => ![set, pod].some((owner) => isMeant(reference, owner)))
  if (isContested(claim, set, pod)) return others
  const added = policyOwners(set, pod).filter(({ metadata }) => !others.some(({ uid }) => uid === metadata.uid))
  return [...others, ...added.map(controllerRef)]
}

/** With whom the claim goes: with the Pod once it is scaled away, else with the set. */
function policyOwners(set: StatefulSet, pod: Pod): ApiObject[] {
  const { scaled, deleted } = policyOf(set)
  if (scaled && !isWanted(set, pod)) return [pod]
  return deleted ? [set] : []
}
