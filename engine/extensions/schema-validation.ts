import type { Environment } from '../cel/environment.ts'
import { deepEqual } from '../objects/equal.ts'
import { type FieldError, forbiddenField, invalidValue, notSupported, requiredValue } from '../objects/field-error.ts'
import { celTypeOf } from './cel-schema.ts'
import { readFieldPath } from './field-path.ts'
import { internalRule, internalSchema } from './internal-schema.ts'
import {
  child,
  type Fields,
  indexed,
  isFields,
  itemsOf,
  type JsonSchema,
  keyed,
  schemaHas,
  valuesOf,
} from './json-schema.ts'
import { listTypeErrors } from './list-types.ts'
import { prune } from './pruning.ts'
import { type Cardinality, CostTotal, cardinalityBelow, costOfAll, sizedTypeOf, sizesIn } from './rule-cost.ts'
import { compileRules, RuleTree } from './rules.ts'
import { structuralErrors } from './structural.ts'
import { valueErrors } from './value-validation.ts'

/**
 * What is wrong with a version's `schema`: apiextensions' `validateCustomResourceDefinitionValidation` (1.34). What single rules cost is not asked again of
 * a schema that is `unchanged`.
 */
export function schemaErrors(
  schema: JsonSchema,
  hasStatus: boolean,
  path: string,
  environment: Environment,
  { unchanged = false }: { readonly unchanged?: boolean } = {},
): FieldError[] {
  const at = child(path, 'openAPIV3Schema')
  const errors: FieldError[] = []
  if (hasStatus) errors.push(...rootErrors(schema, at))
  if (schema.nullable === true) {
    errors.push(forbiddenField(child(at, 'nullable'), 'nullable cannot be true at the root'))
  }
  // Whether a schema with words that no structural schema has is structural is not asked upstream.
  const strange = schemaHas(schema, hasUnsupported)
  const structural = strange ? [] : structuralErrors(schema, at)
  errors.push(...structural)
  const asksDefaults = !strange && structural.length === 0
  const defaults = asksDefaults ? defaultErrors(schema, true, at, environment) : []
  errors.push(...defaults)
  const walk = new SchemaWalk(environment, asksDefaults && defaults.length === 0, !unchanged)
  walk.schema(schema, at, {
    root: true,
    metadata: false,
    uncorrelated: undefined,
    noDefaults: undefined,
    cardinality: 1,
  })
  return [...errors, ...walk.schemaErrors, ...walk.ruleErrors, ...walk.costs.errors(at)]
}

const allowedAtRoot: readonly (readonly [keyof JsonSchema, string])[] = [
  ['description', 'Description'],
  ['type', 'Type'],
  ['format', 'Format'],
  ['title', 'Title'],
  ['maximum', 'Maximum'],
  ['exclusiveMaximum', 'ExclusiveMaximum'],
  ['minimum', 'Minimum'],
  ['exclusiveMinimum', 'ExclusiveMinimum'],
  ['maxLength', 'MaxLength'],
  ['minLength', 'MinLength'],
  ['pattern', 'Pattern'],
  ['maxItems', 'MaxItems'],
  ['minItems', 'MinItems'],
  ['uniqueItems', 'UniqueItems'],
  ['multipleOf', 'MultipleOf'],
  ['required', 'Required'],
  ['items', 'Items'],
  ['properties', 'Properties'],
  ['externalDocs', 'ExternalDocs'],
  ['example', 'Example'],
  ['x-kubernetes-preserve-unknown-fields', 'XPreserveUnknownFields'],
  ['x-kubernetes-validations', 'XValidations'],
]

