import { invalidEach, nonNegative } from '../../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  invalidValue,
  notSupported,
  requiredValue,
  tooLongValue,
  tooManyItems,
} from '../../objects/field-error.ts'
import { goQuote } from '../../objects/go-quote.ts'
import { qualifiedNameErrors } from '../../objects/names.ts'
import { countIndexes } from './indexes.ts'
import type { FailureRule, JobSpec, SuccessPolicy } from './types.ts'

const mostRules = 20
const mostExitCodes = 255
const mostConditions = 20
const longestIndexes = 64 * 1024
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const operators = ['In', 'NotIn']
const statuses = ['False', 'True', 'Unknown']

const valid = (values: readonly string[]): string => `valid values: [${values.map(goQuote).join(' ')}]`

/** An error that shows no value: `Invalid value: why`. */
export function invalidAsSuch(field: string, why: string): FieldError {
  return { type: 'FieldValueInvalid', field, body: `Invalid value: ${why}` }
}

export function failurePolicyErrors(spec: JobSpec, field: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? []
  const { containers, initContainers } = spec.template.spec
  const names = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name))
  const errors = rules.length > mostRules ? [tooManyItems(`${field}.rules`, rules.length, mostRules)] : []
  return [...errors, ...rules.flatMap((rule, index) => ruleErrors(rule, spec, names, `${field}.rules[${index}]`))]
}

function ruleErrors(rule: FailureRule, spec: JobSpec, names: ReadonlySet<string>, field: string): FieldError[] {
  const { action, onExitCodes, onPodConditions } = rule
  const errors: FieldError[] = []
  const at = `${field}.action`
  if (action === '') errors.push(requiredValue(at, valid(actions)))
  else if (!actions.includes(action)) errors.push(notSupported(at, action, actions))
  else if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    errors.push(invalidValue(at, action, 'requires the backoffLimitPerIndex to be set'))
  }
  const conditions = onPodConditions ?? []
  if (onExitCodes !== undefined) errors.push(...exitCodeErrors(onExitCodes, names, `${field}.onExitCodes`))
  if (conditions.length > 0) errors.push(...conditionErrors(conditions, `${field}.onPodConditions`))
  if (onExitCodes !== undefined && conditions.length > 0) {
    errors.push(invalidAsSuch(field, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  }
  if (onExitCodes === undefined && conditions.length === 0) {
    errors.push(invalidAsSuch(field, 'specifying one of OnExitCodes and OnPodConditions is required'))
  }
  return errors
}

function conditionErrors(conditions: readonly { type: string; status: string }[], field: string): FieldError[] {
  const errors = conditions.length > mostConditions ? [tooManyItems(field, conditions.length, mostConditions)] : []
  for (const [index, { type, status }] of conditions.entries()) {
    const at = `${field}[${index}]`
    errors.push(...invalidEach(`${at}.type`, type, qualifiedNameErrors(type)))
    if (status === '') errors.push(requiredValue(`${at}.status`, valid(statuses)))
    else if (!statuses.includes(status)) errors.push(notSupported(`${at}.status`, status, statuses))
  }
  return errors
}

function exitCodeErrors(
  { operator, containerName, values }: NonNullable<FailureRule['onExitCodes']>,
  names: ReadonlySet<string>,
  field: string,
): FieldError[] {
  const codes = values ?? []
  const errors: FieldError[] = []
  if (operator === '') errors.push(requiredValue(`${field}.operator`, valid(operators)))
  else if (!operators.includes(operator)) errors.push(notSupported(`${field}.operator`, operator, operators))
  if (containerName !== undefined && !names.has(containerName)) {
    const why = 'must be one of the container or initContainer names in the pod template'
    errors.push(invalidValue(`${field}.containerName`, containerName, why))
  }
  const at = `${field}.values`
  if (codes.length === 0) errors.push(invalidValue(at, codes, 'at least one value is required'))
  else if (codes.length > mostExitCodes) errors.push(tooManyItems(at, codes.length, mostExitCodes))
  const seen = new Set<number>()
  for (const [index, code] of codes.entries()) {
    if (operator === 'In' && code === 0) {
      errors.push(invalidValue(`${at}[${index}]`, code, 'must not be 0 for the In operator'))
    }
    if (seen.has(code)) errors.push(duplicateValue(`${at}[${index}]`, code))
    seen.add(code)
  }
  const isOrdered = codes.every((code, index) => index === 0 || (codes[index - 1] ?? code) <= code)
  return isOrdered ? errors : [...errors, invalidValue(at, codes, 'must be ordered')]
}

export function successPolicyErrors(spec: JobSpec, field: string): FieldError[] {
  if (spec.completionMode !== 'Indexed') {
    return [invalidValue(field, shownSuccessPolicy(spec), 'requires indexed completion mode')]
  }
  const rules = spec.successPolicy?.rules ?? []
  const errors: FieldError[] = []
  if (rules.length === 0) {
    const why = 'at least one rules must be specified when the successPolicy is specified'
    errors.push(requiredValue(`${field}.rules`, why))
  }
  if (rules.length > mostRules) errors.push(tooManyItems(`${field}.rules`, rules.length, mostRules))
  return [
    ...errors,
    ...rules.flatMap((rule, index) => successRuleErrors(rule, spec.completions ?? 0, `${field}.rules[${index}]`)),
  ]
}

type SuccessRule = NonNullable<SuccessPolicy['rules']>[number]

function successRuleErrors({ succeededIndexes, succeededCount }: SuccessRule, completions: number, field: string) {
  const errors: FieldError[] = []
  if (succeededIndexes === undefined && succeededCount === undefined) {
    errors.push(requiredValue(field, 'at least one of succeededCount or succeededIndexes must be specified'))
  }
  let total = 0
  if (succeededIndexes !== undefined) {
    const at = `${field}.succeededIndexes`
    if (succeededIndexes.length > longestIndexes) errors.push(tooLongValue(at, longestIndexes))
    try {
      total = countIndexes(succeededIndexes, completions)
    } catch (error) {
      const why = `error parsing succeededIndexes: ${(error as Error).message}`
      errors.push(invalidValue(at, succeededIndexes, why))
    }
  }
  if (succeededCount === undefined) return errors
  const at = `${field}.succeededCount`
  errors.push(...nonNegative(at, succeededCount))
  const most = (number: number, of: string): string => `must be less than or equal to ${number} (the number of ${of})`
  if (succeededCount > completions) {
    errors.push(invalidValue(at, succeededCount, most(completions, 'specified completions')))
  }
  if (succeededIndexes !== undefined && succeededCount > total) {
    const of = 'indexes in the specified succeededIndexes field'
    errors.push(invalidValue(at, succeededCount, most(total, of)))
  }
  return errors
}

/** As the API server's own types print it: by their Go names. */
export function shownSuccessPolicy({ successPolicy: policy }: JobSpec): unknown {
  if (policy === undefined) return null
  return {
    Rules: (policy.rules ?? []).map(({ succeededIndexes, succeededCount }) => ({
      SucceededIndexes: succeededIndexes ?? null,
      SucceededCount: succeededCount ?? null,
    })),
  }
}
