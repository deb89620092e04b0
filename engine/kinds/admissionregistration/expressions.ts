import type { FieldError } from '../../objects/field-error.ts'
import type { Variable } from './types.ts'

/** What an expression is for: it decides what it may use and what it must give. */
export type ExpressionUse = 'matchCondition' | 'variable' | 'validation' | 'message' | 'auditAnnotation'

export interface ExpressionContext {
  readonly use: ExpressionUse
  /** Whether `params` is there. */
  readonly hasParams: boolean
  /** Those that come before the expression, where they may be used. */
  readonly variables: readonly Variable[]
}

/** Checks the expressions of policies and match conditions when they are written. */
export interface ExpressionCheck {
  errors(expression: string, field: string, context: ExpressionContext): readonly FieldError[]
}

/** Where there is no CEL: everything passes. */
export const unchecked: ExpressionCheck = { errors: () => [] }