function rootErrors(schema: JsonSchema, path: string): FieldError[] {
  if (schema.type !== undefined && schema.type !== 'object') {
    const rule = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
    return [invalidValue(child(path, 'type'), schema.type, rule)]
  }
  const allowed = new Set<string>(allowedAtRoot.map(([name]) => name))
  if (Object.keys(schema).every((name) => allowed.has(name))) return []
  const names = allowedAtRoot.map(([, name]) => name).join(' ')
  const rule = `only [${names}] fields are allowed at the root of the schema if the status subresource is enabled`
  return [invalidValue(path, internalSchema(schema), rule)]
}

/** Defaults must be what the schema allows. */
function defaultErrors(schema: JsonSchema, isResource: boolean, path: string, environment: Environment): FieldError[] {
  const errors: FieldError[] = []
  const { default: value } = schema
  if (value !== undefined && value !== null) {
    const at = child(path, 'default')
    const embedded = schema['x-kubernetes-embedded-resource'] === true
    const pruned = isFields(value) ? prune(value, schema, embedded).value : pruneItems(value, schema)
    if (!deepEqual(pruned, value)) errors.push(invalidValue(at, value, 'must not have unknown fields'))
    const values = valueErrors(value, schema, at)
    errors.push(...values)
    if (values.length === 0) {
      errors.push(...listTypeErrors(value, schema, at))
      const rules = RuleTree.of(schema, embedded, environment)
      if (rules !== undefined) errors.push(...rules.errors(value, value, undefined, undefined, at))
    }
  }
  const items = itemsOf(schema)
  if (items !== undefined) errors.push(...defaultErrors(items, false, child(path, 'items'), environment))
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    // Defaults of a resource's own metadata are forbidden elsewhere.
    if (isResource && (name === 'metadata' || name === 'apiVersion' || name === 'kind')) continue
    errors.push(...defaultErrors(property, false, keyed(child(path, 'properties'), name), environment))
  }
  return errors
}

function pruneItems(value: unknown, schema: JsonSchema): unknown {
  const wrapped: Fields = { value }
  return prune(wrapped, { type: 'object', properties: { value: schema } }, false).value.value
}

interface Where {
  readonly root: boolean
  /** Inside of a resource's own metadata. */
  readonly metadata: boolean
  /** The outermost place above that cannot be found again in the object as it was. */
  readonly uncorrelated: string | undefined
  /** Why defaults are forbidden here. */
  readonly noDefaults: string | undefined
  readonly cardinality: Cardinality
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const metaFields = new Set(['metadata', 'kind', 'apiVersion'])
const unsupported: readonly (keyof JsonSchema)[] = [
  'id',
  'additionalItems',
  'patternProperties',
  'definitions',
  'dependencies',
  '$ref',
]

function hasUnsupported(schema: JsonSchema): boolean {
  if (Array.isArray(schema.items) && schema.items.length > 0) return true
  return unsupported.some((name) => {
    const value = schema[name]
    if (name === 'additionalItems') return value !== undefined
    return value !== undefined && value !== '' && !(isFields(value) && Object.keys(value).length === 0)
  })
}

class SchemaWalk {
  readonly schemaErrors: FieldError[] = []
  readonly ruleErrors: FieldError[] = []
  readonly costs = new CostTotal()
  readonly #environment: Environment
  readonly #checksRules: boolean
  readonly #limitsRules: boolean

  constructor(environment: Environment, checksRules: boolean, limitsRules: boolean) {
    this.#environment = environment
    this.#checksRules = checksRules
    this.#limitsRules = limitsRules
  }

  schema(schema: JsonSchema, path: string, where: Where, rules = this.#checksRules): void {
    const before = this.schemaErrors.length
    this.schemaErrors.push(...ownErrors(schema, path, where))
    this.#additional(schema, path, where, rules)
    this.#properties(schema, path, where, rules)
    this.#junctions(schema, path, where)
    const items = itemsOf(schema)
    if (items !== undefined) {
      const mapped = schema['x-kubernetes-list-type'] === 'map'
      const inner = {
        ...where,
        root: false,
        uncorrelated: where.uncorrelated ?? (mapped ? undefined : path),
        cardinality: cardinalityBelow(schema, where.cardinality),
      }
      this.schema(items, child(path, 'items'), inner, rules)
    }
    this.schemaErrors.push(...kubernetesErrors(schema, path))
    const own = schema['x-kubernetes-validations'] ?? []
    for (const [index, rule] of own.entries()) {
      this.schemaErrors.push(...ruleFormErrors(rule, schema, indexed(child(path, 'x-kubernetes-validations'), index)))
    }
    if (own.length > 0 && rules && this.schemaErrors.length === before) this.#compile(schema, path, where)
  }

