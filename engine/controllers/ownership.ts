import type { ApiObject, GroupKind, OwnerReference } from '../objects/types.ts'
import { FOREGROUND, ORPHAN } from '../storage/deletion.ts'

/** `apps/v1`, `Deployment` to group and kind. */
export function kindOf({ apiVersion, kind }: Pick<OwnerReference, 'apiVersion' | 'kind'>): GroupKind {
  const slash = apiVersion.indexOf('/')
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), kind }
}

export function isBeingDeleted({ metadata }: ApiObject): boolean {
  return metadata.deletionTimestamp !== undefined
}

/** It is being deleted, and waits for its dependents to be gone. */
export function waitsForDependents(object: ApiObject): boolean {
  return isBeingDeleted(object) && holds(object, FOREGROUND)
}

/** It is being deleted, and its dependents shall outlive it. */
export function orphansDependents(object: ApiObject): boolean {
  return isBeingDeleted(object) && holds(object, ORPHAN)
}

export function holds({ metadata }: ApiObject, finalizer: string): boolean {
  return metadata.finalizers?.includes(finalizer) ?? false
}

export function blocks(dependent: ApiObject, owner: string): boolean {
  return (dependent.metadata.ownerReferences ?? []).some((one) => one.uid === owner && one.blockOwnerDeletion === true)
}

/** What a deletion of a dependent does with what depends on it in turn: what its finalizers say, else background. */
export function policyOf(object: ApiObject): 'Orphan' | 'Foreground' | 'Background' {
  if (holds(object, ORPHAN)) return 'Orphan'
  return holds(object, FOREGROUND) ? 'Foreground' : 'Background'
}

/** An object's owners, by what becomes of it. */
export interface Owners {
  /** They are there: it stays. */
  readonly solid: readonly OwnerReference[]
  /** They are gone. */
  readonly dangling: readonly OwnerReference[]
  /** They are being deleted, and wait for it. */
  readonly waiting: readonly OwnerReference[]
}

/** What a reference leads to: an object, nothing, or nobody knows, since its kind is not served or cannot be an owner here. */
export type Lookup = (reference: OwnerReference) => ApiObject | undefined | 'unknown'

/** Undefined while one of the owners cannot be looked up. */
export function classify(references: readonly OwnerReference[], lookup: Lookup): Owners | undefined {
  const solid: OwnerReference[] = []
  const dangling: OwnerReference[] = []
  const waiting: OwnerReference[] = []
  for (const reference of references) {
    const owner = lookup(reference)
    if (owner === 'unknown') return undefined
    if (owner === undefined || owner.metadata.uid !== reference.uid) dangling.push(reference)
    else if (waitsForDependents(owner)) waiting.push(reference)
    else solid.push(reference)
  }
  return { solid, dangling, waiting }
}
