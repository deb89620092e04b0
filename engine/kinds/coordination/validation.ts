import { invalidEach } from '../../objects/field-checks.ts'
import { type FieldError, forbiddenField, invalidValue, notSupported } from '../../objects/field-error.ts'
import { qualifiedNameErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'

export interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
  readonly leaseTransitions?: number
  readonly strategy?: string
  readonly preferredHolder?: string
}

const STRATEGIES = ['OldestEmulationVersion']

export function leaseErrors(object: ApiObject): FieldError[] {
  const spec = (object.spec ?? {}) as LeaseSpec
  const { leaseDurationSeconds: seconds, leaseTransitions: transitions, strategy, preferredHolder = '' } = spec
  const errors: FieldError[] = []
  if (seconds !== undefined && seconds <= 0) {
    errors.push(invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0'))
  }
  if (transitions !== undefined && transitions < 0) {
    errors.push(invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'))
  }
  if (strategy !== undefined) errors.push(...strategyErrors(strategy, 'spec.strategy.strategy'))
  if (preferredHolder !== '' && (strategy ?? '') === '') {
    errors.push(forbiddenField('spec.preferredHolder', 'may only be specified if `strategy` is defined'))
  }
  return errors
}

function strategyErrors(strategy: string, field: string): FieldError[] {
  if (strategy.includes('/')) return invalidEach(field, strategy, qualifiedNameErrors(strategy))
  return STRATEGIES.includes(strategy) ? [] : [notSupported(field, strategy, STRATEGIES)]
}
