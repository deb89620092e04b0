import { atMost100Percent, nonNegative, positiveIntOrPercent } from '../../objects/field-checks.ts'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../objects/field-error.ts'
import type { IntOrString } from '../../objects/int-or-string.ts'
import { percentErrors } from '../../objects/names.ts'
import type { Rolling, UpdateStrategy } from './types.ts'

/** How Pods are replaced when the template changes: apps' validation (1.34). */

/** The number of an amount or of its percentage; nothing of what is neither. */
function amountOf(value: IntOrString | undefined): number {
  if (value === undefined) return 0
  if (typeof value === 'number') return value
  if (percentErrors(value).length === 0) return Number.parseInt(value, 10)
  const number = Number(value)
  return Number.isInteger(number) && /^[-+]?[0-9]+$/.test(value) ? number : 0
}

export function deploymentStrategyErrors({ type = '', rollingUpdate }: UpdateStrategy, field: string): FieldError[] {
  const at = `${field}.rollingUpdate`
  switch (type) {
    case 'Recreate': {
      if (rollingUpdate === undefined) return []
      return [forbiddenField(at, "may not be specified when strategy `type` is 'Recreate'")]
    }
    case 'RollingUpdate':
      if (rollingUpdate === undefined) return [requiredValue(at, 'this should be defaulted and never be nil')]
      return rollingDeploymentErrors(rollingUpdate, at)
    default:
      return [notSupported(field, shown(type, rollingUpdate), ['Recreate', 'RollingUpdate'])]
  }
}

function rollingDeploymentErrors({ maxUnavailable = 0, maxSurge = 0 }: Rolling, field: string): FieldError[] {
  return [
    ...positiveIntOrPercent(`${field}.maxUnavailable`, maxUnavailable),
    ...positiveIntOrPercent(`${field}.maxSurge`, maxSurge),
    ...(amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0
      ? [invalidValue(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...atMost100Percent(`${field}.maxUnavailable`, maxUnavailable),
  ]
}

export function daemonSetStrategyErrors({ type = '', rollingUpdate }: UpdateStrategy, field: string): FieldError[] {
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate') return [notSupported(field, shown(type, rollingUpdate), ['RollingUpdate', 'OnDelete'])]
  const at = `${field}.rollingUpdate`
  if (rollingUpdate === undefined) return [requiredValue(at)]
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate
  const errors = [
    ...positiveIntOrPercent(`${at}.maxUnavailable`, maxUnavailable),
    ...positiveIntOrPercent(`${at}.maxSurge`, maxSurge),
    ...atMost100Percent(`${at}.maxUnavailable`, maxUnavailable),
    ...atMost100Percent(`${at}.maxSurge`, maxSurge),
  ]
  const [unavailable, surge] = [amountOf(maxUnavailable) !== 0, amountOf(maxSurge) !== 0]
  if (unavailable && surge) {
    errors.push(invalidValue(`${at}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  }
  if (!unavailable && !surge) errors.push(requiredValue(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  return errors
}

export function statefulSetStrategyErrors({ type = '', rollingUpdate }: UpdateStrategy, field: string): FieldError[] {
  switch (type) {
    case '':
      return [requiredValue(field)]
    case 'OnDelete': {
      if (rollingUpdate === undefined) return []
      const why = "only allowed for updateStrategy 'RollingUpdate'"
      return [invalidValue(`${field}.rollingUpdate`, partition(rollingUpdate), why)]
    }
    case 'RollingUpdate':
      return nonNegative(`${field}.rollingUpdate.partition`, rollingUpdate?.partition)
    default: {
      const value = { Type: type, RollingUpdate: rollingUpdate === undefined ? null : partition(rollingUpdate) }
      return [invalidValue(field, value, "must be 'RollingUpdate' or 'OnDelete'")]
    }
  }
}

/** As the API server's own types print them: by their Go names. */
const partition = (rolling: Rolling): object => ({
  Partition: rolling.partition ?? 0,
  MaxUnavailable: rolling.maxUnavailable ?? null,
})

function shown(type: string, rolling: Rolling | undefined): object {
  const { maxUnavailable = 0, maxSurge = 0 } = rolling ?? {}
  return {
    Type: type,
    RollingUpdate: rolling === undefined ? null : { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge },
  }
}
