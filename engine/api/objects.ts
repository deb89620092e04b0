import { deepEqual } from '../objects/equal.ts'
import { badRequest } from '../objects/status-error.ts'
import type { NewObject, OwnerReference } from '../objects/types.ts'
import type { Warnings } from './warnings.ts'

/** The object without what only the server says (`rest.WipeObjectMetaSystemFields`); the rest of it the registry sets anew. */
export function withoutSelfLink(object: NewObject): NewObject {
  if (!('selfLink' in object.metadata)) return object
  const { selfLink: _, ...metadata } = object.metadata as Record<string, unknown>
  return { ...object, metadata }
}

/** The object in the namespace of the request. Throws 400 if it names another one itself. */
export function placed(object: NewObject, namespace: string): NewObject {
  const { namespace: own = '', ...metadata } = object.metadata
  if (own === namespace) return object
  if (own === '') return { ...object, metadata: { ...metadata, namespace } }
  if (namespace === '') return { ...object, metadata }
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

/** Throws 400 unless the object has the name of the path. */
export function mustBeNamed(object: NewObject, name: string): void {
  const { name: own = '' } = object.metadata
  if (own === '') {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  }
  if (own !== name) {
    throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`)
  }
}

/** The object with each owner once; a warning tells of those that were there twice. */
export function withOwnersOnce(object: NewObject, warnings: Warnings, afterAdmission: boolean): NewObject {
  const { ownerReferences } = object.metadata
  if (ownerReferences === undefined || ownerReferences.length < 2) return object
  const kept: OwnerReference[] = []
  const duplicates: string[] = []
  for (const reference of ownerReferences) {
    if (kept.some((other) => other.uid === reference.uid && deepEqual(other, reference))) duplicates.push(reference.uid)
    else kept.push(reference)
  }
  if (duplicates.length === 0) return object
  const start = afterAdmission
    ? '.metadata.ownerReferences contains duplicate entries after mutating admission happens; API server dedups owner references in 1.20+'
    : '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+'
  warnings.add(
    `${start}, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(', ')}`,
  )
  return { ...object, metadata: { ...object.metadata, ownerReferences: kept } }
}
