import type { Expr, Macro } from './ast.ts'
import { type Checked, check } from './checker.ts'
import { estimateCost, type SizeOf } from './cost.ts'
import type { Environment, Overload, Work } from './environment.ts'
import { parse } from './parser.ts'
import { Regex, RegexError } from './regex.ts'
import { fits } from './runtime-types.ts'
import { CompileError } from './source.ts'
import { type CelType, formatType } from './types.ts'
import {
  EntryMap,
  EvaluationError,
  isMap,
  List,
  type MapValue,
  noSuchOverload,
  Optional,
  TypeValue,
  typeName,
  Uint,
  type Value,
} from './values.ts'

/** Units of work that one expression may do: Kubernetes' `PerCallLimit`. */
export const CALL_LIMIT = 1_000_000
/** Units for all rules over one object: Kubernetes' `RuntimeCELCostBudget`. */
export const OBJECT_BUDGET = 10_000_000

/** The expression has done too much; nothing gets over this. */
export class CostExceeded extends Error {
  override name = 'CostExceeded'
  constructor() {
    super('operation cancelled: actual cost limit exceeded')
  }
}

/** Counts what evaluations do. */
export class Budget implements Work {
  spent = 0
  readonly #regexes = new Map<string, Regex>()
  readonly #limit: number

  constructor(limit = CALL_LIMIT) {
    this.#limit = limit
  }

  spend(units: number): void {
    this.spent += units
    if (this.spent > this.#limit) throw new CostExceeded()
  }

  regex(pattern: string): Regex {
    const known = this.#regexes.get(pattern)
    if (known !== undefined) return known
    try {
      const made = new Regex(pattern)
      this.#regexes.set(pattern, made)
      return made
    } catch (error) {
      if (error instanceof RegexError) throw new EvaluationError(error.message)
      throw error
    }
  }
}

export type Activation = (name: string) => Value | undefined

/** A compiled expression. */
export interface Program {
  readonly type: CelType
  /** The free variables that it reads. */
  readonly reads: ReadonlySet<string>
  /** @throws EvaluationError, CostExceeded */
  run(variables: Activation, budget?: Budget): Value
  /** What a run may cost at most, by how large values may be. */
  estimate(sizeOf: SizeOf): number
}

/** @throws CompileError */
export function compile(source: string, environment: Environment): Program {
  const expr = parse(source)
  const checked = check(expr, environment)
  if ('issues' in checked) throw new CompileError(source, checked.issues)
  const step = new Compiler(checked).compile(expr)
  return {
    type: checked.type,
    reads: new Set(checked.variables.values()),
    run: (variables, budget = new Budget()) => step({ get: variables, budget }),
    estimate: (sizeOf) => estimateCost(expr, checked, sizeOf),
  }
}

/** The variables in scope; comprehensions add theirs. */
interface Frame {
  readonly get: Activation
  readonly budget: Budget
}

type Step = (frame: Frame) => Value

function truth(value: Value): boolean {
  if (typeof value !== 'boolean') throw noSuchOverload()
  return value
}

class Compiler {
  readonly #checked: Checked

  constructor(checked: Checked) {
    this.#checked = checked
  }

  compile(expr: Expr): Step {
    const variable = this.#checked.variables.get(expr)
    if (variable !== undefined) {
      return ({ get, budget }) => {
        budget.spend(1)
        const value = get(variable)
        if (value === undefined) throw new EvaluationError(`no such attribute(s): ${variable}`)
        return value
      }
    }
    const type = this.#checked.typeNames.get(expr)
    if (type !== undefined) {
      const value = new TypeValue(typeText(type))
      return () => value
    }
    switch (expr.op) {
      case 'literal': {
        const value = expr.type === 'uint' ? new Uint(expr.value as bigint) : expr.value
        return () => value
      }
      case 'select':
        return this.#select(expr)
      case 'call':
        return this.#call(expr)
      case 'list':
        return this.#list(expr)
      case 'map':
        return this.#map(expr)
      case 'macro':
        return this.#macro(expr)
      default:
        throw new Error(`A checked expression has no ${expr.op} without a meaning.`)
    }
  }

