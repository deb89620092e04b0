import { deepEqual } from '../objects/equal.ts'
import { type FieldError, forbiddenField, invalidValue } from '../objects/field-error.ts'
import { goQuote } from '../objects/go-quote.ts'
import type { ApiObject, ObjectMeta } from '../objects/types.ts'

/** A copy with other metadata; undefined takes a field away. */
export function withMetadata(
  object: ApiObject,
  changes: { readonly [Field in keyof ObjectMeta]?: ObjectMeta[Field] | undefined },
): ApiObject {
  const metadata: Record<string, unknown> = { ...object.metadata, ...changes }
  for (const [field, value] of Object.entries(changes)) if (value === undefined) delete metadata[field]
  return { ...object, metadata: metadata as unknown as ObjectMeta }
}

/** What an update may not touch is put back, as `rest.BeforeUpdate` does before it validates. */
export function keepSystemFields(object: ApiObject, old: ApiObject): ApiObject {
  const { metadata: now } = object
  const { metadata: before } = old
  return withMetadata(object, {
    uid: now.uid === undefined || now.uid === '' ? before.uid : now.uid,
    creationTimestamp: before.creationTimestamp,
    generation: before.generation,
    deletionTimestamp: before.deletionTimestamp ?? now.deletionTimestamp,
    deletionGracePeriodSeconds: now.deletionGracePeriodSeconds ?? before.deletionGracePeriodSeconds,
  })
}

/** `ValidateObjectMetaAccessorUpdate`, what of it is about the change and not about the form of names and labels. */
export function validateMetadataUpdate({ metadata: now }: ApiObject, { metadata: before }: ApiObject): FieldError[] {
  const errors: FieldError[] = []
  if (before.deletionTimestamp !== undefined) {
    const known = new Set(before.finalizers)
    const added = [...new Set(now.finalizers?.filter((finalizer) => !known.has(finalizer)))].sort()
    if (added.length > 0) {
      const found = `[]string{${added.map(goQuote).join(', ')}}`
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${found}`
      errors.push(forbiddenField('metadata.finalizers', detail))
    }
  }
  for (const field of IMMUTABLE) {
    if (!deepEqual(now[field], before[field])) {
      errors.push(invalidValue(`metadata.${field}`, now[field], 'field is immutable'))
    }
  }
  return errors
}

const IMMUTABLE = ['name', 'namespace', 'uid', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const
