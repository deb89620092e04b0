/**
 * What expressions work with: null, booleans, bigint for int, number for double, strings, bytes, and these classes. Lists and maps may be views
 * of JSON that convert what is asked of them.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Uint
  | List
  | MapValue
  | Duration
  | Timestamp
  | TypeValue
  | Optional
  | Opaque

/** An evaluation that failed, in cel-go's words. `&&`, `||` and comprehensions may get over it. */
export class EvaluationError extends Error {
  override name = 'EvaluationError'
}

export const noSuchOverload = (): EvaluationError => new EvaluationError('no such overload')

export class Uint {
  readonly value: bigint
  constructor(value: bigint) {
    this.value = value
  }
}

/** `set` and `map`: the lists whose order does not count when they are compared, and which `+` merges (x-kubernetes-list-type). */
export type ListIdentity = { readonly kind: 'set' } | { readonly kind: 'map'; readonly keys: readonly string[] }

export class List {
  readonly items: readonly Value[]
  readonly identity: ListIdentity | undefined
  constructor(items: readonly Value[], identity?: ListIdentity) {
    this.items = items
    this.identity = identity
  }
}

export interface MapValue {
  readonly isMap: true
  readonly size: number
  get(key: Value): Value | undefined
  keys(): Iterable<Value>
}

export class EntryMap implements MapValue {
  readonly isMap = true
  readonly #entries = new Map<string, readonly [Value, Value]>()

  get size(): number {
    return this.#entries.size
  }

  /** False where the key is there already. */
  add(key: Value, value: Value): boolean {
    const code = keyCode(key)
    if (this.#entries.has(code)) return false
    this.#entries.set(code, [key, value])
    return true
  }

  /** In place of what was there. */
  set(key: Value, value: Value): void {
    this.#entries.set(keyCode(key), [key, value])
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(keyCode(key))?.[1]
  }

  *keys(): Iterable<Value> {
    for (const [key] of this.#entries.values()) yield key
  }
}

/** A JSON object that is converted as it is read. */
export class JsonMap implements MapValue {
  readonly isMap = true
  readonly #json: Readonly<Record<string, unknown>>
  readonly #names: readonly string[]
  readonly #property: (name: string) => string | undefined
  readonly #convert: (property: string, value: unknown) => Value
  readonly #known = new Map<string, Value>()

  /**
   * @param names what it shows of its fields, as expressions name them
   * @param property the JSON property of such a name
   */
  constructor(
    json: Readonly<Record<string, unknown>>,
    convert: (property: string, value: unknown) => Value,
    names: readonly string[] = Object.keys(json),
    property: (name: string) => string | undefined = (name) => name,
  ) {
    this.#json = json
    this.#convert = convert
    this.#names = names
    this.#property = property
  }

  get size(): number {
    return this.#names.length
  }

  get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const property = this.#property(key)
    if (property === undefined || !Object.hasOwn(this.#json, property)) return undefined
    const value = this.#convert(property, this.#json[property])
    this.#known.set(key, value)
    return value
  }

  keys(): Iterable<Value> {
    return this.#names
  }
}

/** Fields that are computed when first asked for: a policy's variables. */
export class LazyMap implements MapValue {
  readonly isMap = true
  readonly #fields: ReadonlyMap<string, () => Value>
  readonly #known = new Map<string, Value>()

  constructor(fields: ReadonlyMap<string, () => Value>) {
    this.#fields = fields
  }

  get size(): number {
    return this.#fields.size
  }

  get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const value = this.#fields.get(key)?.()
    if (value !== undefined) this.#known.set(key, value)
    return value
  }

  keys(): Iterable<Value> {
    return this.#fields.keys()
  }
}

/** In nanoseconds. */
export class Duration {
  readonly nanos: bigint
  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

/** Nanoseconds since 1970. */
export class Timestamp {
  readonly nanos: bigint
  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

export class TypeValue {
  readonly type: string
  constructor(type: string) {
    this.type = type
  }
}

export class Optional {
  static readonly none = new Optional(undefined)
  readonly value: Value | undefined
  constructor(value: Value | undefined) {
    this.value = value
  }
}

/** A value of a library: an address, a quantity, a question to the authorizer. */
export abstract class Opaque {
  abstract readonly typeName: string
  /** Undefined where values of the type cannot be compared. */
  equals(other: Opaque): boolean {
    return this === other
  }
}

export const isMap = (value: Value): value is MapValue =>
  typeof value === 'object' && value !== null && 'isMap' in value

/** As `type()` names it. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int'
    case 'number':
      return 'double'
    case 'string':
      return 'string'
    default:
  }
  if (value === null) return 'null_type'
  if (value instanceof Uint) return 'uint'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof List) return 'list'
  if (value instanceof Duration) return 'google.protobuf.Duration'
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp'
  if (value instanceof TypeValue) return 'type'
  if (value instanceof Optional) return 'optional_type'
  if (value instanceof Opaque) return value.typeName
  return 'map'
}

/** Numbers of different types are the same key where they are equal. */
function keyCode(key: Value): string {
  if (typeof key === 'string') return `s${key}`
  if (typeof key === 'boolean') return `b${key}`
  const number = asNumber(key)
  if (number === undefined) throw new EvaluationError('unsupported key type')
  return `n${number}`
}

/** The exact value of a number of any type; undefined for what is none. */
export function asNumber(value: Value): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value
  return value instanceof Uint ? value.value : undefined
}