  #select(expr: Expr & { op: 'select' }): Step {
    const operand = this.compile(expr.operand)
    const { field, mode } = expr
    return (frame) => {
      frame.budget.spend(1)
      const value = operand(frame)
      const target = value instanceof Optional ? value.value : value
      const found = target === undefined ? undefined : isMap(target) ? target.get(field) : wrongTarget()
      if (mode === 'present') return found !== undefined
      if (mode === 'optional' || value instanceof Optional) {
        return found === undefined ? Optional.none : new Optional(found)
      }
      if (found === undefined) throw new EvaluationError(`no such key: ${field}`)
      return found
    }
  }

  #call(expr: Expr & { op: 'call' }): Step {
    const member = expr.target !== undefined && !this.#checked.unbound.has(expr)
    const parts = (member ? [expr.target as Expr, ...expr.args] : expr.args).map((part) => this.compile(part))
    const [first, second, third] = parts as [Step, Step, Step]
    switch (expr.name) {
      case '_&&_':
        return shortcut(first, second, false)
      case '_||_':
        return shortcut(first, second, true)
      case '_?_:_':
        return (frame) => (truth(first(frame)) ? second(frame) : third(frame))
      case 'orValue':
      case 'or':
        if (expr.target !== undefined && expr.args.length === 1) return lazyOr(first, second, expr.name)
    }
    const overloads = this.#checked.calls.get(expr) ?? []
    return (frame) => {
      frame.budget.spend(1)
      const args = parts.map((part) => part(frame))
      return choose(overloads, args).call(args, frame.budget)
    }
  }

  #list(expr: Expr & { op: 'list' }): Step {
    const items = expr.items.map(({ value, optional }) => ({ step: this.compile(value), optional }))
    return (frame) => {
      frame.budget.spend(items.length)
      const values: Value[] = []
      for (const { step, optional } of items) {
        const value = step(frame)
        if (!optional) values.push(value)
        else if (value instanceof Optional && value.value !== undefined) values.push(value.value)
      }
      return new List(values)
    }
  }

  #map(expr: Expr & { op: 'map' }): Step {
    const entries = expr.entries.map(({ key, value, optional }) => ({
      key: this.compile(key),
      value: this.compile(value),
      optional,
    }))
    return (frame) => {
      frame.budget.spend(entries.length)
      const map = new EntryMap()
      for (const { key, value, optional } of entries) {
        const [name, content] = [key(frame), value(frame)]
        const kept = optional ? (content instanceof Optional ? content.value : undefined) : content
        if (kept !== undefined) map.set(name, kept)
      }
      return map
    }
  }

  #macro(expr: Macro): Step {
    const range = this.compile(expr.range)
    const [body, more] = expr.args.map((arg) => this.compile(arg)) as [Step, Step | undefined]
    if (expr.name === 'optMap' || expr.name === 'optFlatMap') return optional(expr, range, body)
    return (frame) => {
      const loop = [...elements(range(frame), expr.vars.length === 2)]
      const runs = function* (): Iterable<readonly [Frame, readonly Value[]]> {
        for (const values of loop) {
          frame.budget.spend(1)
          yield [bound(frame, expr.vars, values), values]
        }
      }
      switch (expr.name) {
        case 'all':
          return quantified(runs(), body, false)
        case 'exists':
          return quantified(runs(), body, true)
        case 'existsOne': {
          let found = 0
          for (const [inner] of runs()) if (truth(body(inner))) found++
          return found === 1
        }
        case 'filter':
          return new List(collect(runs(), body, (_, [item]) => item as Value))
        case 'map':
        case 'transformList':
          return new List(more === undefined ? collect(runs(), undefined, body) : collect(runs(), body, more))
        default:
          return entriesOf(expr, runs(), body, more)
      }
    }
  }
}

function wrongTarget(): never {
  throw noSuchOverload()
}

