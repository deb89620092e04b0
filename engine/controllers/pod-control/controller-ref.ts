import type { ApiObject, ObjectMeta, OwnerReference } from '../../objects/types.ts'

/** The one owner that looks after an object: `metav1.GetControllerOf`. */
export function controllerOf({ metadata }: { readonly metadata: Partial<ObjectMeta> }): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true)
}

export function isControlledBy(object: ApiObject, owner: ApiObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid
}

/** What an object says of the owner that looks after it. */
export function controllerRef({ apiVersion, kind, metadata: { name, uid } }: ApiObject): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}
