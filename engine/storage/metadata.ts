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
