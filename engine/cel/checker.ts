import { type Expr, type Macro, qualifiedName, type Select } from './ast.ts'
import type { Environment, Overload } from './environment.ts'
import { literalIssue } from './literals.ts'
import type { Issue } from './source.ts'
import {
  bool,
  bytes,
  type CelType,
  double,
  dyn,
  error,
  formatType,
  int,
  isDyn,
  isError,
  isOpen,
  listOf,
  mapOf,
  nullType,
  optionalOf,
  param,
  sameType,
  string,
  typeOf,
  uint,
  unwrapOptional,
} from './types.ts'
import { mostGeneral, Substitutions } from './unify.ts'

/** What a checked expression's nodes stand for, beyond their form. */
export interface Checked {
  readonly type: CelType
  /** Nodes that name a variable, dots included. */
  readonly variables: ReadonlyMap<Expr, string>
  /** Nodes that name a type. */
  readonly typeNames: ReadonlyMap<Expr, CelType>
  /** Calls with the overloads that fit; which one it is shows at run time. */
  readonly calls: ReadonlyMap<Expr, readonly Overload[]>
  /** Calls whose target was only the beginning of a function's name. */
  readonly unbound: ReadonlySet<Expr>
  typeOf(expr: Expr): CelType
}

/** Checks as cel-go's checker does; issues in its words. */
export function check(expr: Expr, environment: Environment): Checked | { readonly issues: readonly Issue[] } {
  const checker = new Checker(environment)
  const type = checker.check(expr)
  if (checker.issues.length > 0) return { issues: checker.issues }
  const { variables, typeNames, calls, unbound, known } = checker
  const typeOf = (of: Expr): CelType => checker.typeOf(of)
  return { type: known.apply(type, true), variables, typeNames, calls, unbound, typeOf }
}

const literalTypes = { null: nullType, bool, int, uint, double, string, bytes } as const

class Checker {
  readonly issues: Issue[] = []
  readonly variables = new Map<Expr, string>()
  readonly typeNames = new Map<Expr, CelType>()
  readonly calls = new Map<Expr, readonly Overload[]>()
  readonly unbound = new Set<Expr>()
  readonly known = new Substitutions()
  readonly #environment: Environment
  /** Variables of comprehensions, the innermost last. */
  readonly #scopes: ReadonlyMap<string, CelType>[] = []
  readonly #types = new Map<Expr, CelType>()
  /** Inside of what is formatted, lists may hold different types. */
  #mixed = 0

  constructor(environment: Environment) {
    this.#environment = environment
  }

  check(expr: Expr): CelType {
    const type = this.#typeOf(expr)
    this.#types.set(expr, type)
    return type
  }

  /** Of a node that was checked. */
  typeOf(expr: Expr): CelType {
    return this.known.apply(this.#types.get(expr) ?? dyn, true)
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.op) {
      case 'literal':
        return literalTypes[expr.type]
      case 'ident':
        return this.#name(expr, expr.name) ?? this.#undeclared(expr.at, expr.name)
      case 'select':
        return this.#select(expr)
      case 'call':
        return this.#call(expr)
      case 'list':
        return this.#list(expr)
      case 'map':
        return this.#map(expr)
      case 'struct':
        return this.#undeclared(expr.at, expr.name)
      case 'macro':
        return expr.name === 'optMap' || expr.name === 'optFlatMap' ? this.#optional(expr) : this.#comprehension(expr)
    }
  }

