import { type Call, type Expr, type Macro, qualifiedName } from './ast.ts'
import type { Checked } from './checker.ts'
import { type CallSite, callCost, isSized } from './cost-calls.ts'
import { anySize, CREATES_LIST, CREATES_MAP, exactly, MOST, plus, type Size, times, union } from './cost-size.ts'
import { type CelType, unwrapOptional } from './types.ts'

/**
 * How many elements a value may have at most by where it stands: a variable, then names of fields, `@items`, `@keys`, `@values`. Undefined where nothing is
 * known of it.
 */
export type SizeOf = (path: readonly string[]) => number | undefined

/** What a checked expression may cost at most, as cel-go's checker estimates it (0.26): `MOST` stands for more than can be counted. */
export function estimateCost(expr: Expr, checked: Checked, sizeOf: SizeOf): number {
  return new Coster(checked, sizeOf).cost(expr)
}

/** What is known of the elements of a list or map that an expression makes. */
interface Entries {
  readonly list: boolean
  readonly keys: Size
  readonly values: Size
}

/** A variable of a comprehension. */
interface Local {
  readonly path: readonly string[]
  readonly size: Size | undefined
}

class Coster {
  readonly #checked: Checked
  readonly #sizeOf: SizeOf
  readonly #paths = new Map<Expr, readonly string[]>()
  readonly #sizes = new Map<Expr, Size>()
  readonly #entries = new Map<Expr, Entries>()
  readonly #locals: ReadonlyMap<string, Local>[] = []

  constructor(checked: Checked, sizeOf: SizeOf) {
    this.#checked = checked
    this.#sizeOf = sizeOf
  }

  cost(expr: Expr): number {
    const variable = this.#checked.variables.get(expr)
    if (variable !== undefined || expr.op === 'ident') return this.#variable(expr, variable ?? '')
    switch (expr.op) {
      case 'select':
        return this.#select(expr)
      case 'call':
        return this.#call(expr)
      case 'list': {
        const costs = expr.items.map(({ value }) => this.cost(value))
        const values = this.#all(expr.items.map(({ value }) => value))
        this.#entries.set(expr, { list: true, keys: exactly(1), values })
        return plus(CREATES_LIST, ...costs)
      }
      case 'map': {
        const costs = expr.entries.flatMap(({ key, value }) => [this.cost(key), this.cost(value)])
        const keys = this.#all(expr.entries.map(({ key }) => key))
        const values = this.#all(expr.entries.map(({ value }) => value))
        this.#entries.set(expr, { list: false, keys, values })
        return plus(CREATES_MAP, ...costs)
      }
      case 'macro':
        return expr.name === 'optMap' || expr.name === 'optFlatMap' ? this.#optional(expr) : this.#loop(expr)
      default:
        return 0
    }
  }

  /** The sizes of all of them. */
  #all(exprs: readonly Expr[]): Size {
    return exprs
      .map((one) => this.#sizeOrAny(one))
      .reduce(union, exprs.length === 0 ? exactly(0) : { min: MOST, max: 0 })
  }