  #additional(schema: JsonSchema, path: string, where: Where, rules: boolean): void {
    const values = valuesOf(schema)
    const { additionalProperties, properties = {} } = schema
    const at = child(path, 'additionalProperties')
    if (additionalProperties !== undefined && additionalProperties !== true && Object.keys(properties).length > 0) {
      this.schemaErrors.push(forbiddenField(at, 'additionalProperties and properties are mutual exclusive'))
    }
    if (values === undefined) return
    const noDefaults = where.metadata ? 'inside additionalProperties applying to object metadata' : where.noDefaults
    const cardinality = cardinalityBelow(schema, where.cardinality)
    this.schema(values, at, { ...where, root: false, noDefaults, cardinality }, rules)
  }

  #properties(schema: JsonSchema, path: string, where: Where, rules: boolean): void {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const metadata = (where.root || schema['x-kubernetes-embedded-resource'] === true) && metaFields.has(name)
      const noDefaults = metadata && where.root ? `in top-level ${name}` : where.noDefaults
      const cardinality = cardinalityBelow(schema, where.cardinality)
      const inner = { ...where, root: false, metadata: where.metadata || metadata, noDefaults, cardinality }
      this.schema(property, keyed(child(path, 'properties'), name), inner, rules)
    }
  }

  #junctions(schema: JsonSchema, path: string, where: Where): void {
    const inner = { ...where, root: false }
    if (schema.not !== undefined) this.schema(schema.not, child(path, 'not'), inner, false)
    for (const kind of ['allOf', 'oneOf', 'anyOf'] as const) {
      for (const [index, one] of (schema[kind] ?? []).entries()) {
        this.schema(one, indexed(child(path, kind), index), inner, false)
      }
    }
  }

  #compile(schema: JsonSchema, path: string, where: Where): void {
    const own = schema['x-kubernetes-validations'] ?? []
    const isResource = where.root || schema['x-kubernetes-embedded-resource'] === true
    const type = celTypeOf(schema, isResource, 'selfType')
    const sized = sizedTypeOf(schema, isResource)
    if (type === undefined || sized === undefined) return
    const sizes = sizesIn(sized)
    for (const [index, compiled] of compileRules(own, type, schema, this.#environment).entries()) {
      const at = indexed(child(path, 'x-kubernetes-validations'), index)
      const { rule, error, messageError, usesOldSelf, program, message } = compiled
      const shown = internalRule(rule)
      if (program !== undefined) {
        const cost = costOfAll(program.estimate(sizes), where.cardinality, sized)
        this.ruleErrors.push(...this.costs.add(child(at, 'rule'), 'estimated rule cost', cost, this.#limitsRules))
      }
      if (error !== undefined) this.ruleErrors.push(invalidValue(child(at, 'rule'), shown, error))
      if (messageError !== undefined) {
        this.ruleErrors.push(invalidValue(child(at, 'messageExpression'), shown, messageError))
      }
      if (message !== undefined) {
        const [field, what] = [child(at, 'messageExpression'), 'estimated messageExpression cost']
        this.ruleErrors.push(...this.costs.add(field, what, message.estimate(sizes), this.#limitsRules))
      }
      if (usesOldSelf && where.uncorrelated !== undefined) {
        const sentence = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${where.uncorrelated}`
        this.ruleErrors.push(invalidValue(child(at, 'rule'), rule.rule, sentence))
      } else if (!usesOldSelf && rule.optionalOldSelf !== undefined) {
        const sentence = 'may not be set if oldSelf is not used in rule'
        this.ruleErrors.push(invalidValue(child(at, 'optionalOldSelf'), rule.optionalOldSelf, sentence))
      }
    }
  }
}

function ownErrors(schema: JsonSchema, path: string, where: Where): FieldError[] {
  const errors: FieldError[] = []
  const { type = '' } = schema
  if (type !== '' && !types.includes(type)) errors.push(notSupported(child(path, 'type'), type, types))
  if (schema.default !== undefined && where.noDefaults !== undefined) {
    errors.push(forbiddenField(child(path, 'default'), `must not be set ${where.noDefaults}`))
  }
  for (const name of unsupported) {
    const value = schema[name]
    const empty = isFields(value) && Object.keys(value).length === 0 && name !== 'dependencies'
    if (value !== undefined && value !== '' && !empty) {
      errors.push(forbiddenField(child(path, name), `${name} is not supported`))
    }
  }
  if (type === 'null') {
    errors.push(forbiddenField(child(path, 'type'), 'type cannot be set to null, use nullable as an alternative'))
  }
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    errors.push(forbiddenField(child(path, 'items'), 'items must be a schema object and not an array'))
  }
  if (where.metadata && schema['x-kubernetes-embedded-resource'] === true) {
    const at = child(path, 'x-kubernetes-embedded-resource')
    errors.push(forbiddenField(at, 'must not be used inside of resource meta'))
  }
  if (schema.uniqueItems === true) {
    const rule = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    errors.push(forbiddenField(child(path, 'uniqueItems'), rule))
  }
  return errors
}

function kubernetesErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { type = '' } = schema
  const at = (name: string): string => child(path, name)
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.push(invalidValue(at('x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'))
  }
  const mapType = schema['x-kubernetes-map-type']
  const listType = schema['x-kubernetes-list-type']
  const mustBe = (kind: string, extension: string): void => {
    const rule = `must be ${kind} if ${extension} is specified`
    errors.push(type === '' ? requiredValue(at('type'), rule) : invalidValue(at('type'), type, rule))
  }
  if (mapType !== undefined && type !== 'object') mustBe('object', 'x-kubernetes-map-type')
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular') {
    errors.push(notSupported(at('x-kubernetes-map-type'), mapType, ['atomic', 'granular']))
  }
  if (listType !== undefined && type !== 'array') mustBe('array', 'x-kubernetes-list-type')
  else if (listType === 'set') errors.push(...setErrors(schema, path))
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType)) {
    errors.push(notSupported(at('x-kubernetes-list-type'), listType, ['atomic', 'set', 'map']))
  }
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  if (keys.length > 0 && listType !== 'map') {
    const rule = 'must be map if x-kubernetes-list-map-keys is non-empty'
    const field = at('x-kubernetes-list-type')
    errors.push(listType === undefined ? requiredValue(field, rule) : invalidValue(field, listType, rule))
  }
  if (listType === 'map') errors.push(...listMapErrors(schema, keys, path))
  return [...errors, ...keyErrors(schema, keys, path)]
}

function setErrors(schema: JsonSchema, path: string): FieldError[] {
  const items = itemsOf(schema)
  const rule = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const at = child(path, 'items')
  const listType = items?.['x-kubernetes-list-type']
  if (items?.type === 'array' && listType !== undefined && listType !== 'atomic') {
    return [invalidValue(child(at, 'x-kubernetes-list-type'), listType, rule)]
  }
  if (items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    return [invalidValue(child(at, 'x-kubernetes-map-type'), listType ?? null, rule)]
  }
  return []
}

function listMapErrors(schema: JsonSchema, keys: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = []
  const keysAt = child(path, 'x-kubernetes-list-map-keys')
  const itemsAt = child(path, 'items')
  const items = itemsOf(schema)
  if (keys.length === 0) {
    errors.push(requiredValue(keysAt, 'must not be empty if x-kubernetes-list-type is map'))
  }
  if (schema.items === undefined) {
    errors.push(requiredValue(itemsAt, 'must have a schema if x-kubernetes-list-type is map'))
  }
  if (items === undefined) return errors
  if (items.type !== 'object') {
    const rule = "must be object if parent array's x-kubernetes-list-type is map"
    errors.push(invalidValue(child(itemsAt, 'type'), items.type ?? '', rule))
    return errors
  }
  const seen = new Set<string>()
  for (const key of keys) {
    const property = items.properties?.[key]
    if (property === undefined) {
      errors.push(invalidValue(keysAt, keys, 'entries must all be names of item properties'))
    } else if (property.type === 'array' || property.type === 'object') {
      const at = child(keyed(child(itemsAt, 'properties'), key), 'type')
      errors.push(invalidValue(at, items.type, "must be a scalar type if parent array's x-kubernetes-list-type is map"))
    }
    if (seen.has(key)) errors.push(invalidValue(keysAt, keys, 'must not contain duplicate entries'))
    seen.add(key)
  }
  return errors
}

function keyErrors(schema: JsonSchema, keys: readonly string[], path: string): FieldError[] {
  const items = itemsOf(schema)
  const listType = schema['x-kubernetes-list-type']
  if (items === undefined || (listType !== 'set' && listType !== 'map')) return []
  const errors: FieldError[] = []
  const at = child(path, 'items')
  if (items.nullable === true) {
    const rule = `cannot be nullable when x-kubernetes-list-type is ${listType}`
    errors.push(forbiddenField(child(at, 'nullable'), rule))
  }
  if (listType !== 'map') return errors
  for (const key of keys) {
    const property = items.properties?.[key]
    if (property === undefined) continue
    const field = keyed(child(at, 'properties'), key)
    if (!(items.required ?? []).includes(key) && property.default === undefined) {
      const rule = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'
      errors.push(requiredValue(child(field, 'default'), rule))
    }
    if (property.nullable === true) {
      const rule = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'
      errors.push(forbiddenField(child(field, 'nullable'), rule))
    }
  }
  return errors
}

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const hasLines = (text: string): boolean => /[\n\r]/.test(text)

function ruleFormErrors(
  rule: NonNullable<JsonSchema['x-kubernetes-validations']>[number],
  schema: JsonSchema,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  const { message = '', messageExpression = '', fieldPath = '', reason } = rule
  const at = (name: string): string => child(path, name)
  const text = rule.rule.trim()
  if (text === '') errors.push(requiredValue(at('rule'), 'rule is not specified'))
  else if (message !== '' && message.trim() === '') {
    errors.push(invalidValue(at('message'), message, 'must be non-empty if specified'))
  } else if (hasLines(message.trim())) {
    errors.push(invalidValue(at('message'), message, 'must not contain line breaks'))
  } else if (hasLines(text) && message.trim() === '') {
    errors.push(requiredValue(at('message'), 'message must be specified if rule contains line breaks'))
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(requiredValue(at('messageExpression'), 'messageExpression must be non-empty if specified'))
  }
  if (reason !== undefined && !reasons.includes(reason)) errors.push(notSupported(at('reason'), reason, reasons))
  if (fieldPath === '') return errors
  if (fieldPath.trim() === '') errors.push(invalidValue(at('fieldPath'), fieldPath, 'must be non-empty if specified'))
  if (hasLines(fieldPath)) errors.push(invalidValue(at('fieldPath'), fieldPath, 'must not contain line breaks'))
  if (typeof readFieldPath(fieldPath, schema) === 'string') {
    errors.push(invalidValue(at('fieldPath'), fieldPath, 'must be a valid path'))
  }
  return errors
}
