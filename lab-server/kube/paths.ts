import { KubeError, type KubeObject, type ObjectQuery } from './connection.ts'
import type { Answer } from './transport.ts'

/** How the API serves a kind: its plural name, and whether its objects live in namespaces. */
export interface Resource {
  plural: string
  namespaced: boolean
}

/** `/api/v1` for the core group, `/apis/<group>/<version>` for all others. */
export const groupPath = (apiVersion: string) =>
  apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`

/** Of all objects of a kind, in one namespace if the kind has them and one is given. */
export function collectionPath(apiVersion: string, resource: Resource, namespace: string | undefined): string {
  const inNamespace =
    resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${groupPath(apiVersion)}${inNamespace}/${resource.plural}`
}

/** Of one object; a kind with namespaces and none given means `default`, as kubectl does. */
export const objectPath = (apiVersion: string, resource: Resource, namespace: string | undefined, name: string) =>
  `${collectionPath(apiVersion, resource, namespace ?? 'default')}/${encodeURIComponent(name)}`

/** The selectors of a query as URL parameters. */
export function selectors(query: ObjectQuery): URLSearchParams {
  const parameters = new URLSearchParams()
  if (query.name !== undefined) parameters.set('fieldSelector', `metadata.name=${query.name}`)
  const labels = Object.entries(query.labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  if (labels.length > 0) parameters.set('labelSelector', labels.map(([key, value]) => `${key}=${value}`).join(','))
  return parameters
}

/** The same text for queries that mean the same, so that they can share one watch. */
export const queryKey = (query: ObjectQuery) =>
  JSON.stringify([query.apiVersion, query.kind, query.namespace ?? null, selectors(query).toString()])

/** Unique among the objects of one kind. */
export const objectKey = (object: KubeObject) => `${object.metadata.namespace ?? ''}/${object.metadata.name}`

/** The API server's refusal out of an answer, whether or not it carries a Status. */
export function refusal(answer: Answer): KubeError {
  const status = parseStatus(answer.body)
  return new KubeError(
    answer.status,
    status?.reason ?? 'Unknown',
    status?.message ?? `the API server answered with ${answer.status}`,
  )
}

export interface Status {
  kind?: string
  apiVersion?: string
  reason?: string
  message?: string
  code?: number
}

/** The body as a `Status` of apimachinery, if it is one. */
export function parseStatus(body: string): Status | undefined {
  if (!body.startsWith('{')) return undefined
  try {
    const value = JSON.parse(body) as Status
    return value.kind === 'Status' && value.apiVersion === 'v1' ? value : undefined
  } catch {
    return undefined
  }
}

/** Freezes an object through and through. Without managedFields, which are half of its bytes and of use to nobody here. */
export function frozen(object: KubeObject): KubeObject {
  delete object.metadata.managedFields
  return deepFreeze(object)
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}