function typeText(type: CelType): string {
  const text = formatType(type)
  const name = text.replace(/\(.*$/, '')
  return name === 'null' ? 'null_type' : name
}

/** What decides ends it; an error counts only if the other side does not decide. */
function shortcut(first: Step, second: Step, decides: boolean): Step {
  return (frame) => {
    let failure: unknown
    try {
      if (truth(first(frame)) === decides) return decides
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      failure = error
    }
    const other = truth(second(frame))
    if (other === decides) return decides
    if (failure !== undefined) throw failure
    return other
  }
}

function lazyOr(first: Step, second: Step, name: 'or' | 'orValue'): Step {
  return (frame) => {
    const value = first(frame)
    if (!(value instanceof Optional)) throw noSuchOverload()
    if (value.value === undefined) return second(frame)
    return name === 'or' ? value : value.value
  }
}

/** Where types were not known before, the arguments decide. */
function choose(overloads: readonly Overload[], args: readonly Value[]): Overload {
  if (overloads.length === 1) {
    const [only] = overloads as readonly [Overload]
    if (args.every((arg, at) => fits(arg, only.params[at] as CelType))) return only
    throw noSuchOverload()
  }
  const found = overloads.find(({ params }) => args.every((arg, at) => fits(arg, params[at] as CelType)))
  if (found === undefined) throw noSuchOverload()
  return found
}

function bound({ get, budget }: Frame, vars: readonly string[], values: readonly Value[]): Frame {
  const [one, two] = vars
  return {
    budget,
    get: (name) => (name === one ? values[0] : two !== undefined && name === two ? values[1] : get(name)),
  }
}

function* elements(range: Value, two: boolean): Iterable<readonly Value[]> {
  if (range instanceof List) {
    let index = 0n
    for (const item of range.items) yield two ? [index++, item] : [item]
    return
  }
  if (!isMapValue(range)) throw new EvaluationError(`got '${goType(range)}', expected iterable type`)
  for (const key of range.keys()) yield two ? [key, range.get(key) as Value] : [key]
}

/** cel-go's own name of a value's type. */
function goType(value: Value): string {
  if (value === null) return 'types.Null'
  const name = typeName(value)
  if (['int', 'double', 'string', 'bool', 'uint', 'bytes'].includes(name)) {
    return `types.${name.slice(0, 1).toUpperCase()}${name.slice(1)}`
  }
  return name
}

function quantified(runs: Iterable<readonly [Frame, readonly Value[]]>, body: Step, decides: boolean): boolean {
  let failure: unknown
  for (const [inner] of runs) {
    try {
      if (truth(body(inner)) === decides) return decides
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      failure = error
    }
  }
  if (failure !== undefined) throw failure
  return !decides
}

function collect(
  runs: Iterable<readonly [Frame, readonly Value[]]>,
  filter: Step | undefined,
  result: (frame: Frame, values: readonly Value[]) => Value,
): Value[] {
  const items: Value[] = []
  for (const [inner, values] of runs) {
    if (filter === undefined || truth(filter(inner))) items.push(result(inner, values))
  }
  return items
}

function entriesOf(
  expr: Macro,
  runs: Iterable<readonly [Frame, readonly Value[]]>,
  body: Step,
  more: Step | undefined,
): EntryMap {
  const map = new EntryMap()
  for (const [inner, [key]] of runs) {
    if (more !== undefined && !truth(body(inner))) continue
    const result = (more ?? body)(inner)
    if (expr.name === 'transformMap') map.add(key as Value, result)
    else if (!isMapValue(result)) throw noSuchOverload()
    else {
      for (const name of result.keys()) {
        if (!map.add(name, result.get(name) as Value)) {
          throw new EvaluationError(`insert failed: key ${String(name)} already exists`)
        }
      }
    }
  }
  return map
}

const isMapValue = (value: Value): value is MapValue => typeof value === 'object' && value !== null && isMap(value)

function optional(expr: Macro, range: Step, body: Step): Step {
  return (frame) => {
    const value = range(frame)
    if (!(value instanceof Optional)) throw noSuchOverload()
    if (value.value === undefined) return Optional.none
    const result = body(bound(frame, expr.vars, [value.value]))
    return expr.name === 'optMap' ? new Optional(result) : result
  }
}
