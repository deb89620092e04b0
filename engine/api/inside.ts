import type { AdmissionAttributes, Submission } from '../admission/plugin.ts'
import { notFound } from '../objects/status-error.ts'
import type { ApiObject } from '../objects/types.ts'
import { mutate, validate } from './admit.ts'
import type { Api } from './context.ts'
import { placed } from './objects.ts'
import { storedVersionOf } from './served.ts'

/** A create by one of the cluster's own components: defaulted, admitted and counted as the same request over the wire would be. */
export function submit(api: Api, { resource, object, namespace, user, manager }: Submission): ApiObject {
  const definition = api.catalogue.get(resource)?.definition
  const version = definition && storedVersionOf(definition)
  const endpoint = version && api.endpoints.find(resource.group, version.gvk.version, resource.resource, '')
  if (endpoint === undefined) throw notFound(resource, object.metadata.name ?? '')
  const attributes: AdmissionAttributes = {
    operation: 'CREATE',
    resource,
    kind: endpoint.version.gvk,
    subresource: '',
    namespace: namespace ?? '',
    name: object.metadata.name ?? '',
    options: {},
    user,
    dryRun: false,
    warn: () => {},
  }
  const defaulted = endpoint.version.default?.(placed(object, namespace ?? '')) ?? object
  const managed = endpoint.manager.update(undefined, defaulted, manager)
  return endpoint.registry.create(mutate(api, endpoint, attributes, managed, undefined), {
    ...(namespace === undefined ? {} : { namespace }),
    admit: (admitted) => validate(api, attributes, admitted, undefined),
  })
}
