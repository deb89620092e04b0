import { deepEqual } from '../objects/equal.ts'
import { setField } from '../objects/paths.ts'
import type { TypeSchema } from '../objects/types.ts'
import { FieldSet } from './field-set.ts'
import { fieldElement, type PathElement } from './path-element.ts'
import {
  fieldSchema,
  hasNoFields,
  hasNoItems,
  isAtomic,
  isMap,
  isNamed,
  itemElement,
  itemSchema,
  type List,
  type Shape,
  shapeOf,
} from './shape.ts'

/** No field is in two of them; if all are empty, the objects are equal. */
export interface Comparison {
  readonly added: FieldSet
  readonly removed: FieldSet
  readonly modified: FieldSet
}

/** Which fields `after` adds to, removes from and changes in `before`. @throws Error where an item of a list cannot be told from others. */
export function compareObjects(before: unknown, after: unknown, schema: TypeSchema): Comparison {
  const walk = new Walk()
  walk.compare(before, after, schema)
  return walk.comparison
}

/** Both without the fields given and all that lies below them. */
export function withoutFields(comparison: Comparison, ignored: FieldSet | undefined): Comparison {
  if (ignored === undefined) return comparison
  return {
    added: comparison.added.recursiveDifference(ignored),
    removed: comparison.removed.recursiveDifference(ignored),
    modified: comparison.modified.recursiveDifference(ignored),
  }
}

class Walk {
  readonly comparison: Comparison = { added: new FieldSet(), removed: new FieldSet(), modified: new FieldSet() }
  private readonly path: PathElement[] = []

  /** `undefined` is absent; one side at least is there. */
  compare(before: unknown, after: unknown, schema: TypeSchema): void {
    // Stored objects share what a write did not touch.
    if (before === after) return
    const [beforeShape, afterShape] = [shapeOf(schema, before), shapeOf(schema, after)]
    let isLeaf: boolean
    if (after === undefined) isLeaf = this.handle(beforeShape, before, after, schema)
    else {
      if (before !== undefined && beforeShape !== afterShape) this.handle(beforeShape, before, after, schema)
      isLeaf = this.handle(afterShape, before, after, schema)
    }
    if (!isLeaf) this.note(before, after, false)
  }

  private note(before: unknown, after: unknown, compares: boolean): void {
    if (before === undefined) this.comparison.added.insert(this.path)
    else if (after === undefined) this.comparison.removed.insert(this.path)
    else if (compares && !deepEqual(before, after)) this.comparison.modified.insert(this.path)
  }

  /** Whether the value was taken as a whole. */
  private handle(shape: Shape, before: unknown, after: unknown, schema: TypeSchema): boolean {
    const isWhole =
      shape === 'scalar' ||
      isAtomic(schema, shape) ||
      (shape === 'map' ? hasNoFields(before) && hasNoFields(after) : hasNoItems(before) && hasNoItems(after))
    if (isWhole) this.note(before, after, true)
    else if (shape === 'map') this.fields(before, after, schema)
    else this.items(before, after, schema)
    return isWhole
  }

  private fields(before: unknown, after: unknown, schema: TypeSchema): void {
    const [left, right] = [isMap(before) ? before : {}, isMap(after) ? after : {}]
    for (const name of Object.keys(left)) {
      if (left[name] === undefined && right[name] === undefined) continue
      this.child(
        fieldElement(name),
        left[name],
        Object.hasOwn(right, name) ? right[name] : undefined,
        fieldSchema(schema, name),
      )
    }
    for (const name of Object.keys(right)) {
      if (right[name] === undefined || (Object.hasOwn(left, name) && left[name] !== undefined)) continue
      if (!Object.hasOwn(left, name)) this.child(fieldElement(name), undefined, right[name], fieldSchema(schema, name))
    }
  }

  private items(before: unknown, after: unknown, schema: TypeSchema): void {
    const [left, right] = [byElement(before, schema), byElement(after, schema)]
    for (const element of new Set([...left.keys(), ...right.keys()])) {
      this.itemsOf(element, left.get(element) ?? [], right.get(element) ?? [], itemSchema(schema))
    }
  }

  /** An item that stands in a list several times is taken as a whole. */
  private itemsOf(element: PathElement, left: List, right: List, schema: TypeSchema): void {
    const { added, removed, modified } = this.comparison
    if (left.length <= 1 && right.length <= 1) this.child(element, left[0], right[0], schema)
    else if (left.length >= 2 && right.length >= 2) {
      if (!deepEqual(left, right)) modified.insert([...this.path, element])
    } else if (left.length >= 2) {
      if (right.length > 0) this.child(element, undefined, right[0], schema)
      removed.insert([...this.path, element])
    } else {
      if (left.length > 0) this.child(element, left[0], undefined, schema)
      added.insert([...this.path, element])
    }
  }

