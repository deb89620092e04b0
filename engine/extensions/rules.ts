import type { Environment } from '../cel/environment.ts'
import { Budget, CALL_LIMIT, CostExceeded, compile, OBJECT_BUDGET, type Program } from '../cel/program.ts'
import { CompileError } from '../cel/source.ts'
import { type CelType, formatType, optionalOf } from '../cel/types.ts'
import { EvaluationError, Optional, type Value } from '../cel/values.ts'
import { duplicateValue, type FieldError, forbiddenField, invalidValue, requiredValue } from '../objects/field-error.ts'
import { celTypeOf, celValueOf } from './cel-schema.ts'
import type { Correlated } from './correlation.ts'
import { oldItem } from './correlation.ts'
import { readFieldPath } from './field-path.ts'
import {
  child,
  indexed,
  isFields,
  itemsOf,
  type JsonSchema,
  keyed,
  type ValidationRule,
  valuesOf,
} from './json-schema.ts'

/** A rule of x-kubernetes-validations, compiled, or why it does not compile. */
export interface CompiledRule {
  readonly rule: ValidationRule
  readonly program?: Program
  readonly usesOldSelf: boolean
  readonly error?: string
  readonly message?: Program
  readonly messageError?: string
  /** Below the field that the rule stands on. */
  readonly fieldPath: string
}

/** Compiles the rules of one schema node; empty rules have no program. `type` is the node's. */
export function compileRules(
  rules: readonly ValidationRule[],
  type: CelType,
  schema: JsonSchema,
  environment: Environment,
): readonly CompiledRule[] {
  const plain = environment.withVariables({ self: type, oldSelf: type })
  const optional = environment.withVariables({ self: type, oldSelf: optionalOf(type) })
  return rules.map((rule) => compileRule(rule, rule.optionalOldSelf === true ? optional : plain, schema))
}

function compileRule(rule: ValidationRule, environment: Environment, schema: JsonSchema): CompiledRule {
  const path = rule.fieldPath === undefined || rule.fieldPath === '' ? undefined : readFieldPath(rule.fieldPath, schema)
  const base = { rule, usesOldSelf: false, fieldPath: typeof path === 'object' ? path.text : '' }
  if (rule.rule.trim() === '') return base
  const program = compiled(rule.rule, environment)
  if (typeof program === 'string') return { ...base, error: `compilation failed: ${program}` }
  if (formatType(program.type) !== 'bool') return { ...base, error: 'cel expression must evaluate to a bool' }
  const made = { ...base, program, usesOldSelf: program.reads.has('oldSelf') }
  if (rule.messageExpression === undefined || rule.messageExpression === '') return made
  const message = compiled(rule.messageExpression, environment)
  if (typeof message === 'string') return { ...made, messageError: `messageExpression compilation failed: ${message}` }
  if (formatType(message.type) !== 'string') {
    return { ...made, messageError: 'messageExpression must evaluate to a string' }
  }
  return { ...made, message }
}

function compiled(source: string, environment: Environment): Program | string {
  try {
    return compile(source, environment)
  } catch (error) {
    if (error instanceof CompileError) return error.message
    throw error
  }
}

/** What of an object has been looked at, and with which warnings. */
interface Run {
  /** What is left of what all rules of an object may cost; below 0 nothing more is looked at. */
  left: number
  readonly warn: (text: string) => void
}

/** The rules of a schema and of all below it. */
export class RuleTree {
  readonly #schema: JsonSchema
  readonly #isResource: boolean
  readonly #rules: readonly CompiledRule[]
  readonly #items: RuleTree | undefined
  readonly #values: RuleTree | undefined
  readonly #properties: ReadonlyMap<string, RuleTree>

