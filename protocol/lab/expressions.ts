/**
 * The expressions of lab.yaml: CEL as Kubernetes has it, with the few functions of its list and quantity libraries that
 * labs need. Used where a lab is read, to refuse what cannot work, and where it runs, to evaluate.
 *
 * Beyond CEL itself: `list.unique()` (also `distinct()`), `list.sum()`, `list.min()`, `list.max()`, `list.sort()`,
 * `list.join(separator)`, `string(list)`, `string(map)`, `string(null)`, `quantity('50m')` with `isGreaterThan`,
 * `isLessThan`, `compareTo` and `asApproximateFloat`, and optional access: `object.?status.?readyReplicas.orValue(0)`.
 */
import { type ASTNode, Environment, EvaluationError, type ParseResult } from '@marcbachmann/cel-js'
import { Quantity } from './quantity.ts'
import type { Check } from './schema.ts'

/** The one variable that a check's expressions see. */
export type Variable = 'object' | 'objects' | 'responses' | 'events'

export function variableOf(check: Check): Variable {
  if ('http' in check) return 'responses'
  if ('events' in check) return 'events'
  return check.resource.name === undefined ? 'objects' : 'object'
}

/** What an evaluation came to. */
export type Outcome =
  | { kind: 'value'; value: unknown }
  /** A field was read that is not set: by the rules of labs no error, the check has just not passed. */
  | { kind: 'absent'; field: string }
  /** The expression does not fit what the cluster holds; a sentence that its author understands. */
  | { kind: 'fault'; fault: string }

export interface Expression {
  readonly source: string
  /** @param value the variable's value, made by {@link toCel} */
  evaluate(value: unknown): Outcome
}

/** Why an expression cannot work, as far as that can be seen without evaluating it. */
export interface ExpressionProblem {
  found: string
  expected: string
  /** Where in the expression, in characters from its start. */
  offset: number
}

/** The type that an expression must have; one that cannot be known before it is evaluated (`dyn`) is taken too. */
export type Wanted = 'bool' | 'string'

const wantedWords: Record<Wanted, string> = {
  bool: 'an expression that is true or false',
  string: 'an expression that gives a text; put string(…) round what is not one',
}

const variables: Record<Variable, Environment> = {
  object: environment('object', 'dyn'),
  objects: environment('objects', 'list'),
  responses: environment('responses', 'list'),
  events: environment('events', 'list'),
}

/** Undefined if the expression parses, names nothing unknown and has the type that is wanted. */
export function examine(source: string, variable: Variable, wanted: Wanted): ExpressionProblem | undefined {
  const { valid, type, error } = variables[variable].check(source)
  if (!valid) {
    const message = error?.summary ?? 'it cannot be read'
    const unknown = /^Unknown variable: (.*)$/.exec(message)?.[1]
    return {
      found: unknown === undefined ? message : `the unknown name ${unknown}`,
      expected:
        unknown === undefined ? 'an expression in CEL' : `${variable}, the one name this check's expressions see`,
      offset: error?.range?.start ?? 0,
    }
  }
  if (type === wanted || type === 'dyn') return undefined
  return { found: `an expression of type ${type}`, expected: wantedWords[wanted], offset: 0 }
}

/** @throws if the expression does not parse; {@link examine} tells before. */
export function compile(source: string, variable: Variable): Expression {
  const parsed = variables[variable].parse(source)
  return { source, evaluate: (value) => evaluate(parsed, { [variable]: value }) }
}

/** CEL's errors that mean nothing but: this is not there. */
const absences = new Set(['no_such_key', 'index_out_of_bounds', 'invalid_index_type'])

function evaluate(parsed: ParseResult, context: Record<string, unknown>): Outcome {
  try {
    return { kind: 'value', value: parsed(context) }
  } catch (error) {
    if (!(error instanceof EvaluationError)) {
      return { kind: 'fault', fault: error instanceof Error ? error.message : String(error) }
    }
    if (absences.has(error.code)) return { kind: 'absent', field: fieldOf(error) }
    return { kind: 'fault', fault: error.summary }
  }
}

/** The path that was read in vain, as it stands in the expression: `status.readyReplicas`. */
function fieldOf(error: EvaluationError): string {
  const key = /^No such key: (\S+)$/.exec(error.summary)?.[1]
  const path = error.node && pathOf(error.node)
  return path ?? key ?? 'a field'
}

