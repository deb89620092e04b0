import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../objects/field-error.ts'
import type { ApiObject } from '../../objects/types.ts'
import { mandatoryLevelErrors } from './mandatory.ts'
import type { Exempt, Limited, PriorityLevelSpec, Queuing } from './types.ts'
import { flowConditionErrors } from './validation.ts'

const EXEMPT = 'exempt'
const PRESERVED_ZERO = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares'
const MOST_QUEUES = 10_000_000
/** Bits of the hash from which a hand of queues is dealt. */
const HASH_BITS = 60

export function priorityLevelErrors(object: ApiObject): FieldError[] {
  const { type, limited, exempt } = (object.spec ?? {}) as PriorityLevelSpec
  const errors: FieldError[] = []
  if (object.metadata.annotations?.[PRESERVED_ZERO] !== undefined) {
    errors.push(forbiddenField('metadata.annotations', `annotation '${PRESERVED_ZERO}' is forbidden`))
  }
  if ((object.metadata.name === EXEMPT) !== (type === 'Exempt')) {
    errors.push(invalidValue('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"))
  }
  switch (type) {
    case 'Exempt':
      if (limited !== undefined) {
        errors.push(forbiddenField('spec.limited', 'must be nil if the type is not Limited'))
      }
      if (exempt !== undefined) errors.push(...sharesErrors(exempt, 'spec.exempt'))
      break
    case 'Limited':
      if (exempt !== undefined) errors.push(forbiddenField('spec.exempt', 'must be nil if the type is Limited'))
      if (limited === undefined) {
        errors.push(requiredValue('spec.limited', 'must not be empty when type is Limited'))
      } else errors.push(...limitedErrors(limited, 'spec.limited'))
      break
    default:
      errors.push(notSupported('spec.type', type, ['Exempt', 'Limited']))
  }
  return [...errors, ...mandatoryLevelErrors(object), ...flowConditionErrors(object)]
}

function sharesErrors({ nominalConcurrencyShares: shares = 0, lendablePercent }: Exempt, field: string): FieldError[] {
  return [
    ...(shares < 0
      ? [invalidValue(`${field}.nominalConcurrencyShares`, shares, 'must be a non-negative integer')]
      : []),
    ...percentErrors(lendablePercent, `${field}.lendablePercent`),
  ]
}

function percentErrors(percent: number | undefined, field: string): FieldError[] {
  if (percent === undefined || (percent >= 0 && percent <= 100)) return []
  return [invalidValue(field, percent, 'must be between 0 and 100, inclusive')]
}

function limitedErrors(limited: Limited, field: string): FieldError[] {
  const { lendablePercent, borrowingLimitPercent: borrowed = 0 } = limited
  const shares = limited.nominalConcurrencyShares ?? 0
  return [
    ...(shares < 0
      ? [invalidValue(`${field}.nominalConcurrencyShares`, shares, 'must be a non-negative integer')]
      : []),
    ...responseErrors(limited.limitResponse ?? {}, `${field}.limitResponse`),
    ...percentErrors(lendablePercent, `${field}.lendablePercent`),
    ...(borrowed < 0
      ? [invalidValue(`${field}.borrowingLimitPercent`, borrowed, 'if specified, must be a non-negative integer')]
      : []),
  ]
}

function responseErrors({ type = '', queuing }: NonNullable<Limited['limitResponse']>, field: string): FieldError[] {
  const at = `${field}.queuing`
  switch (type) {
    case 'Reject':
      if (queuing === undefined) return []
      return [forbiddenField(at, 'must be nil if limited.limitResponse.type is not Limited')]
    case 'Queue':
      if (queuing !== undefined) return queuingErrors(queuing, at)
      return [requiredValue(at, 'must not be empty if limited.limitResponse.type is Limited')]
    default:
      return [notSupported(`${field}.type`, type, ['Queue', 'Reject'])]
  }
}

function queuingErrors({ queues = 0, handSize = 0, queueLengthLimit = 0 }: Queuing, field: string): FieldError[] {
  const errors: FieldError[] = []
  if (queueLengthLimit <= 0)
    errors.push(invalidValue(`${field}.queueLengthLimit`, queueLengthLimit, 'must be positive'))
  if (queues <= 0) errors.push(invalidValue(`${field}.queues`, queues, 'must be positive'))
  else if (queues > MOST_QUEUES) {
    errors.push(invalidValue(`${field}.queues`, queues, `must not be greater than ${MOST_QUEUES}`))
  }
  const wrong = handError(queues, handSize)
  return wrong === undefined ? errors : [...errors, invalidValue(`${field}.handSize`, handSize, wrong)]
}

function handError(queues: number, handSize: number): string | undefined {
  if (handSize <= 0) return 'must be positive'
  if (handSize > queues) return `should not be greater than queues (${queues})`
  if (Math.ceil(Math.log2(queues) * handSize) <= HASH_BITS) return undefined
  return `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS}`
}
