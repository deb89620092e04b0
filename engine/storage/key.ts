/** Where an object is within its collection: `namespace/name`, or `name` where there are no namespaces. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

export function keyOfObject(object: {
  readonly metadata: { readonly namespace?: string; readonly name: string }
}): string {
  return keyOf(object.metadata.namespace, object.metadata.name)
}

/** The key of an object that is in a namespace, apart. */
export function placeOf(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** All keys of a namespace are from `from` up to, and without, `to`; `0` is the character after `/`. */
export function rangeOf(namespace: string | undefined): { from: string; to: string | undefined } {
  return namespace === undefined || namespace === ''
    ? { from: '', to: undefined }
    : { from: `${namespace}/`, to: `${namespace}0` }
}