function pathOf(node: ASTNode): string | undefined {
  switch (node.op) {
    case 'id':
      return ''
    case '.':
    case '.?': {
      const [of, field] = node.args
      const before = pathOf(of)
      return before === undefined ? undefined : before === '' ? field : `${before}.${field}`
    }
    default:
      return undefined
  }
}

/** Deeper than any Kubernetes object; what a Service answers may be nested to harm. */
const DEEPEST = 100

/**
 * JSON as CEL sees it: whole numbers are ints (BigInt here), as the API server's own CEL has them, so that
 * `object.spec.replicas + 1` is an int and `size()` compares with them. Maps have no prototype.
 */
export function toCel(value: unknown, depth = 0): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof value !== 'object' || value === null) return value ?? null
  if (depth >= DEEPEST) return null
  if (Array.isArray(value)) return value.map((item) => toCel(item, depth + 1))
  const map: Record<string, unknown> = Object.create(null)
  for (const [key, item] of Object.entries(value)) if (item !== undefined) map[key] = toCel(item, depth + 1)
  return map
}

function environment(variable: Variable, type: 'dyn' | 'list'): Environment {
  return new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
    .registerVariable(variable, type)
    .registerFunction('list<dyn>.unique(): list<dyn>', unique)
    .registerFunction('list<dyn>.distinct(): list<dyn>', unique)
    .registerFunction('list<dyn>.sum(): dyn', (list: unknown[]) => list.reduce(add, 0n))
    .registerFunction('list<dyn>.min(): dyn', (list: unknown[]) => extreme(list, 'min', (order) => order < 0))
    .registerFunction('list<dyn>.max(): dyn', (list: unknown[]) => extreme(list, 'max', (order) => order > 0))
    .registerFunction('list<dyn>.sort(): list<dyn>', (list: unknown[]) => [...list].sort(compare))
    .registerFunction('string(list): string', asText)
    .registerFunction('string(map): string', asText)
    .registerFunction('string(null): string', () => 'null')
    .registerType('Quantity', Quantity)
    .registerFunction('quantity(string): Quantity', (text: string) => {
      const quantity = Quantity.parse(text)
      if (!quantity)
        throw new EvaluationError(`quantity(): "${text.slice(0, 40)}" is not a quantity like "50m" or "1Gi"`)
      return quantity
    })
    .registerFunction(
      'Quantity.isGreaterThan(Quantity): bool',
      (a: Quantity, b: Quantity) => a.billionths > b.billionths,
    )
    .registerFunction('Quantity.isLessThan(Quantity): bool', (a: Quantity, b: Quantity) => a.billionths < b.billionths)
    .registerFunction('Quantity.compareTo(Quantity): int', (a: Quantity, b: Quantity) =>
      BigInt(compare(a.billionths, b.billionths)),
    )
    .registerFunction('Quantity.asApproximateFloat(): double', (a: Quantity) => Number(a.billionths) / 1e9)
}

type Ordered = bigint | number | string | boolean

const isNumber = (value: unknown): value is bigint | number => typeof value === 'bigint' || typeof value === 'number'

function compare(a: unknown, b: unknown): number {
  if (!(isNumber(a) && isNumber(b)) && typeof a !== typeof b)
    throw new EvaluationError('the list holds values that cannot be compared with each other')
  if (typeof a === 'object') throw new EvaluationError('the list holds values that have no order')
  return (a as Ordered) < (b as Ordered) ? -1 : (a as Ordered) > (b as Ordered) ? 1 : 0
}

function add(a: unknown, b: unknown): unknown {
  if (!isNumber(a) || !isNumber(b)) throw new EvaluationError('sum(): the list holds something that is not a number')
  return typeof a === 'bigint' && typeof b === 'bigint' ? a + b : Number(a) + Number(b)
}

function extreme(list: unknown[], name: string, better: (order: number) => boolean): unknown {
  if (list.length === 0) throw new EvaluationError(`${name}(): the list is empty`)
  return list.reduce((best, item) => (better(compare(item, best)) ? item : best))
}

function unique(list: unknown[]): unknown[] {
  return [...new Map(list.map((item) => [asText(item), item])).values()]
}

/** JSON; keys in order, so that equal maps give equal texts. */
function asText(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return Number(item)
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => compare(a, b)))
  })
}