  private child(element: PathElement, before: unknown, after: unknown, schema: TypeSchema): void {
    this.path.push(element)
    this.compare(before, after, schema)
    this.path.pop()
  }
}

function byElement(list: unknown, schema: TypeSchema): Map<PathElement, unknown[]> {
  const found = new Map<PathElement, unknown[]>()
  for (const item of Array.isArray(list) ? list : []) {
    const element = itemElement(schema, item)
    const known = found.get(element)
    if (known === undefined) found.set(element, [item])
    else known.push(item)
  }
  return found
}

/** The fields that an object states, each leaf one. */
export function fieldSetOf(value: unknown, schema: TypeSchema): FieldSet {
  const set = new FieldSet()
  collect(value, schema, [], set)
  return set
}

function collect(value: unknown, schema: TypeSchema, path: PathElement[], set: FieldSet): void {
  const shape = shapeOf(schema, value)
  if (shape === 'scalar' || isAtomic(schema, shape)) set.insert(path)
  else if (shape === 'map') collectFields(value, schema, path, set)
  else collectItems(value, schema, path, set)
}

function collectFields(value: unknown, schema: TypeSchema, path: PathElement[], set: FieldSet): void {
  if (!isMap(value)) return
  for (const [name, child] of Object.entries(value)) {
    if (child === undefined) continue
    path.push(fieldElement(name))
    collect(child, fieldSchema(schema, name), path, set)
    if (child === null || (isMap(child) && hasNoFields(child)) || !isNamed(schema, name)) set.insert(path)
    path.pop()
  }
}

function collectItems(value: unknown, schema: TypeSchema, path: PathElement[], set: FieldSet): void {
  for (const [element, items] of byElement(value, schema)) {
    path.push(element)
    if (items.length === 1) collect(items[0], itemSchema(schema), path, set)
    set.insert(path)
    path.pop()
  }
}

/** A copy of the value without the fields of the set, and all that lies below them; null where nothing is left. */
export function removeFields(value: unknown, gone: FieldSet, schema: TypeSchema): unknown {
  const shape = shapeOf(schema, value)
  if (shape === 'scalar') return value
  if (isAtomic(schema, shape)) return null
  if (shape === 'list') return removeItems(value, gone, schema)
  if (!isMap(value)) return null
  const kept: Record<string, unknown> = {}
  for (const [name, child] of Object.entries(value)) {
    const element = fieldElement(name)
    if (child === undefined || gone.hasMember(element)) continue
    const below = gone.below(element)
    setField(kept, name, below === undefined ? child : removeFields(child, below, fieldSchema(schema, name)))
  }
  return Object.keys(kept).length > 0 ? kept : null
}

function removeItems(value: unknown, gone: FieldSet, schema: TypeSchema): unknown {
  if (!Array.isArray(value)) return null
  const kept: unknown[] = []
  for (const item of value) {
    const element = itemElement(schema, item)
    if (gone.hasMember(element)) continue
    const below = gone.below(element)
    kept.push(below === undefined ? item : removeFields(item, below, itemSchema(schema)))
  }
  return kept.length > 0 ? kept : null
}

/** The set, with each of a struct's own fields that has members below it made a member too. */
export function withNamedFields(set: FieldSet, schema: TypeSchema): FieldSet {
  return set.mapChildren(
    (element, child) => withNamedFields(child, schemaBelow(schema, element)),
    (element) => element.startsWith('f:') && isNamed(schema, element.slice(2)),
  )
}

function schemaBelow(schema: TypeSchema, element: PathElement): TypeSchema {
  return element.startsWith('f:') ? fieldSchema(schema, element.slice(2)) : itemSchema(schema)
}

/**
 * A set that was written when maps and lists were merged item by item, for a schema that now takes them as a whole: who had some of it has all of it.
 */
export function withAtomicFields(set: FieldSet, schema: TypeSchema): FieldSet {
  const atomic = new FieldSet()
  findAtomic(set, schema, [], atomic)
  return atomic.isEmpty() ? set : set.recursiveDifference(atomic).union(atomic)
}

function findAtomic(set: FieldSet, schema: TypeSchema, path: PathElement[], atomic: FieldSet): void {
  for (const element of set.elements()) {
    const below = set.below(element)
    if (below === undefined) continue
    const child = schemaBelow(schema, element)
    path.push(element)
    if (
      child.type !== 'any' &&
      (child.type === 'object' || child.type === 'array') &&
      isAtomic(child, shapeOf(child, undefined))
    ) {
      atomic.insert(path)
    } else {
      findAtomic(below, child, path, atomic)
    }
    path.pop()
  }
}
