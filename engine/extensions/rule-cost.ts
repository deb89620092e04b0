import type { SizeOf } from '../cel/cost.ts'
import { MOST, plus, times } from '../cel/cost-size.ts'
import { type FieldError, forbiddenField } from '../objects/field-error.ts'
import { escapeName, withObjectMeta } from './cel-schema.ts'
import { itemsOf, type JsonSchema, valuesOf } from './json-schema.ts'

/** What one rule may cost by estimate, and all rules of a schema: upstream's limits (1.34). */
const RULE_LIMIT = 10_000_000
const SCHEMA_LIMIT = 100_000_000
/** Bytes: how much a client may send, which bounds what nothing else does. */
const REQUEST = 3 * 1024 * 1024

/** How large values of a schema may be. */
export interface SizedType {
  /** Items, properties or characters; 0 for what has none. */
  readonly most: number
  /** Bytes of the shortest JSON. */
  readonly shortest: number
  readonly fields?: ReadonlyMap<string, SizedType>
  readonly elements?: SizedType
  readonly isMap?: boolean
}

const TEXT: SizedType = { most: 0, shortest: 2 }

/** Undefined where expressions cannot see the values. */
export function sizedTypeOf(schema: JsonSchema, isResource: boolean): SizedType | undefined {
  const { maxLength } = schema
  const characters = maxLength === undefined ? undefined : Math.max(0, maxLength) * 4
  if (schema['x-kubernetes-int-or-string'] === true) return { most: characters ?? REQUEST - 2, shortest: 1 }
  switch (schema.type) {
    case 'array': {
      const elements = below(itemsOf(schema))
      if (elements === undefined) return undefined
      const most = Math.max(0, schema.maxItems ?? Math.floor((REQUEST - 2) / (elements.shortest + 1)))
      return { most, shortest: 2, elements }
    }
    case 'object':
      return objectType(isResource ? withObjectMeta(schema) : schema)
    case 'string':
      return textType(schema, characters)
    case 'boolean':
      return { most: 0, shortest: 4 }
    case 'integer':
    case 'number':
      return { most: 0, shortest: 1 }
    default:
      return undefined
  }
}

function below(schema: JsonSchema | undefined): SizedType | undefined {
  return schema && sizedTypeOf(schema, schema['x-kubernetes-embedded-resource'] === true)
}

function objectType(schema: JsonSchema): SizedType | undefined {
  const values = valuesOf(schema)
  if (values !== undefined) {
    const elements = below(values)
    if (elements === undefined) return undefined
    const most = Math.max(0, schema.maxProperties ?? Math.floor((REQUEST - 2) / (elements.shortest + 6)))
    return { most, shortest: 2, elements, isMap: true }
  }
  const fields = new Map<string, SizedType>()
  let shortest = 2
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const type = below(property)
    if (type === undefined) continue
    const escaped = escapeName(name)
    if (escaped !== undefined) fields.set(escaped, type)
    if (schema.required?.includes(name) === true && property.default === undefined) {
      shortest += new TextEncoder().encode(name).length + type.shortest + 4
    }
  }
  return { most: 0, shortest, fields }
}

function textType({ format, maxLength, enum: values = [] }: JsonSchema, characters: number | undefined): SizedType {
  switch (format) {
    case 'byte':
      return { most: maxLength === undefined ? REQUEST - 2 : Math.max(0, maxLength), shortest: 2 }
    case 'duration':
      return { most: 32, shortest: 3 }
    case 'date':
      return { most: 12, shortest: 12 }
    case 'date-time':
      return { most: 32, shortest: 21 }
    default: {
      if (characters !== undefined || values.length === 0) return { most: characters ?? REQUEST - 2, shortest: 2 }
      const lengths = values.map((value) => (typeof value === 'string' ? new TextEncoder().encode(value).length : 0))
      return { most: Math.max(...lengths), shortest: 2 }
    }
  }
}

/** Paths begin with a variable: `self` and `oldSelf` are of the same type, and of others nothing else is known either. */
export function sizesIn(root: SizedType): SizeOf {
  return ([, ...steps]) => {
    let type: SizedType | undefined = root
    for (const step of steps) {
      if (step === '@items' || step === '@values') type = type.elements
      else if (step === '@keys') type = type.isMap === true ? TEXT : undefined
      else type = type.fields?.get(step)
      if (type === undefined) return undefined
    }
    return type.most
  }
}

/** How often there may be values of a schema, by the limits above it; undefined where one above has none. */
export type Cardinality = number | undefined

/** How often there may be values directly below `schema`. */
export function cardinalityBelow(schema: JsonSchema, own: Cardinality): Cardinality {
  if (own === undefined) return undefined
  const elements = mostElements(schema)
  return elements === undefined ? undefined : times(own, elements)
}

function mostElements(schema: JsonSchema): Cardinality {
  const { type, maxProperties, maxItems } = schema
  if (type === 'object' && schema.additionalProperties !== undefined) {
    return maxProperties === undefined ? undefined : Math.max(0, maxProperties)
  }
  if (type === 'array') return maxItems === undefined ? undefined : Math.max(0, maxItems)
  return 1
}

/** What all rules of a schema may cost, and which of them most of it. */
export class CostTotal {
  #total = 0
  #dearest: { readonly path: string; readonly cost: number }[] = []

  /** What is wrong with the cost of one expression, if it is looked at (`alone`). */
  add(path: string, what: string, cost: number, alone: boolean): FieldError[] {
    this.#total = plus(this.#total, cost)
    if (cost >= SCHEMA_LIMIT / 100) {
      this.#dearest = [...this.#dearest, { path, cost }].toSorted((one, other) => other.cost - one.cost).slice(0, 4)
    }
    return alone && cost > RULE_LIMIT ? [forbiddenField(path, sentence(what, cost, RULE_LIMIT))] : []
  }

  /** What is wrong with all of them together; `path` is the schema's. */
  errors(path: string): FieldError[] {
    if (this.#total <= SCHEMA_LIMIT) return []
    const part = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
    const whole = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema'
    return [
      ...this.#dearest.map((one) => forbiddenField(one.path, part)),
      forbiddenField(path, sentence(whole, this.#total, SCHEMA_LIMIT)),
    ]
  }
}

/** What a rule costs where it may run for as many values as there may be. */
export function costOfAll(cost: number, cardinality: Cardinality, type: SizedType): number {
  return cost === 0 ? 0 : Math.min(MOST, cost * (cardinality ?? Math.floor(REQUEST / (type.shortest + 1))))
}

function sentence(what: string, cost: number, limit: number): string {
  const times = cost / limit
  const factor = times > 100 ? 'more than 100x' : times < 1.5 ? `${times.toFixed(6)}x` : `${times.toFixed(1)}x`
  return `${what} exceeds budget by factor of ${factor} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
}
