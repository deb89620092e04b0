import type { ApiObject } from '../objects/types.ts'
import type { Encodings } from '../storage/encodings.ts'
import type { Shown } from './endpoint.ts'

/** An object of the store as it stands in a list: those of built-in kinds without kind and apiVersion, which the list's own say. */
export function itemText(encodings: Encodings, shown: Shown, object: ApiObject): string {
  return encodings.of(object, `item ${shown.apiVersion}`, () => {
    const bare = bareText(shown, object)
    return shown.custom ? named(shown, bare) : bare
  })
}

/** An object of the store as an answer by itself. */
export function objectText(encodings: Encodings, shown: Shown, object: ApiObject): string {
  const item = itemText(encodings, shown, object)
  return shown.custom ? item : named(shown, item)
}

/** The same for an object that is not stored: that of a dry run. */
export function passingText(shown: Shown, object: ApiObject): string {
  return named(shown, bareText(shown, object))
}

function bareText(shown: Shown, object: ApiObject): string {
  const { apiVersion: _, kind: __, metadata, ...rest } = shown.fromStored(object)
  return JSON.stringify({ metadata: inOrder(metadata), ...rest })
}

/** As Go writes meta/v1 `ObjectMeta`; what is undefined is not written. */
function inOrder(metadata: ApiObject['metadata']): object {
  const { name, generateName, namespace, uid, resourceVersion, generation, creationTimestamp, ...rest } = metadata
  const { deletionTimestamp, deletionGracePeriodSeconds, labels, annotations, ...last } = rest
  const { ownerReferences, finalizers, managedFields, ...others } = last
  return {
    ...{ name, generateName, namespace, uid, resourceVersion, generation, creationTimestamp },
    ...{ deletionTimestamp, deletionGracePeriodSeconds, labels, annotations, ownerReferences, finalizers },
    managedFields,
    ...others,
  }
}

/** Every object has metadata, so `bare` is never `{}`. */
function named({ apiVersion, gvk }: Shown, bare: string): string {
  return `{"kind":${JSON.stringify(gvk.kind)},"apiVersion":${JSON.stringify(apiVersion)},${bare.slice(1)}`
}

const utf8 = new TextEncoder()

/** A line of a watch: shared by all watchers that see the same event in the same form. */
export function eventBytes(
  encodings: Encodings,
  shown: Shown,
  type: 'ADDED' | 'MODIFIED' | 'DELETED',
  object: ApiObject,
): Uint8Array {
  return encodings.of(object, `${type} ${shown.apiVersion}`, () => eventLine(type, passingText(shown, object)))
}

export function eventLine(type: string, object: string): Uint8Array {
  return utf8.encode(`{"type":"${type}","object":${object}}\n`)
}