  private constructor(schema: JsonSchema, isResource: boolean, environment: Environment) {
    this.#schema = schema
    this.#isResource = isResource
    const own = schema['x-kubernetes-validations'] ?? []
    const type = own.length === 0 ? undefined : celTypeOf(schema, isResource, 'self')
    this.#rules = type === undefined ? [] : compileRules(own, type, schema, environment)
    const below = (inner: JsonSchema): RuleTree | undefined =>
      RuleTree.of(inner, inner['x-kubernetes-embedded-resource'] === true, environment)
    const [items, values] = [itemsOf(schema), valuesOf(schema)]
    this.#items = items === undefined ? undefined : below(items)
    this.#values = values === undefined ? undefined : below(values)
    this.#properties = new Map(
      Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
        const tree = below(property)
        return tree === undefined ? [] : [[name, tree] as const]
      }),
    )
  }

  /** Undefined where there are no rules. */
  static of(schema: JsonSchema, isResource: boolean, environment: Environment): RuleTree | undefined {
    const tree = new RuleTree(schema, isResource, environment)
    const { size } = tree.#properties
    const empty = tree.#rules.length === 0 && tree.#items === undefined && tree.#values === undefined && size === 0
    return empty ? undefined : tree
  }

  /**
   * What the rules have against a value, in upstream's words. With the value as it was, transition rules are looked at, and what a rule has against
   * what did not change is a warning (CRDValidationRatcheting).
   */
  errors(
    value: unknown,
    old: unknown,
    correlated: Correlated | undefined,
    warn: (text: string) => void = () => {},
    path = '',
  ): FieldError[] {
    const run: Run = { left: OBJECT_BUDGET, warn }
    return this.#errors(value, old, { current: correlated, parent: undefined }, path, run)
  }

  #errors(value: unknown, old: unknown, place: Place, path: string, run: Run): FieldError[] {
    if (value === null || value === undefined) return []
    const errors = this.#own(value, old ?? undefined, place, path, run)
    if (run.left < 0) return errors
    if (Array.isArray(value) && this.#items !== undefined) {
      for (const [index, item] of value.entries()) {
        const before = Array.isArray(old) ? oldItem(old, item, this.#schema) : undefined
        errors.push(
          ...this.#items.#errors(item, before, inside(place, place.current?.index(index)), indexed(path, index), run),
        )
        if (run.left < 0) return errors
      }
    } else if (isFields(value)) {
      for (const [name, field] of Object.entries(value)) {
        const property = this.#properties.get(name)
        const tree = property ?? this.#values
        if (tree === undefined) continue
        const before = isFields(old) && Object.hasOwn(old, name) ? old[name] : undefined
        const at = property === undefined ? keyed(path, name) : child(path, name)
        errors.push(...tree.#errors(field, before, inside(place, place.current?.key(name)), at, run))
        if (run.left < 0) return errors
      }
    }
    return errors
  }

  #own(value: unknown, old: unknown, place: Place, path: string, run: Run): FieldError[] {
    if (this.#rules.length === 0) return []
    const field = path === '' ? '<nil>' : path
    const type = this.#schema.type ?? ''
    const self = celValueOf(value, this.#schema, this.#isResource)
    const oldSelf = old === undefined ? undefined : celValueOf(old, this.#schema, this.#isResource)
    const errors: FieldError[] = []
    for (const compiledRule of this.#rules) {
      const { rule, program, error, usesOldSelf, fieldPath } = compiledRule
      if (error !== undefined) errors.push(invalidValue(field, type, `rule compile error: ${error}`))
      if (program === undefined) continue
      const optional = rule.optionalOldSelf === true
      if (usesOldSelf && oldSelf === undefined && !optional) continue
      const variables = (name: string): Value | undefined => {
        if (name === 'self') return self
        if (name !== 'oldSelf') return undefined
        return optional ? (oldSelf === undefined ? Optional.none : new Optional(oldSelf)) : oldSelf
      }
      const outcome = this.#run(program, variables, run)
      if (outcome.kind === 'exhausted') {
        errors.push(invalidValue(field, type, outcome.whole ? OUT_OF_BUDGET : tooCostly(rule)))
        run.left = -1
        return errors
      }
      if (outcome.kind === 'failed') {
        errors.push(invalidValue(field, type, failedSentence(outcome.message, rule)))
        continue
      }
      if (outcome.value === true) continue
      const at = fieldPath === '' ? field : path === '' ? fieldPath : `${path}.${fieldPath}`
      const found = errorFor(rule.reason, at, type, this.#message(compiledRule, variables, run))
      if (!usesOldSelf && unchanged(place)) run.warn(`${found.field}: ${found.body}`)
      else errors.push(found)
    }
    return errors
  }

  #run(program: Program, variables: (name: string) => Value | undefined, run: Run): Outcome {
    const budget = new Budget(Math.min(CALL_LIMIT, run.left))
    try {
      return { kind: 'value', value: program.run(variables, budget) }
    } catch (error) {
      if (error instanceof CostExceeded) return { kind: 'exhausted', whole: run.left < CALL_LIMIT }
      if (error instanceof EvaluationError) return { kind: 'failed', message: error.message }
      throw error
    } finally {
      run.left -= budget.spent
    }
  }

  /** The expression's words where it gives a usable line, else those of the rule. */
  #message({ rule, message }: CompiledRule, variables: (name: string) => Value | undefined, run: Run): string {
    const standard = (rule.message ?? '') === '' ? `failed rule: ${rule.rule.trim()}` : ruleText(rule)
    if (message === undefined) return standard
    const outcome = this.#run(message, variables, run)
    if (outcome.kind !== 'value' || typeof outcome.value !== 'string') return standard
    const text = outcome.value.trim()
    if (text === '' || text.includes('\n') || text.length > LONGEST_MESSAGE) return standard
    return text
  }
}

/** Characters: upstream's limit for what a messageExpression makes. */
const LONGEST_MESSAGE = 5 * 1024
const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run'

type Outcome =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'failed'; readonly message: string }
  /** Of the whole object's budget, or of the one call's. */
  | { readonly kind: 'exhausted'; readonly whole: boolean }

/** Where a value stands in the object as it was: itself, or the nearest above it that can be found there. */
interface Place {
  readonly current: Correlated | undefined
  readonly parent: Correlated | undefined
}

function inside(place: Place, next: Correlated | undefined): Place {
  return place.current === undefined ? place : { current: next, parent: place.current }
}

const unchanged = ({ current, parent }: Place): boolean => (current ?? parent)?.unchanged === true

/** The rule by its message, if it has one. */
function ruleText({ message, rule }: ValidationRule): string {
  return message === undefined || message === '' ? rule.trim() : message.trim()
}

const tooCostly = (rule: ValidationRule): string =>
  `'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`

function failedSentence(message: string, rule: ValidationRule): string {
  if (message.startsWith('no such overload')) {
    return `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`
  }
  return `${message} evaluating rule: ${ruleText(rule)}`
}

function errorFor(reason: string | undefined, field: string, type: string, message: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbiddenField(field, message)
    case 'FieldValueRequired':
      return requiredValue(field, message)
    case 'FieldValueDuplicate':
      return duplicateValue(field, type)
    default:
      return invalidValue(field, type, message)
  }
}