  #variable(expr: Expr, name: string): number {
    const own = this.#local(name)
    this.#paths.set(expr, own?.path ?? [name])
    return 1
  }

  #local(name: string): Local | undefined {
    return this.#locals.findLast((scope) => scope.has(name))?.get(name)
  }

  #select(expr: Expr & { op: 'select' }): number {
    const operand = this.cost(expr.operand)
    if (expr.mode === 'present') return operand
    if (expr.mode === 'optional') return plus(1, operand)
    const { kind } = this.#checked.typeOf(expr.operand)
    this.#paths.set(expr, [...this.#path(expr.operand), expr.field])
    return kind === 'map' || kind === 'struct' ? plus(1, operand) : operand
  }

  #call(expr: Call): number {
    const { name } = expr
    if (name === 'dyn' && expr.args[0] !== undefined) {
      const cost = this.cost(expr.args[0])
      this.#copy(expr, expr.args[0])
      return plus(1, cost)
    }
    const target = expr.target !== undefined && !this.#checked.unbound.has(expr) ? expr.target : undefined
    const costs = [...(target === undefined ? [] : [target]), ...expr.args].map((arg) => this.cost(arg))
    if (name === '_&&_' || name === '_||_') return plus(...costs)
    if (name === '_?_:_') return this.#conditional(expr, costs)
    const sum = plus(...costs)
    const args = expr.args.map((arg) => this.#site(arg))
    const overloads = this.#checked.calls.get(expr) ?? []
    let most = 0
    let size: Size | undefined
    for (const { params } of overloads) {
      const own = target === undefined ? undefined : this.#site(target)
      const estimate = callCost({ name: this.#name(expr), target: own, args, params })
      most = Math.max(most, plus(estimate.cost, sum))
      if (estimate.size !== undefined) size = size === undefined ? estimate.size : union(size, estimate.size)
      if (name === '_[_]') {
        const [of] = expr.args as readonly [Expr]
        size = this.#entriesOf(of)?.values
        const { kind } = params[0] ?? {}
        if (kind === 'list' || kind === 'map') {
          this.#paths.set(expr, [...this.#path(of), kind === 'list' ? '@items' : '@values'])
        }
      }
      if (name === '_+_') this.#joinEntries(expr)
      size ??= this.#size(expr)
    }
    if (size !== undefined) this.#sizes.set(expr, size)
    return most
  }

  #name(expr: Call): string {
    if (!this.#checked.unbound.has(expr) || expr.target === undefined) return expr.name
    return `${qualifiedName(expr.target)}.${expr.name}`
  }

  #conditional(expr: Call, [condition = 0, yes = 0, no = 0]: readonly number[]): number {
    const [, one, other] = expr.args as readonly [Expr, Expr, Expr]
    this.#sizes.set(expr, union(this.#sizeOrAny(one), this.#sizeOrAny(other)))
    this.#setEntries(expr, unionOf(this.#entriesOf(one), this.#entriesOf(other)))
    return plus(condition, Math.max(yes, no))
  }

  #joinEntries(expr: Call): void {
    const [one, other] = expr.args as readonly [Expr, Expr]
    this.#setEntries(expr, unionOf(this.#entriesOf(one), this.#entriesOf(other)))
  }

  /** `range.optMap(v, body)` is `range.hasValue() ? optional.of(body with v = range.value()) : optional.none()`. */
  #optional(expr: Macro): number {
    const range = this.cost(expr.range)
    const { type } = unwrapOptional(this.#checked.typeOf(expr.range))
    const size = isSized(type) ? undefined : exactly(1)
    const body = this.#within(new Map([[expr.vars[0] ?? '', { path: [], size }]]), () =>
      this.cost(expr.args[0] as Expr),
    )
    const bound = plus(CREATES_LIST, range, 1, body)
    return plus(range, 1, expr.name === 'optMap' ? plus(1, bound) : bound)
  }

  #within<T>(scope: ReadonlyMap<string, Local>, run: () => T): T {
    this.#locals.push(scope)
    const result = run()
    this.#locals.pop()
    return result
  }

  /** Comprehensions cost what they are expanded to: a variable that gathers the result, a condition to go on, a step for each element. */
  #loop(expr: Macro): number {
    const range = this.cost(expr.range)
    const elements = this.#entriesOf(expr.range)
    const list = elements?.list ?? this.#checked.typeOf(expr.range).kind === 'list'
    const at = this.#path(expr.range)
    const keys: Local = { path: [...at, list ? '@indices' : '@keys'], size: elements?.keys }
    const values: Local = { path: [...at, list ? '@items' : '@values'], size: elements?.values }
    const [one = '', two] = expr.vars
    const scope = new Map(
      two === undefined ? [[one, list ? values : keys] as const] : [[one, keys] as const, [two, values] as const],
    )
    const inner = this.#within(scope, () => {
      const costs = expr.args.map((arg) => this.cost(arg))
      const result = expr.name === 'filter' ? undefined : expr.args.at(-1)
      return {
        costs,
        size: result === undefined ? this.#variableSize(list ? values : keys, expr) : this.#sizeOrAny(result),
      }
    })
    const count = this.#sizeOrAny(expr.range)
    const { start, step, end } = shapeOf(expr.name, inner.costs)
    if (start === 0) this.#sizes.set(expr, exactly(1))
    else {
      this.#sizes.set(expr, count)
      if (start === CREATES_LIST) {
        const gathered = union(exactly(0), inner.size)
        this.#entries.set(expr, { list: true, keys: exactly(1), values: gathered })
      }
    }
    return plus(range, start, times(count.max, step), end)
  }

  #variableSize(local: Local, expr: Macro): Size {
    const known = this.#sizeOf(local.path)
    if (known !== undefined) return { min: 0, max: known }
    const { kind, params } = this.#checked.typeOf(expr.range) as CelType & { params?: readonly CelType[] }
    const type = kind === 'list' || kind === 'map' ? params?.[0] : undefined
    if (type !== undefined && !isSized(type)) return exactly(1)
    return local.size ?? anySize
  }

  #site(expr: Expr): CallSite {
    const path = this.#path(expr)
    return {
      expr,
      type: this.#checked.typeOf(expr),
      size: this.#sizeOrAny(expr),
      elements: path.length === 0 ? undefined : this.#sizeOf([...path, '@items']),
    }
  }

  #path(expr: Expr): readonly string[] {
    return this.#paths.get(expr) ?? []
  }

  #copy(to: Expr, from: Expr): void {
    const size = this.#size(from)
    if (size !== undefined) this.#sizes.set(to, size)
    this.#setEntries(to, this.#entriesOf(from))
  }

  #setEntries(expr: Expr, entries: Entries | undefined): void {
    if (entries !== undefined) this.#entries.set(expr, entries)
  }

  #entriesOf(expr: Expr): Entries | undefined {
    return this.#entries.get(expr)
  }

  #sizeOrAny(expr: Expr): Size {
    return this.#size(expr) ?? anySize
  }

  #size(expr: Expr): Size | undefined {
    const known = this.#sizes.get(expr) ?? writtenSize(expr)
    if (known !== undefined) return known
    const path = this.#path(expr)
    const declared = path.length === 0 ? undefined : this.#sizeOf(path)
    if (declared !== undefined) return { min: 0, max: declared }
    if (!isSized(this.#checked.typeOf(expr))) return exactly(1)
    const name = this.#checked.variables.get(expr)
    return name === undefined ? undefined : this.#local(name)?.size
  }
}

