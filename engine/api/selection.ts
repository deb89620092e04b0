import { FieldSelector } from '../objects/field-selector.ts'
import { goQuote } from '../objects/go-quote.ts'
import { badRequest } from '../objects/status-error.ts'
import type { ApiObject } from '../objects/types.ts'
import type { Selection } from '../storage/event.ts'
import type { Endpoint } from './endpoint.ts'
import type { ListQuery } from './query.ts'

const NAME = 'metadata.name'
const NAMESPACE = 'metadata.namespace'

/** What a list, a watch or a deletion of many chooses. Throws 400 for fields by which the kind cannot be selected. */
export function selectionOf(
  endpoint: Endpoint,
  query: Pick<ListQuery, 'labelSelector' | 'fieldSelector'>,
  namespace: string,
  nameInPath: string | undefined,
): Selection {
  const { labelSelector, fieldSelector } = query
  for (const { field } of fieldSelector.requirements) mustBeSelectable(endpoint, field)
  if (nameInPath !== undefined && !fieldSelector.isEmpty() && fieldSelector.exactValue(NAME) !== nameInPath) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name")
  }
  const name = nameInPath ?? fieldSelector.exactValue(NAME)
  const rest = FieldSelector.of(
    fieldSelector.requirements.filter(({ field, operator }) => !(field === NAME && operator === '=')),
  )
  const byFields = rest.isEmpty() ? undefined : matchFields(endpoint, rest)
  const byLabels = labelSelector.isEmpty()
    ? undefined
    : (object: ApiObject) => labelSelector.matches(object.metadata.labels ?? {})
  const selects =
    byLabels !== undefined && byFields !== undefined
      ? (object: ApiObject) => byLabels(object) && byFields(object)
      : (byLabels ?? byFields)
  return {
    ...(namespace === '' ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(selects === undefined ? {} : { selects }),
  }
}

function mustBeSelectable(endpoint: Endpoint, field: string): void {
  if (field === NAME || field === NAMESPACE) return
  const { selectableFields, gvk } = endpoint.version
  if (selectableFields !== undefined && Object.hasOwn(selectableFields, field)) return
  if (selectableFields === undefined && endpoint.served.custom === undefined) {
    throw badRequest(`${goQuote(field)} is not a known field selector: only "${NAME}", "${NAMESPACE}"`)
  }
  if (gvk.group === 'batch') throw badRequest(`field label ${goQuote(field)} not supported for ${gvk.kind}`)
  const kind = gvk.group === 'resource.k8s.io' ? ` for ${gvk.group}/${gvk.version}, Kind=${gvk.kind}` : ''
  throw badRequest(`field label not supported${kind}: ${field}`)
}

function matchFields(endpoint: Endpoint, selector: FieldSelector): (object: ApiObject) => boolean {
  const fields = endpoint.version.selectableFields ?? {}
  return (object) => {
    let converted: ApiObject | undefined
    return selector.matches((field) => {
      if (field === NAME) return object.metadata.name
      if (field === NAMESPACE) return object.metadata.namespace ?? ''
      converted ??= endpoint.fromStored(object)
      return fields[field]?.(converted) ?? ''
    })
  }
}
