import { forbidden, type StatusError } from '../objects/status-error.ts'
import type { ApiObject } from '../objects/types.ts'
import type { AdmissionAttributes, Backend } from './plugin.ts'

/** A plug-in's no, as apiserver's `admission.NewForbidden` (1.34) words it. */
export function refuse(attributes: AdmissionAttributes, why: string): StatusError {
  return forbidden(attributes.resource, nameIn(attributes), why)
}

/** The object's name; while it has none, what it will be made of. */
function nameIn({ name, object }: AdmissionAttributes): string {
  return name || object?.metadata.name || object?.metadata.generateName || 'Unknown'
}

/** Whether it is a write of this resource itself or, if one is named, through that door. */
export function isOf({ resource, subresource }: AdmissionAttributes, group: string, name: string, door = ''): boolean {
  return resource.resource === name && resource.group === group && subresource === door
}

/** An object of the cluster as it is now. */
export function find(
  { store }: Backend,
  group: string,
  resource: string,
  namespace: string,
  name: string,
): ApiObject | undefined {
  return store.collection({ group, resource })?.get(namespace, name)
}

/** All objects of a resource, in a namespace where it has them. */
export function all({ store }: Backend, group: string, resource: string, namespace = ''): readonly ApiObject[] {
  return store.collection({ group, resource })?.list({ namespace }).items ?? []
}
