/** An expression as a tree. `at` is where cel-go reports what is wrong with a node: at the operator, at the bracket of a call. */
export type Expr = Literal | Ident | Select | Call | ListLiteral | MapLiteral | StructLiteral | Macro

export interface Literal {
  readonly op: 'literal'
  readonly at: number
  readonly type: 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes'
  /** Ints and uints as bigint. */
  readonly value: null | boolean | bigint | number | string | Uint8Array
}

export interface Ident {
  readonly op: 'ident'
  readonly at: number
  readonly name: string
}

export interface Select {
  readonly op: 'select'
  readonly at: number
  readonly operand: Expr
  readonly field: string
  /** `present`: what `has()` asks; `optional`: `a.?b`. */
  readonly mode: 'value' | 'present' | 'optional'
}

/** Operators are calls of cel-go's names: `_+_`, `_?_:_`, `_[_]`. */
export interface Call {
  readonly op: 'call'
  readonly at: number
  readonly name: string
  readonly target: Expr | undefined
  readonly args: readonly Expr[]
}

export interface ListLiteral {
  readonly op: 'list'
  readonly at: number
  readonly items: readonly { readonly value: Expr; readonly optional: boolean }[]
}

export interface MapLiteral {
  readonly op: 'map'
  readonly at: number
  readonly entries: readonly { readonly key: Expr; readonly value: Expr; readonly optional: boolean }[]
}

export interface StructLiteral {
  readonly op: 'struct'
  readonly at: number
  readonly name: string
}

export type MacroName =
  | 'all'
  | 'exists'
  | 'existsOne'
  | 'map'
  | 'filter'
  | 'transformList'
  | 'transformMap'
  | 'transformMapEntry'
  | 'optMap'
  | 'optFlatMap'

/** A comprehension: `args` are read with `vars` bound, for each element of the range in turn. */
export interface Macro {
  readonly op: 'macro'
  readonly at: number
  readonly name: MacroName
  readonly range: Expr
  readonly vars: readonly string[]
  /** The predicate, or the transformation with an optional filter before it. */
  readonly args: readonly Expr[]
}

/** `a.b.c` as text, for names that hold dots; undefined for anything else. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.op === 'ident') return expr.name
  if (expr.op !== 'select' || expr.mode !== 'value') return undefined
  const prefix = qualifiedName(expr.operand)
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`
}
