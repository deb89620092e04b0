import { setField } from '../objects/paths.ts'
import type { TypeSchema } from '../objects/types.ts'
import { type Identity, liveOrderAfter, orderElements } from './element-order.ts'
import { goFormat, goTypeName, jsonTypeName } from './go-format.ts'
import { withoutNulls } from './merge-patch.ts'
import { PatchError } from './patch-error.ts'

type Fields = Readonly<Record<string, unknown>>
type List = readonly unknown[]

const directive = '$patch'
const retainKeys = '$retainKeys'
const orderPrefix = '$setElementOrder'
const deletePrefix = '$deleteFromPrimitiveList'

const badOrderList = 'invalid patch format of setElementOrder list'
const badDeleteList = 'invalid patch format of primitive list'
const badRetainKeys = 'invalid patch format of retainKeys'

/**
 * The document with a strategic merge patch applied, directives and all, as apimachinery's `StrategicMergeMapPatch` (1.34) does it; the document and
 * the patch are left as they are, and what the patch does not touch is shared.
 * @throws PatchError with upstream's sentence.
 */
export function applyStrategicMergePatch<T extends object>(document: T, patch: unknown, schema: TypeSchema): T {
  if (!isMap(patch)) {
    throw new PatchError(
      'badRequest',
      `json: cannot unmarshal ${jsonTypeName(patch)} into Go value of type map[string]interface {}`,
    )
  }
  return mergeMap(document as unknown as Fields, patch, schema) as unknown as T
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mergeMap(original: Fields, patch: Fields, schema: TypeSchema | undefined): Fields {
  if (Object.hasOwn(patch, directive)) return wholeMapDirective(patch)
  const merged: Record<string, unknown> = { ...original }
  if (Object.hasOwn(patch, retainKeys)) retainOnly(merged, patch)
  const done = new Set<string>([retainKeys])
  for (const key of Object.keys(patch)) if (isFor(key, orderPrefix)) orderField(merged, patch, key, schema, done)
  for (const key of Object.keys(patch)) if (isFor(key, deletePrefix)) deleteFromField(merged, patch, key, schema, done)
  for (const key of Object.keys(patch)) if (!done.has(key)) mergeField(merged, key, patch[key], schema)
  return merged
}

const isFor = (key: string, prefix: string): boolean => key.startsWith(prefix)

function wholeMapDirective(patch: Fields): Fields {
  const { [directive]: what, ...rest } = patch
  if (what === 'replace') return withoutNulls(rest) as Fields
  if (what === 'delete') return {}
  throw unknownDirective(what, patch)
}

function unknownDirective(what: unknown, patch: Fields): PatchError {
  return failed(`unknown patch type: ${goFormat(what)} in map: ${goFormat(patch)}`)
}

function retainOnly(merged: Record<string, unknown>, patch: Fields): void {
  const listed = patch[retainKeys]
  if (!Array.isArray(listed)) throw new PatchError('badRequest', badRetainKeys)
  const kept = new Set<unknown>(listed)
  for (const [key, value] of Object.entries(patch)) {
    if (key === retainKeys || value === null || isFor(key, deletePrefix) || isFor(key, orderPrefix)) continue
    if (!kept.has(key)) throw new PatchError('badRequest', badRetainKeys)
  }
  for (const key of Object.keys(merged)) if (!kept.has(key)) delete merged[key]
}

function fieldOf(key: string, prefix: string, complaint: string): string {
  if (!key.startsWith(`${prefix}/`)) throw new PatchError('badRequest', complaint)
  return key.slice(prefix.length + 1)
}

/** `$setElementOrder/field`: merges the field's list, if the patch has one, and puts the items in the order given. */
function orderField(
  merged: Record<string, unknown>,
  patch: Fields,
  key: string,
  schema: TypeSchema | undefined,
  done: Set<string>,
): void {
  done.add(key)
  const order = asList(patch[key])
  const field = fieldOf(key, orderPrefix, badOrderList)
  const live = Object.hasOwn(merged, field) ? asList(merged[field]) : undefined
  const changes = Object.hasOwn(patch, field) ? asList(patch[field]) : undefined
  const meta = listMeta(lookup(schema, field))
  checkOrder(changes ?? [], order, meta.mergeKey)
  if (live === undefined && changes === undefined) return
  const items =
    live === undefined
      ? withoutDirectives(withoutNulls(changes ?? []) as List)
      : changes === undefined
        ? live
        : mergeList(live, changes, meta)
  const identity = identityFor(meta.mergeKey)
  for (const item of meta.mergeKey === undefined ? [] : [...items, ...order]) requireKey(item, meta.mergeKey)
  elementKind(live ?? [], changes ?? [])
  merged[field] = orderElements(items, order, liveOrder(live ?? [], changes ?? [], meta), identity)
  done.add(field)
}

function liveOrder(live: List, changes: List, { merges, mergeKey }: ListMeta): List {
  if (!merges || mergeKey === undefined || live.length === 0) return live
  const keys = new Set(live.map((item) => keyOf(item, mergeKey)))
  const deleted = new Set(changes.filter((item) => hasDirective(item, 'delete')).map((item) => keyOf(item, mergeKey)))
  const added = changes.some((item) => hasDirective(item, 'replace'))
    ? []
    : changes.filter((item) => {
        if (hasDirective(item)) return false
        const key = keyOf(item, mergeKey)
        return !keys.has(key) || deleted.has(key)
      })
  return liveOrderAfter(live, (item) => deleted.has(keyOf(item, mergeKey)), added)
}

/** The items that the patch brings must stand in the order that it asks for, and all of them be in it. */
function checkOrder(changes: List, order: List, mergeKey: string | undefined): void {
  if (order.length === 0 || changes.length === 0) return
  const named = mergeKey === undefined ? changes : changes.filter((item) => !hasDirective(item, 'delete'))
  let next = 0
  for (const item of order) {
    while (next < named.length && hasDirective(named[next])) next++
    if (next >= named.length) return
    if (keyOf(named[next], mergeKey) === keyOf(item, mergeKey)) next++
  }
  if (next >= named.length) return
  throw failed(
    `The order in patch list:\n${goFormat(changes)}\n doesn't match ${orderPrefix} list:\n${goFormat(order)}\n`,
  )
}

/** `$deleteFromPrimitiveList/field`: takes plain values out of a list. */
function deleteFromField(
  merged: Record<string, unknown>,
  patch: Fields,
  key: string,
  schema: TypeSchema | undefined,
  done: Set<string>,
): void {
  done.add(key)
  const field = fieldOf(key, deletePrefix, badDeleteList)
  const values = patch[key]
  if (values === null) delete merged[field]
  const live = merged[field]
  if (!Array.isArray(live) || !Array.isArray(values)) return
  if (live.length === 0 && values.length === 0) return
  if (elementKind(live, values) === 'map') {
    merged[field] = mergeList(live, values, { ...listMeta(lookup(schema, field)), merges: true })
    return
  }
  const gone = new Set<unknown>(values)
  merged[field] = live.filter((item) => !gone.has(item))
}

function mergeField(
  merged: Record<string, unknown>,
  key: string,
  change: unknown,
  schema: TypeSchema | undefined,
): void {
  if (change === null) {
    delete merged[key]
    return
  }
  const live = Object.hasOwn(merged, key) ? merged[key] : undefined
  if (isMap(live) && isMap(change)) {
    const field = lookup(schema, key)
    merged[key] = strategyOf(field) === 'replace' ? withoutNulls(change) : mergeMap(live, change, field)
  } else if (Array.isArray(live) && Array.isArray(change)) {
    merged[key] = mergeList(live, change, listMeta(lookup(schema, key)))
  } else if (hasDirective(change)) {
    delete merged[key]
  } else {
    setField(merged, key, withoutDirectives(withoutNulls(change)))
  }
}

interface ListMeta {
  readonly merges: boolean
  readonly mergeKey: string | undefined
  readonly items: TypeSchema | undefined
}

function listMeta(schema: TypeSchema | undefined): ListMeta {
  return { merges: strategyOf(schema) === 'merge', mergeKey: schema?.patchMergeKey, items: schema?.items }
}

function strategyOf(schema: TypeSchema | undefined): 'merge' | 'replace' | undefined {
  const strategies = schema?.patchStrategy?.filter((strategy) => strategy !== 'retainKeys') ?? []
  if (strategies.length > 1) throw failed(`unexpected patch strategy: [${schema?.patchStrategy?.join(' ')}]`)
  return strategies[0] as 'merge' | 'replace' | undefined
}

/** A field's schema; undefined where the type keeps any field without knowing it. */
function lookup(schema: TypeSchema | undefined, key: string): TypeSchema | undefined {
  if (schema === undefined || schema.type === 'any' || schema.preserveUnknown === true) return schema?.field(key)
  const field = schema.field(key)
  if (field === undefined) throw failed(`unable to find api field in struct for the json field ${JSON.stringify(key)}`)
  return field
}

function mergeList(live: List, changes: List, meta: ListMeta): List {
  if (!meta.merges) return withoutNulls(changes) as List
  if (live.length === 0 && changes.length === 0) return live
  if (elementKind(live, changes) === 'value') {
    return orderElements([...new Set([...live, ...changes])], changes, live, identityFor(undefined))
  }
  if (meta.mergeKey === undefined)
    throw failed(`cannot merge lists without merge key for ${meta.items?.type === 'string' ? 'string' : 'struct'}`)
  return mergeItems(live, changes, meta.mergeKey, meta.items)
}

function mergeItems(live: List, changes: List, mergeKey: string, schema: TypeSchema | undefined): List {
  const special = itemDirectives(live, changes, mergeKey)
  const merged = [...special.live]
  for (const change of special.changes) {
    const key = requireKey(change, mergeKey)
    const at = merged.findIndex((item) => isMap(item) && Object.hasOwn(item, mergeKey) && item[mergeKey] === key)
    if (at < 0) merged.push(withoutNulls(change))
    else merged[at] = mergeMap(merged[at] as Fields, change as Fields, schema)
  }
  for (const item of merged) requireKey(item, mergeKey)
  return orderElements(merged, special.changes, special.live, identityFor(mergeKey))
}

/** Takes the items with a `$patch` out of the changes and does what they say. */
function itemDirectives(live: List, changes: List, mergeKey: string): { live: List; changes: List } {
  let kept = live
  const plain: unknown[] = []
  let replaces = false
  for (const change of changes) {
    const what = (change as Fields)[directive]
    if (!Object.hasOwn(change as Fields, directive)) plain.push(change)
    else if (what === 'replace') replaces = true
    else if (what === 'delete') {
      const key = requireKey(change, mergeKey)
      kept = kept.filter((item) => !(Object.hasOwn(item as Fields, mergeKey) && (item as Fields)[mergeKey] === key))
    } else if (what === 'merge') throw failed('merging lists cannot yet be specified in the patch')
    else throw unknownDirective(what, change as Fields)
  }
  return replaces ? { live: withoutNulls(plain) as List, changes: [] } : { live: kept, changes: plain }
}

/** All items of both lists must be of one type, and that no list. */
function elementKind(...lists: readonly List[]): 'map' | 'value' {
  let first: string | undefined
  for (const item of lists.flat(1)) {
    const type = jsonTypeName(item)
    if (first === undefined && type === 'array') {
      throw new PatchError('unprocessable', 'lists of lists are not supported')
    }
    first ??= type
    if (type !== first || type === 'null') {
      throw failed(`list element types are not identical: ${goFormat(lists)}`)
    }
  }
  if (first === undefined) throw failed('no elements in any of the given slices')
  return first === 'object' ? 'map' : 'value'
}

function identityFor(mergeKey: string | undefined): Identity {
  return mergeKey === undefined ? (item) => item : (item) => (isMap(item) ? item[mergeKey] : undefined)
}

function keyOf(item: unknown, mergeKey: string | undefined): unknown {
  return mergeKey === undefined ? item : requireKey(item, mergeKey)
}

function requireKey(item: unknown, mergeKey: string | undefined): unknown {
  if (mergeKey === undefined) return item
  if (!isMap(item)) throw failed(`expected a map[string]interface {}, but received a ${goTypeName(item)}`)
  if (!Object.hasOwn(item, mergeKey)) {
    throw failed(`map: ${goFormat(item)} does not contain declared merge key: ${mergeKey}`)
  }
  return item[mergeKey]
}

function asList(value: unknown): List {
  if (Array.isArray(value)) return value
  throw failed(`expected a []interface {}, but received a ${goTypeName(value)}`)
}

function hasDirective(value: unknown, what?: string): boolean {
  return isMap(value) && Object.hasOwn(value, directive) && (what === undefined || value[directive] === what)
}

/** Maps that carry a `$patch` make no sense where nothing is there to merge with: they are left out. */
function withoutDirectives<T>(value: T): T {
  if (Array.isArray(value)) return value.filter((item) => !hasDirective(item)).map(withoutDirectives) as T
  if (!isMap(value)) return value
  const kept: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const child = (value as Fields)[key]
    if (!hasDirective(child)) setField(kept, key, withoutDirectives(child))
  }
  return kept as T
}

function failed(sentence: string): PatchError {
  return new PatchError('failed', sentence)
}
