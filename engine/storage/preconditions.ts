import { conflict, type StatusError } from '../objects/status-error.ts'
import type { ApiObject, GroupKind, GroupResource } from '../objects/types.ts'

/** What must hold of an object for it to be written. */
export interface Preconditions {
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
}

/** As storage checks it (apiserver `storage.Preconditions`): the message names the key in etcd. */
export function checkStored(
  of: GroupResource,
  key: string,
  object: ApiObject,
  { uid, resourceVersion }: Preconditions,
): StatusError | undefined {
  const { metadata } = object
  const failed = (field: string, wanted: string, found: string) =>
    conflict(
      of,
      metadata.name,
      `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ` +
        `${field} in precondition: ${wanted}, ${field} in object meta: ${found}`,
    )
  if (uid !== undefined && uid !== metadata.uid) return failed('UID', uid, metadata.uid)
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    return failed('ResourceVersion', resourceVersion, metadata.resourceVersion)
  }
  return undefined
}

/** As deletion checks it first (apiserver `rest.BeforeDelete`): the message names the kind in the resource's place. */
export function checkBeforeDelete(
  of: GroupKind,
  object: ApiObject,
  { uid, resourceVersion }: Preconditions,
): StatusError | undefined {
  const { metadata } = object
  const named = { group: of.group, resource: of.kind }
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
    return conflict(named, metadata.name, why)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`
    return conflict(named, metadata.name, why)
  }
  return undefined
}
