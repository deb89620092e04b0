import { aggregate, type FieldError, invalidValue } from './field-error.ts'
import { labelValueErrors, qualifiedNameErrors } from './names.ts'

/** `in`, `notin` and so on: how one requirement of a label selector relates its key to its values. */
export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'

export interface LabelRequirement {
  readonly key: string
  readonly operator: LabelOperator
  readonly values: readonly string[]
}

export type Labels = Readonly<Record<string, string>>

/**
 * What is wrong with a requirement, as `labels.NewRequirement` (1.34) says it; undefined if nothing is.
 */
export function requirementError({ key, operator, values }: LabelRequirement): string | undefined {
  const keyErrors = qualifiedNameErrors(key)
  const wrong = [
    ...(keyErrors.length > 0 ? [invalidValue('key', key, keyErrors.join('; '))] : []),
    ...countErrors(operator, values),
    ...values.flatMap((value, index) => {
      const errors = labelValueErrors(value)
      return errors.length > 0 ? [invalidValue(`values[${index}][${key}]`, value, errors.join('; '))] : []
    }),
  ]
  return wrong.length > 0 ? aggregate(wrong) : undefined
}

function countErrors(operator: LabelOperator, values: readonly string[]): FieldError[] {
  const refuse = (why: string): FieldError[] => [invalidValue('values', values.length === 0 ? null : values, why)]
  switch (operator) {
    case 'in':
    case 'notin':
      return values.length > 0 ? [] : refuse("for 'in', 'notin' operators, values set can't be empty")
    case '=':
    case '==':
    case '!=':
      return values.length === 1 ? [] : refuse('exact-match compatibility requires one single value')
    case 'exists':
    case '!':
      return values.length === 0 ? [] : refuse('values set must be empty for exists and does not exist')
    case 'gt':
    case 'lt':
      return [
        ...(values.length === 1 ? [] : refuse("for 'Gt', 'Lt' operators, exactly one value is required")),
        ...values.flatMap((value, index) =>
          parseInt64(value) !== undefined
            ? []
            : [invalidValue(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer")],
        ),
      ]
  }
}

function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined
  const value = BigInt(text.replace('+', ''))
  return BigInt.asIntN(64, value) === value ? value : undefined
}

export function requirementMatches({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case 'gt':
    case 'lt':
      return value !== undefined && comparesAs(operator, value, values)
  }
}

function comparesAs(operator: 'gt' | 'lt', value: string, values: readonly string[]): boolean {
  const own = parseInt64(value)
  const bound = values.length === 1 ? parseInt64(values[0] ?? '') : undefined
  if (own === undefined || bound === undefined) return false
  return operator === 'gt' ? own > bound : own < bound
}

export function formatRequirement({ key, operator, values }: LabelRequirement): string {
  const listed = values.toSorted(compareText).join(',')
  switch (operator) {
    case '!':
      return `!${key}`
    case 'exists':
      return key
    case 'in':
    case 'notin':
      return `${key} ${operator} (${listed})`
    case 'gt':
      return `${key}>${listed}`
    case 'lt':
      return `${key}<${listed}`
    default:
      return `${key}${operator}${listed}`
  }
}

/** Go compares strings by bytes; for what labels may hold that is the order of code units. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