  #name(expr: Expr, name: string): CelType | undefined {
    for (const scope of this.#scopes.toReversed()) {
      const local = scope.get(name)
      if (local === undefined) continue
      this.variables.set(expr, name)
      return local
    }
    const variable = this.#environment.variable(name)
    if (variable !== undefined) {
      this.variables.set(expr, name)
      return variable
    }
    const type = this.#environment.typeName(name)
    if (type === undefined) return undefined
    this.typeNames.set(expr, type)
    return typeOf(type)
  }

  #undeclared(at: number, name: string): CelType {
    return this.#issue(at, `undeclared reference to '${name}' (in container '')`)
  }

  #issue(at: number, message: string): CelType {
    this.issues.push({ at, message })
    return error
  }

  #mismatch(at: number, expected: CelType, found: CelType): CelType {
    return this.#issue(at, `expected type '${formatType(expected)}' but found '${formatType(found)}'`)
  }

  #select(expr: Select): CelType {
    if (expr.mode === 'value') {
      const name = qualifiedName(expr)
      const type = name === undefined ? undefined : this.#name(expr, name)
      if (type !== undefined) return type
    }
    const operand = unwrapOptional(this.known.apply(this.check(expr.operand)))
    const field = this.known.apply(this.#field(expr, operand.type))
    if (expr.mode === 'present') return bool
    return operand.optional || expr.mode === 'optional' ? optionalOf(field) : field
  }

  #field(expr: Select, target: CelType): CelType {
    if (target.kind === 'map') return target.params[1]
    if (target.kind === 'struct') {
      return target.field(expr.field) ?? this.#issue(expr.at, `undefined field '${expr.field}'`)
    }
    if (target.kind === 'param') this.known.assignable([dyn], [target])
    else if (!isOpen(target)) this.#issue(expr.at, `type '${formatType(target)}' does not support field selection`)
    return dyn
  }

  #call(expr: Expr & { op: 'call' }): CelType {
    const formats = expr.name === 'format' && expr.target !== undefined
    if (formats) this.#mixed++
    const args = expr.args.map((arg) => this.check(arg))
    if (formats) this.#mixed--
    if (expr.target === undefined) {
      const overloads = this.#environment.overloads(expr.name)
      if (overloads === undefined) return this.#undeclared(expr.at, expr.name)
      return this.#resolve(expr, overloads, args)
    }
    const prefix = qualifiedName(expr.target)
    const namespaced = prefix === undefined ? undefined : this.#environment.overloads(`${prefix}.${expr.name}`)
    if (namespaced !== undefined) {
      this.unbound.add(expr)
      return this.#resolve({ ...expr, name: `${prefix}.${expr.name}` }, namespaced, args, expr)
    }
    const target = this.check(expr.target)
    const overloads = this.#environment.overloads(expr.name)
    if (overloads === undefined) return this.#undeclared(expr.at, expr.name)
    return this.#resolve(expr, overloads, [target, ...args])
  }

  #resolve(
    call: Expr & { op: 'call' },
    overloads: readonly Overload[],
    args: readonly CelType[],
    node: Expr = call,
  ): CelType {
    const member = call.target !== undefined && !this.unbound.has(node)
    if (call.name === '_&&_' || call.name === '_||_') {
      const before = this.issues.length
      args.forEach((arg, at) => {
        if (!this.known.assignable([arg], [bool])) this.#mismatch(call.args[at]?.at ?? call.at, bool, arg)
      })
      return this.issues.length > before ? error : bool
    }
    const fitting: Overload[] = []
    let result: CelType | undefined
    for (const overload of overloads) {
      if (overload.member !== member) continue
      const fresh = this.#instance(overload)
      if (!this.known.assignable(args, fresh.params)) continue
      fitting.push(overload)
      const type = this.known.apply(fresh.result)
      if (result === undefined) result = type
      else if (!isDyn(result) && !sameType(type, result)) result = dyn
    }
    if (result === undefined) {
      const texts = args.map((arg) => formatType(this.known.apply(arg, true)))
      const signature = member ? `${texts[0]}.(${texts.slice(1).join(', ')})` : `(${texts.join(', ')})`
      return this.#issue(call.at, `found no matching overload for '${call.name}' applied to '${signature}'`)
    }
    this.calls.set(node, fitting)
    const wrong = literalIssue(call, (expr) => this.known.apply(this.#types.get(expr) ?? dyn))
    if (wrong !== undefined) this.issues.push(wrong)
    return result
  }

  /** An overload with parameters of its own. */
  #instance({ params, result }: Overload): { readonly params: readonly CelType[]; readonly result: CelType } {
    const own = new Map<string, CelType>()
    const rename = (type: CelType): CelType => {
      switch (type.kind) {
        case 'param': {
          const made = own.get(type.name) ?? this.known.newParam()
          own.set(type.name, made)
          return made
        }
        case 'list':
          return listOf(rename(type.params[0]))
        case 'map':
          return mapOf(rename(type.params[0]), rename(type.params[1]))
        case 'opaque':
          return { ...type, params: type.params.map(rename) }
        case 'type':
          return typeOf(...type.params.map(rename))
        default:
          return type
      }
    }
    return { params: params.map(rename), result: rename(result) }
  }

  #list(expr: Expr & { op: 'list' }): CelType {
    let items: CelType | undefined
    for (const { value, optional } of expr.items) {
      const type = optional ? this.#unwrap(value, this.check(value)) : this.check(value)
      items = this.#join(value.at, items, type)
    }
    return listOf(items ?? this.known.newParam())
  }

  #map(expr: Expr & { op: 'map' }): CelType {
    let keys: CelType | undefined
    let values: CelType | undefined
    for (const { key, value, optional } of expr.entries) {
      keys = this.#join(key.at, keys, this.check(key))
      const type = this.check(value)
      values = this.#join(value.at, values, optional ? this.#unwrap(value, type) : type)
    }
    return mapOf(keys ?? this.known.newParam(), values ?? this.known.newParam())
  }

  #unwrap(value: Expr, type: CelType): CelType {
    const unwrapped = unwrapOptional(type)
    if (!unwrapped.optional && !isDyn(type)) this.#mismatch(value.at, optionalOf(type), type)
    return unwrapped.type
  }

  #join(at: number, before: CelType | undefined, type: CelType): CelType {
    if (before === undefined) return type
    if (this.known.assignable([before], [type])) return mostGeneral(before, type)
    if (this.#mixed > 0) return dyn
    return this.#mismatch(at, before, type)
  }

  #optional(expr: Macro): CelType {
    const { type, optional } = unwrapOptional(this.known.apply(this.check(expr.range)))
    if (!optional && !isOpen(type)) {
      const text = formatType(this.known.apply(type, true))
      return this.#issue(expr.at, `found no matching overload for 'hasValue' applied to '${text}.()'`)
    }
    const inner = this.#within(new Map([[expr.vars[0] ?? '', type]]), () => this.check(expr.args[0] as Expr))
    if (expr.name === 'optMap') return optionalOf(inner)
    const result = optionalOf(param('_flat'))
    if (unwrapOptional(this.known.apply(inner)).optional || isOpen(inner)) return isOpen(inner) ? result : inner
    const types = `(bool, ${formatType(inner)}, optional_type(dyn))`
    return this.#issue(expr.at, `found no matching overload for '_?_:_' applied to '${types}'`)
  }

  #within<T>(scope: ReadonlyMap<string, CelType>, run: () => T): T {
    this.#scopes.push(scope)
    const result = run()
    this.#scopes.pop()
    return result
  }

  #comprehension(expr: Macro): CelType {
    const range = this.known.apply(this.check(expr.range))
    const types = this.#loopTypes(expr, range)
    const scope = new Map(expr.vars.map((name, at) => [name, types[at] ?? dyn]))
    return this.#within(scope, () => this.#loop(expr, types[0] ?? dyn))
  }

  #loopTypes(expr: Macro, range: CelType): readonly CelType[] {
    const two = expr.vars.length === 2
    switch (range.kind) {
      case 'list':
        return two ? [int, range.params[0]] : [range.params[0]]
      case 'map':
        return two ? range.params : [range.params[0]]
      case 'param':
        this.known.assignable([dyn], [range])
        return [dyn, dyn]
      default:
        if (isOpen(range)) return [dyn, dyn]
        this.#issue(
          expr.range.at,
          `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        )
        return [error, error]
    }
  }

  #loop(expr: Macro, first: CelType): CelType {
    const [one, two] = expr.args.map((arg) => [arg, this.check(arg)] as const)
    const [body, type] = one as readonly [Expr, CelType]
    switch (expr.name) {
      case 'all':
      case 'exists':
        if (!this.known.assignable([type], [bool])) this.#mismatch(body.at, bool, type)
        return bool
      case 'existsOne':
        this.#condition(expr, type, 'int')
        return bool
      case 'filter':
        this.#condition(expr, type, `list(${formatType(this.known.apply(first, true))})`)
        return listOf(first)
      case 'map':
      case 'transformList': {
        const result = this.known.apply(two?.[1] ?? type)
        if (two !== undefined) this.#condition(expr, type, `list(${formatType(this.known.apply(result, true))})`)
        return listOf(result)
      }
      case 'transformMap': {
        const result = this.known.apply(two?.[1] ?? type)
        if (two !== undefined) {
          const key = formatType(this.known.apply(first, true))
          this.#condition(expr, type, `map(${key}, ${formatType(this.known.apply(result, true))})`)
        }
        return mapOf(first, result)
      }
      default: {
        const result = this.known.apply(two?.[1] ?? type)
        if (two !== undefined) this.#condition(expr, type, formatType(this.known.apply(result, true)))
        if (result.kind === 'map' || isOpen(result)) return isOpen(result) ? mapOf(dyn, dyn) : result
        const signature = `(map(dyn, dyn), ${formatType(result)})`
        return this.#issue(expr.at, `found no matching overload for 'cel.@mapInsert' applied to '${signature}'`)
      }
    }
  }

  /** Filters are expanded to conditionals: that is what their errors speak of. */
  #condition(expr: Macro, type: CelType, branch: string): void {
    if (isError(type) || this.known.assignable([type], [bool])) return
    const condition = formatType(this.known.apply(type, true))
    this.#issue(expr.at, `found no matching overload for '_?_:_' applied to '(${condition}, ${branch}, ${branch})'`)
  }
}
