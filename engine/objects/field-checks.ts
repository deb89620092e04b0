import { semanticallyEqual } from './equal.ts'
import {
  duplicateValue,
  type FieldError,
  invalidValue,
  notSupported,
  requiredValue,
  tooLongValue,
} from './field-error.ts'
import { dns1123SubdomainErrors, notMatching, percentErrors, qualifiedNameErrors } from './names.ts'

/** Checks of fields that kinds of many groups share, in apimachinery's and core's words (1.34). */

/** Each sentence as an error of the field. */
export function invalidEach(field: string, value: unknown, sentences: readonly string[]): FieldError[] {
  return sentences.map((sentence) => invalidValue(field, value, sentence))
}

export function nonNegative(field: string, value: number | undefined): FieldError[] {
  return (value ?? 0) < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : []
}

/** `shown` where upstream's message prints another form of the new value. */
export function immutable(field: string, now: unknown, before: unknown, shown: unknown = now): FieldError[] {
  return semanticallyEqual(now, before) ? [] : [invalidValue(field, shown ?? null, 'field is immutable')]
}

export function qualifiedName(field: string, value: string): FieldError[] {
  return invalidEach(field, value, qualifiedNameErrors(value))
}

/** A count of at least nothing, or a percentage from nothing to all: what PodDisruptionBudgets and rollouts take. */
export function positiveIntOrPercent(field: string, value: number | string): FieldError[] {
  return typeof value === 'number' ? nonNegative(field, value) : invalidEach(field, value, percentErrors(value))
}

export function atMost100Percent(field: string, value: number | string): FieldError[] {
  if (typeof value === 'number' || percentErrors(value).length > 0 || Number.parseInt(value, 10) <= 100) return []
  return [invalidValue(field, value, 'must not be greater than 100%')]
}

const httpPath = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const httpPathForm = new RegExp(`^${httpPath}$`)

/** `acme.io/foo`. */
export function domainPrefixedPath(field: string, value: string): FieldError[] {
  if (value === '') return [requiredValue(field)]
  const slash = value.indexOf('/')
  const host = value.slice(0, Math.max(slash, 0))
  const path = value.slice(slash + 1)
  if (slash < 0 || host === '' || path === '') {
    return [invalidValue(field, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  }
  const errors = invalidEach(field, host, dns1123SubdomainErrors(host))
  return httpPathForm.test(path)
    ? errors
    : [...errors, invalidValue(field, path, notMatching('Invalid path', httpPath))]
}

/** meta/v1 `Condition`. */
export interface Condition {
  readonly type: string
  readonly status: string
  readonly observedGeneration?: number
  readonly lastTransitionTime: string | null
  readonly reason: string
  readonly message: string
}

const reasonForm = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const wholeReason = new RegExp(`^${reasonForm}$`)
const reasonSentence = notMatching(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  reasonForm,
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
)
const longestReason = 1024
const longestMessage = 32 * 1024

/** meta/v1's `ValidateConditions`. */
export function conditionErrors(conditions: readonly Condition[] | undefined, field: string): FieldError[] {
  const seen = new Set<string>()
  return (conditions ?? []).flatMap((condition, index) => {
    const at = `${field}[${index}]`
    const twice = seen.has(condition.type) ? [duplicateValue(`${at}.type`, condition.type)] : []
    seen.add(condition.type)
    return [...twice, ...oneConditionErrors(condition, at)]
  })
}

function oneConditionErrors(condition: Condition, at: string): FieldError[] {
  const errors = invalidEach(`${at}.type`, condition.type, qualifiedNameErrors(condition.type))
  if (!['False', 'True', 'Unknown'].includes(condition.status)) {
    errors.push(notSupported(`${at}.status`, condition.status, ['False', 'True', 'Unknown']))
  }
  if ((condition.observedGeneration ?? 0) < 0) {
    const why = 'must be greater than or equal to zero'
    errors.push(invalidValue(`${at}.observedGeneration`, condition.observedGeneration, why))
  }
  if (condition.lastTransitionTime === null || condition.lastTransitionTime === '') {
    errors.push(requiredValue(`${at}.lastTransitionTime`))
  }
  if (condition.reason === '') errors.push(requiredValue(`${at}.reason`))
  else if (!wholeReason.test(condition.reason)) {
    errors.push(invalidValue(`${at}.reason`, condition.reason, reasonSentence))
  }
  if (condition.reason.length > longestReason) errors.push(tooLongValue(`${at}.reason`, longestReason))
  if (condition.message.length > longestMessage) errors.push(tooLongValue(`${at}.message`, longestMessage))
  return errors
}
