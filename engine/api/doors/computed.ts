import type { GroupVersionKind, Printer } from '../../kinds/resource.ts'
import { notFound } from '../../objects/status-error.ts'
import type { ApiObject } from '../../objects/types.ts'
import { methodNotAllowed } from '../answers.ts'
import type { Api, Call } from '../context.ts'
import type { Shown } from '../endpoint.ts'
import type { ApiResponse } from '../http.ts'
import { listQuery } from '../query.ts'
import { listAnswer, objectAnswer } from '../reads.ts'
import type { Door } from '../router.ts'
import { apiVersionOf } from '../served.ts'

/** A resource that is computed when it is asked for, and cannot be written. */
export interface Computed {
  readonly gvk: GroupVersionKind
  readonly resource: string
  readonly namespaced: boolean
  readonly printer: Printer
  /** Told with each answer. */
  readonly warning?: string
  /** What answers to a list have as their version; none if not said. */
  readonly resourceVersion?: string
  /** All, of a namespace if one is given, in the order in which lists show them. */
  list(api: Api, namespace: string): readonly ApiObject[]
  /** Says what is missing where a name finds nothing; that the resource has no such object if not said. */
  missing?(api: Api, namespace: string, name: string): Error
}

/** get and list, with selectors and tables. */
export function computedDoor(computed: Computed): Door {
  const { gvk, namespaced, printer } = computed
  const shown: Shown = {
    gvk,
    apiVersion: apiVersionOf(gvk),
    listKind: `${gvk.kind}List`,
    printer,
    custom: false,
    fromStored: (object) => object,
  }
  return {
    serves: (group, version, resource, subresource) =>
      group === gvk.group && version === gvk.version && resource === computed.resource && subresource === '',
    handle(api: Api, call: Call): ApiResponse {
      const { request, info } = call
      if (request.method !== 'GET') throw methodNotAllowed()
      if (computed.warning !== undefined) call.warnings.add(computed.warning)
      const all = computed.list(api, namespaced ? info.namespace : '')
      if (info.parts.length > 1) {
        const object = all.find(({ metadata }) => metadata.name === info.name)
        if (object !== undefined) return objectAnswer(api, call, shown, 200, object, false)
        throw (
          computed.missing?.(api, info.namespace, info.name) ??
          notFound({ group: gvk.group, resource: computed.resource }, info.name)
        )
      }
      const { labelSelector, fieldSelector } = listQuery(request.query)
      const items = all.filter(
        (object) =>
          labelSelector.matches(object.metadata.labels ?? {}) &&
          fieldSelector.matches((field) => metadataField(object, field)),
      )
      return listAnswer(api, call, shown, { items, resourceVersion: computed.resourceVersion ?? '' })
    },
  }
}

function metadataField({ metadata }: ApiObject, field: string): string {
  if (field === 'metadata.name') return metadata.name
  return field === 'metadata.namespace' ? (metadata.namespace ?? '') : ''
}
