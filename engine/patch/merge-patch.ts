import { setField } from '../objects/paths.ts'
import { jsonTypeName } from './go-format.ts'
import { PatchError } from './patch-error.ts'

type Fields = Readonly<Record<string, unknown>>

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The document with a JSON merge patch (RFC 7386) applied; the document given is left as it is.
 * Like the API server's library it also drops nulls of maps inside lists that the patch brings.
 * @throws PatchError `badRequest` where the patch is no map.
 */
export function applyMergePatch<T extends object>(document: T, patch: unknown): T {
  if (!isMap(patch)) {
    const sentence = `error decoding patch: json: cannot unmarshal ${jsonTypeName(patch)} into Go value of type map[string]interface {}`
    throw new PatchError('badRequest', sentence)
  }
  return merge(document, patch) as T
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isMap(target)) return withoutNulls(patch)
  if (!isMap(patch)) return patch
  const merged: Record<string, unknown> = { ...target }
  let changed = false
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    if (value === null) {
      if (Object.hasOwn(merged, key)) changed = delete merged[key]
      continue
    }
    const before = Object.hasOwn(target, key) ? target[key] : undefined
    const after = merge(before, value)
    if (after === before) continue
    setField(merged, key, after)
    changed = true
  }
  return changed ? merged : target
}

/** The value without the nulls of its maps; a null in a list stays. The same value where there are none. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(withoutNulls)
    return items.every((item, at) => item === value[at]) ? value : items
  }
  if (!isMap(value)) return value
  const kept: Record<string, unknown> = {}
  let changed = false
  for (const key of Object.keys(value)) {
    const child = value[key]
    const left = withoutNulls(child)
    if (left !== child || child === null) changed = true
    if (child !== null) setField(kept, key, left)
  }
  return changed ? kept : value
}
