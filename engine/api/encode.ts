import type { ApiObject } from '../objects/types.ts'
import type { Encodings } from '../storage/encodings.ts'
import type { Endpoint } from './endpoint.ts'

/** An object of the store as it stands in a list: those of built-in kinds without kind and apiVersion, which the list's own say. */
export function itemText(encodings: Encodings, endpoint: Endpoint, object: ApiObject): string {
  return encodings.of(object, `item ${endpoint.apiVersion}`, () => {
    const bare = bareText(endpoint, object)
    return endpoint.served.custom === undefined ? bare : named(endpoint, bare)
  })
}

/** An object of the store as an answer by itself. */
export function objectText(encodings: Encodings, endpoint: Endpoint, object: ApiObject): string {
  const item = itemText(encodings, endpoint, object)
  return endpoint.served.custom === undefined ? named(endpoint, item) : item
}

/** The same for an object that is not stored: that of a dry run. */
export function passingText(endpoint: Endpoint, object: ApiObject): string {
  return named(endpoint, bareText(endpoint, object))
}

function bareText(endpoint: Endpoint, object: ApiObject): string {
  const { apiVersion: _, kind: __, ...rest } = endpoint.fromStored(object)
  return JSON.stringify(rest)
}

/** Every object has metadata, so `bare` is never `{}`. */
function named({ apiVersion, version }: Endpoint, bare: string): string {
  return `{"kind":${JSON.stringify(version.gvk.kind)},"apiVersion":${JSON.stringify(apiVersion)},${bare.slice(1)}`
}

const utf8 = new TextEncoder()

/** A line of a watch: shared by all watchers that see the same event in the same form. */
export function eventBytes(
  encodings: Encodings,
  endpoint: Endpoint,
  type: 'ADDED' | 'MODIFIED' | 'DELETED',
  object: ApiObject,
): Uint8Array {
  return encodings.of(object, `${type} ${endpoint.apiVersion}`, () => eventLine(type, passingText(endpoint, object)))
}

export function eventLine(type: string, object: string): Uint8Array {
  return utf8.encode(`{"type":"${type}","object":${object}}\n`)
}
