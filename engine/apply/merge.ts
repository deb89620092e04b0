import { setField } from '../objects/paths.ts'
import type { TypeSchema } from '../objects/types.ts'
import { formatElement, type PathElement } from './path-element.ts'
import {
  fieldSchema,
  hasNoFields,
  hasNoItems,
  isAtomic,
  isMap,
  itemElement,
  itemSchema,
  type List,
  shapeOf,
} from './shape.ts'

/**
 * What is there, with the configuration merged over it: maps by key, sets and keyed lists by item, everything else as a whole. Both are left as they
 * are, and what the configuration does not change is shared. Nulls of the configuration stay.
 * @throws Error where items of a list cannot be told apart.
 */
export function mergeObjects(live: unknown, config: unknown, schema: TypeSchema): unknown {
  if (config === undefined) return live
  if (live === undefined) return config
  const shape = shapeOf(schema, config)
  if (shape === 'scalar' || isAtomic(schema, shape)) return config
  if (shape === 'map') return hasNoFields(live) && hasNoFields(config) ? config : mergeFields(live, config, schema)
  return hasNoItems(live) && hasNoItems(config) ? config : mergeItems(live, config, schema)
}

function mergeFields(live: unknown, config: unknown, schema: TypeSchema): unknown {
  const before = isMap(live) ? live : {}
  const changes = isMap(config) ? config : {}
  const merged: Record<string, unknown> = { ...before }
  let changed = !isMap(live)
  for (const name of Object.keys(changes)) {
    const own = Object.hasOwn(before, name) ? before[name] : undefined
    const after = mergeObjects(own, changes[name], fieldSchema(schema, name))
    if (after === own) continue
    if (after === undefined) delete merged[name]
    else setField(merged, name, after)
    changed = true
  }
  return changed ? merged : live
}

interface Indexed {
  readonly elements: readonly PathElement[]
  readonly items: ReadonlyMap<PathElement, unknown>
}

function mergeItems(live: unknown, config: unknown, schema: TypeSchema): unknown {
  const list: List = Array.isArray(live) ? live : []
  const left = index(list, schema, true)
  const right = index(Array.isArray(config) ? config : [], schema, false)
  const merged = interleave(list, left, right, itemSchema(schema))
  const same = merged.length === list.length && merged.every((item, at) => item === list[at])
  if (same && Array.isArray(live)) return live
  return merged.length > 0 ? merged : undefined
}

/** An item that stands in the live list several times is not merged with but replaced: it is known as null. */
function index(list: List, schema: TypeSchema, allowsDuplicates: boolean): Indexed {
  const elements: PathElement[] = []
  const items = new Map<PathElement, unknown>()
  for (const item of list) {
    const element = itemElement(schema, item)
    const isKnown = items.has(element)
    if (isKnown && !allowsDuplicates) throw new Error(`duplicate entries for key ${formatElement(element)}`)
    items.set(element, isKnown ? null : item)
    elements.push(element)
  }
  return { elements, items }
}

/**
 * Items of both lists in the order of the configuration; those that are only in the live list keep their place before the item that they stood before
 * (structured-merge-diff 6, as far as its walk over both lists shows).
 */
function interleave(list: List, left: Indexed, right: Indexed, schema: TypeSchema): unknown[] {
  const out: unknown[] = []
  const shared = right.elements.filter((element) => left.items.has(element))
  const done = new Set<PathElement>()
  let nextShared = shared.shift()
  let l = 0
  let r = 0
  const take = (element: PathElement): void => {
    done.add(element)
    const item = mergeObjects(left.items.get(element), right.items.get(element), schema)
    if (item !== undefined) out.push(item)
  }
  while (l < left.elements.length || r < right.elements.length) {
    const [mine, theirs] = [left.elements[l], right.elements[r]]
    if (mine !== undefined && theirs !== undefined) {
      if (mine === theirs) {
        take(mine)
        l++
        r++
        nextShared = shared.shift()
        continue
      }
      if (right.items.has(mine) && nextShared !== undefined && nextShared !== mine) {
        l++
        continue
      }
    }
    if (mine !== undefined) {
      if (!right.items.has(mine)) {
        out.push(list[l++])
        continue
      }
      if (done.has(mine)) l++
    }
    if (theirs !== undefined) {
      take(theirs)
      r++
      if (nextShared === theirs) nextShared = shared.shift()
    }
  }
  return out
}
