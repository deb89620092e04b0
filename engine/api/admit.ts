import type { AdmissionAttributes, AdmissionOperation } from '../admission/plugin.ts'
import type { ApiObject, NewObject } from '../objects/types.ts'
import type { Api, Call } from './context.ts'
import type { Endpoint } from './endpoint.ts'
import { storedVersionOf } from './served.ts'

/** A write as admission sees it, without the objects: what is known of it when the request comes in. */
export function attributesOf(
  call: Call,
  endpoint: Endpoint,
  operation: AdmissionOperation,
  name: string,
  dryRun: boolean,
  options: Readonly<Record<string, unknown>>,
): AdmissionAttributes {
  const { definition } = endpoint.served
  return {
    operation,
    resource: definition.resource,
    kind: endpoint.version.gvk,
    subresource: endpoint.subresource,
    namespace: definition.namespaced ? call.info.namespace : '',
    name,
    options,
    user: call.user,
    dryRun,
    warn: (text) => call.warnings.add(text),
  }
}

/** The object with what all plug-ins add to it, defaults of that included. Throws what they throw. */
export function mutate(
  api: Api,
  endpoint: Endpoint,
  attributes: AdmissionAttributes,
  given: NewObject,
  oldObject: ApiObject | undefined,
): NewObject {
  const object = mutateAll(api, attributes, given, oldObject)
  if (object === given || attributes.subresource !== '') return object
  return storedVersionOf(endpoint.served.definition)?.default?.(object) ?? object
}

/** The same without defaults, for what is no object of the store. */
export function mutateAll(
  { admission, backend }: Api,
  attributes: AdmissionAttributes,
  given: NewObject,
  oldObject: ApiObject | undefined,
): NewObject {
  let object = given
  const withOld = oldObject === undefined ? attributes : { ...attributes, oldObject }
  for (const plugin of admission) {
    if (plugin.mutate !== undefined) object = plugin.mutate({ ...withOld, object }, backend)
  }
  return object
}

/** Throws what plug-ins throw that refuse the object. */
export function validate(
  { admission, backend }: Api,
  attributes: AdmissionAttributes,
  object: ApiObject | undefined,
  oldObject: ApiObject | undefined,
): void {
  const complete = {
    ...attributes,
    ...(object === undefined ? {} : { object, name: object.metadata.name }),
    ...(oldObject === undefined ? {} : { oldObject }),
  }
  for (const plugin of admission) plugin.validate?.(complete, backend)
}
