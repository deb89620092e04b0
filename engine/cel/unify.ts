import { type CelType, dyn, isDyn, isOpen, listOf, mapOf, opaque, sameType, typeOf } from './types.ts'

/** What is known of the parameters of types while an expression is checked. */
export class Substitutions {
  #bound: Map<string, CelType>
  #fresh = 0

  constructor(bound = new Map<string, CelType>()) {
    this.#bound = bound
  }

  newParam(): CelType {
    return { kind: 'param', name: `_var${this.#fresh++}` }
  }

  /** The type with its parameters replaced by what is known of them, by dyn if asked for where that is nothing. */
  apply(type: CelType, unknownToDyn = false): CelType {
    switch (type.kind) {
      case 'param': {
        const bound = this.#bound.get(type.name)
        if (bound !== undefined) return this.apply(bound, unknownToDyn)
        return unknownToDyn ? dyn : type
      }
      case 'list':
        return listOf(this.apply(type.params[0], unknownToDyn))
      case 'map':
        return mapOf(this.apply(type.params[0], unknownToDyn), this.apply(type.params[1], unknownToDyn))
      case 'opaque':
        return opaque(type.name, ...type.params.map((one) => this.apply(one, unknownToDyn)))
      case 'type':
        return typeOf(...type.params.map((one) => this.apply(one, unknownToDyn)))
      default:
        return type
    }
  }

  /** Whether the types are assignable one by one; what is learnt of parameters is kept only then. */
  assignable(from: readonly CelType[], to: readonly CelType[]): boolean {
    const before = this.#bound
    this.#bound = new Map(before)
    if (from.length === to.length && from.every((type, at) => this.#assign(type, to[at] ?? dyn))) return true
    this.#bound = before
    return false
  }

  #assign(from: CelType, to: CelType): boolean {
    if (to.kind === 'param') {
      const { valid, bound } = this.#bind(from, to)
      if (valid) return true
      if (bound) return false
    }
    if (from.kind === 'param') return this.#bind(to, from).valid
    if (isOpen(from) || isOpen(to)) return true
    if (isNull(from)) return nullable(to)
    if (isNull(to)) return nullable(from)
    switch (from.kind) {
      case 'simple':
      case 'struct':
        return sameType(from, to)
      case 'type':
        return to.kind === 'type'
      default: {
        if (from.kind !== to.kind) return false
        if (from.kind === 'opaque' && to.kind === 'opaque' && from.name !== to.name) return false
        const params: readonly CelType[] = to.params
        return (
          from.params.length === params.length && from.params.every((type, at) => this.#assign(type, params[at] ?? dyn))
        )
      }
    }
  }

  #bind(type: CelType, parameter: CelType & { kind: 'param' }): { valid: boolean; bound: boolean } {
    if (sameType(type, parameter)) return { valid: true, bound: true }
    const known = this.#bound.get(parameter.name)
    if (known === undefined) {
      if (this.#occurs(parameter, type)) return { valid: false, bound: false }
      this.#bound.set(parameter.name, type)
      return { valid: true, bound: false }
    }
    if (sameType(type, known)) return { valid: true, bound: true }
    if (!this.#assign(type, known)) return { valid: false, bound: true }
    const general = mostGeneral(type, known)
    if (!this.#occurs(parameter, general)) this.#bound.set(parameter.name, general)
    return { valid: true, bound: true }
  }

  #occurs(parameter: CelType & { kind: 'param' }, within: CelType): boolean {
    if (sameType(parameter, within)) return true
    switch (within.kind) {
      case 'param': {
        const bound = this.#bound.get(within.name)
        return bound !== undefined && this.#occurs(parameter, bound)
      }
      case 'list':
      case 'map':
      case 'opaque':
      case 'type':
        return within.params.some((type) => this.#occurs(parameter, type))
      default:
        return false
    }
  }
}

const isNull = (type: CelType): boolean => type.kind === 'simple' && type.name === 'null'

function nullable(type: CelType): boolean {
  if (type.kind === 'opaque' || type.kind === 'struct') return true
  return type.kind === 'simple' && ['timestamp', 'duration', 'null'].includes(type.name)
}

/** The one of two assignable types that says less. */
export function mostGeneral(one: CelType, other: CelType): CelType {
  return lessSpecific(one, other) ? one : other
}

function lessSpecific(one: CelType, other: CelType): boolean {
  if (isDyn(one) || one.kind === 'param') return true
  if (isDyn(other) || other.kind === 'param' || one.kind !== other.kind) return false
  switch (one.kind) {
    case 'list':
    case 'map':
    case 'opaque': {
      const params: readonly CelType[] = (other as typeof one).params
      if (one.kind === 'opaque' && one.name !== (other as typeof one).name) return false
      return (
        one.params.length === params.length && one.params.every((type, at) => lessSpecific(type, params[at] ?? dyn))
      )
    }
    case 'type':
      return true
    default:
      return sameType(one, other)
  }
}