function unionOf(one: Entries | undefined, other: Entries | undefined): Entries | undefined {
  if (one === undefined || other === undefined) return undefined
  return { list: one.list, keys: union(one.keys, other.keys), values: union(one.values, other.values) }
}

/** The size of what stands in the expression itself. */
function writtenSize(expr: Expr): Size | undefined {
  switch (expr.op) {
    case 'literal':
      if (typeof expr.value === 'string') return exactly([...expr.value].length)
      return exactly(expr.value instanceof Uint8Array ? expr.value.length : 1)
    case 'list':
      return exactly(expr.items.length)
    case 'map':
      return exactly(expr.entries.length)
    default:
      return undefined
  }
}

interface Shape {
  readonly start: number
  readonly step: number
  readonly end: number
}

/** What a comprehension's parts cost; `costs` are those of its arguments. */
function shapeOf(name: Macro['name'], costs: readonly number[]): Shape {
  const [body = 0, more] = costs
  /** A filter decides between the step and the result as it is. */
  const filtered = (step: (cost: number) => number): number =>
    more === undefined ? step(body) : plus(body, Math.max(step(more), 1))
  switch (name) {
    case 'all':
      return { start: 0, step: plus(3, body), end: 1 }
    case 'exists':
      return { start: 0, step: plus(4, body), end: 1 }
    case 'existsOne':
      return { start: 0, step: plus(body, 2), end: 2 }
    case 'filter':
      return { start: CREATES_LIST, step: plus(body, 13), end: 1 }
    case 'map':
    case 'transformList':
      return { start: CREATES_LIST, step: filtered((cost) => plus(cost, 12)), end: 1 }
    case 'transformMap':
      return { start: CREATES_MAP, step: filtered((cost) => plus(cost, 3)), end: 1 }
    default:
      return { start: CREATES_MAP, step: filtered((cost) => plus(cost, 2)), end: 1 }
  }
}
