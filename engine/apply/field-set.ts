import { setField } from '../objects/paths.ts'
import type { Json } from '../objects/types.ts'
import { compareElements, type PathElement, parseElement } from './path-element.ts'

/** Deeper sets of fields are refused rather than followed: no API type comes near. */
const maxDepth = 500

/**
 * A set of fields of an object, as a tree: an element can be a member itself and have members below it. What `managedFields` holds as FieldsV1.
 * Only `insert` changes a set; everything else makes new ones and shares what stays.
 */
export class FieldSet {
  private readonly members: Set<PathElement>
  private readonly children: Map<PathElement, FieldSet>

  constructor(members = new Set<PathElement>(), children = new Map<PathElement, FieldSet>()) {
    this.members = members
    this.children = children
  }

  static of(...paths: readonly (readonly PathElement[])[]): FieldSet {
    const set = new FieldSet()
    for (const path of paths) set.insert(path)
    return set
  }

  /** The whole object, an empty path, cannot be owned. */
  insert(path: readonly PathElement[]): void {
    const last = path.at(-1)
    if (last === undefined) return
    let set: FieldSet = this
    for (let at = 0; at < path.length - 1; at++) set = set.descend(path[at] as PathElement)
    set.members.add(last)
  }

  private descend(element: PathElement): FieldSet {
    const known = this.children.get(element)
    if (known !== undefined) return known
    const child = new FieldSet()
    this.children.set(element, child)
    return child
  }

  isEmpty(): boolean {
    if (this.members.size > 0) return false
    for (const child of this.children.values()) if (!child.isEmpty()) return false
    return true
  }

  has(path: readonly PathElement[]): boolean {
    const last = path.at(-1)
    if (last === undefined) return false
    let set: FieldSet | undefined = this
    for (let at = 0; at < path.length - 1; at++) {
      set = set.children.get(path[at] as PathElement)
      if (set === undefined) return false
    }
    return set.members.has(last)
  }

  hasMember(element: PathElement): boolean {
    return this.members.has(element)
  }

  /** What lies below an element; undefined if nothing does. */
  below(element: PathElement): FieldSet | undefined {
    const child = this.children.get(element)
    return child === undefined || child.isEmpty() ? undefined : child
  }

  union(other: FieldSet): FieldSet {
    if (other.isEmpty()) return this
    if (this.isEmpty()) return other
    const children = new Map(this.children)
    for (const [element, child] of other.children) {
      const own = children.get(element)
      children.set(element, own === undefined ? child : own.union(child))
    }
    return new FieldSet(both(this.members, other.members), children)
  }

  intersection(other: FieldSet): FieldSet {
    const children = new Map<PathElement, FieldSet>()
    for (const [element, child] of this.children) {
      const others = other.children.get(element)
      const common = others === undefined ? undefined : child.intersection(others)
      if (common !== undefined && !common.isEmpty()) children.set(element, common)
    }
    return new FieldSet(shared(this.members, other.members), children)
  }

  /** Without the other's members; what lies below them stays. */
  difference(other: FieldSet): FieldSet {
    if (other.isEmpty()) return this
    const children = new Map<PathElement, FieldSet>()
    for (const [element, child] of this.children) {
      const others = other.children.get(element)
      const left = others === undefined ? child : child.difference(others)
      if (!left.isEmpty()) children.set(element, left)
    }
    return new FieldSet(without(this.members, other.members), children)
  }

  /** Without the other's members and all that lies below them. */
  recursiveDifference(other: FieldSet): FieldSet {
    const children = new Map<PathElement, FieldSet>()
    for (const [element, child] of this.children) {
      if (other.members.has(element)) continue
      const others = other.children.get(element)
      const left = others === undefined ? child : child.recursiveDifference(others)
      if (!left.isEmpty()) children.set(element, left)
    }
    return new FieldSet(without(this.members, other.members), children)
  }

  equals(other: FieldSet): boolean {
    return this.difference(other).isEmpty() && other.difference(this).isEmpty()
  }

  /** A copy whose children are made by `change`, and whose members are joined by the children that `promote` names. */
  mapChildren(
    change: (element: PathElement, child: FieldSet) => FieldSet,
    promote: (element: PathElement) => boolean,
  ): FieldSet {
    const members = new Set(this.members)
    const children = new Map<PathElement, FieldSet>()
    for (const [element, child] of this.children) {
      if (promote(element)) members.add(element)
      children.set(element, change(element, child))
    }
    return new FieldSet(members, children)
  }

  /** Elements that have something below them or are members, each once. */
  elements(): Set<PathElement> {
    return both(this.members, this.children.keys())
  }

  /** Every path, the members of a level first, then what lies below them, in canonical order. */
  paths(): PathElement[][] {
    const found: PathElement[][] = []
    this.collect([], found)
    return found
  }

  private collect(prefix: readonly PathElement[], found: PathElement[][]): void {
    for (const element of [...this.members].sort(compareElements)) found.push([...prefix, element])
    for (const element of [...this.children.keys()].sort(compareElements)) {
      this.children.get(element)?.collect([...prefix, element], found)
    }
  }

  /** FieldsV1 in canonical order: `{"f:spec":{"f:replicas":{}}}`, with `.` for an element that is a member and has members below. */
  toJson(): Json {
    return this.emit(false)
  }

  private emit(includeSelf: boolean): Json {
    const json: Record<string, Json> = {}
    if (includeSelf) json['.'] = {}
    for (const element of [...this.elements()].sort(compareElements)) {
      const child = this.below(element)
      setField(json, element, child === undefined ? {} : child.emit(this.members.has(element)))
    }
    return json
  }

  /** @throws Error with a sentence. */
  static fromJson(json: unknown): FieldSet {
    return read(json, 0).set
  }
}

function both(left: ReadonlySet<PathElement>, right: Iterable<PathElement>): Set<PathElement> {
  const found = new Set(left)
  for (const element of right) found.add(element)
  return found
}

function shared(left: ReadonlySet<PathElement>, right: ReadonlySet<PathElement>): Set<PathElement> {
  const found = new Set<PathElement>()
  for (const element of left) if (right.has(element)) found.add(element)
  return found
}

function without(left: ReadonlySet<PathElement>, right: ReadonlySet<PathElement>): Set<PathElement> {
  const found = new Set<PathElement>()
  for (const element of left) if (!right.has(element)) found.add(element)
  return found
}

function read(json: unknown, depth: number): { set: FieldSet; isMember: boolean } {
  if (json === null || json === undefined) return { set: new FieldSet(), isMember: true }
  if (typeof json !== 'object' || Array.isArray(json)) throw new Error('fields must be a map of path elements')
  if (depth > maxDepth) throw new Error(`fields must not be nested deeper than ${maxDepth} levels`)
  const members = new Set<PathElement>()
  const children = new Map<PathElement, FieldSet>()
  let isMember = false
  for (const [key, value] of Object.entries(json)) {
    if (key === '.') {
      isMember = true
      continue
    }
    const element = parseElement(key)
    if (element === undefined) continue
    const below = read(value, depth + 1)
    if (below.isMember) members.add(element)
    if (!below.set.isEmpty()) {
      const known = children.get(element)
      children.set(element, known === undefined ? below.set : known.union(below.set))
    }
  }
  const set = new FieldSet(members, children)
  return { set, isMember: isMember || set.isEmpty() }
}
