import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  requiredValue,
} from '../../objects/field-error.ts'
import { qualifiedNameErrors } from '../../objects/names.ts'
import { Quantity } from '../../objects/quantity.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { createdAt } from '../created-at.ts'
import { mapSame } from '../defaulting.ts'
import { defineKind, type Schemas } from '../define.ts'
import { isOvercommitAllowed } from '../pod/resources.ts'
import type { ResourceDefinition } from '../resource.ts'
import { containerResourceNameErrors, resourceNameErrors, sortedResources } from '../resource-names.ts'
import { roundedAt } from './rounded.ts'

type Amounts = Readonly<Record<string, string>>

interface Limit {
  readonly type: string
  readonly max?: Amounts
  readonly min?: Amounts
  readonly default?: Amounts
  readonly defaultRequest?: Amounts
  readonly maxLimitRequestRatio?: Amounts
}

const limitsOf = ({ spec }: NewObject): readonly Limit[] =>
  (spec as { readonly limits?: readonly Limit[] | null } | undefined)?.limits ?? []

/** core/v1 LimitRange (1.34). */
export function limitRanges(schemas: Schemas): ResourceDefinition {
  return defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'LimitRange',
    resource: 'limitranges',
    metadataChecks: { again: 1, onChange: false },
    createOnUpdate: true,
    default: defaultLimitRange,
    validate: limitRangeErrors,
    printer: createdAt,
  })
}

function defaultLimitRange(object: NewObject): NewObject {
  const limits = limitsOf(object)
  const full = mapSame(limits, (limit) => defaultLimit(roundedAt(limit, ...PARTS)))
  return full === limits ? object : { ...object, spec: { ...(object.spec as object), limits: full } }
}

/** A container's limit is the most that it may have; its request is its limit, else the least. */
function defaultLimit(limit: Limit): Limit {
  if (limit.type !== 'Container') return limit
  const limits = { ...limit.max, ...limit.default }
  const requests = { ...limit.min, ...limits, ...limit.defaultRequest }
  return {
    ...limit,
    ...(Object.keys(limits).length === 0 ? {} : { default: limits }),
    ...(Object.keys(requests).length === 0 ? {} : { defaultRequest: requests }),
  }
}

const TYPES = ['Container', 'PersistentVolumeClaim', 'Pod']
const PARTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const
type Part = (typeof PARTS)[number]

function limitRangeErrors(object: ApiObject): FieldError[] {
  const seen = new Set<string>()
  return limitsOf(object).flatMap((limit, index) => {
    const at = `spec.limits[${index}]`
    const errors = typeErrors(`${at}.type`, limit.type)
    if (seen.has(limit.type)) errors.push(duplicateValue(`${at}.type`, limit.type))
    seen.add(limit.type)
    return [...errors, ...partErrors(limit, at), ...amountErrors(limit, at)]
  })
}

function typeErrors(field: string, type: string): FieldError[] {
  const errors = qualifiedNameErrors(type).map((why) => invalidValue(field, type, why))
  if (errors.length > 0 || type.includes('/') || TYPES.includes(type)) return errors
  return [invalidValue(field, type, 'must be a standard limit type or fully qualified')]
}

function partErrors(limit: Limit, at: string): FieldError[] {
  const nameErrors = ['Pod', 'Container'].includes(limit.type) ? containerResourceNameErrors : resourceNameErrors
  const pod = limit.type === 'Pod'
  return PARTS.flatMap((part) => {
    const amounts = sortedResources(limit[part])
    if (pod && (part === 'default' || part === 'defaultRequest')) {
      return amounts.length === 0 ? [] : [forbiddenField(`${at}.${part}`, "may not be specified when `type` is 'Pod'")]
    }
    const errors = amounts.flatMap(([name]) => nameErrors(`${at}.${part}[${name}]`, name))
    return part === 'maxLimitRequestRatio' ? [...storageErrors(limit, at), ...errors] : errors
  })
}

function storageErrors({ type, min, max }: Limit, at: string): FieldError[] {
  if (type !== 'PersistentVolumeClaim' || min?.storage !== undefined || max?.storage !== undefined) return []
  const why = 'either minimum or maximum storage value is required, but neither was provided'
  return [requiredValue(`${at}.limits`, why)]
}

function amountErrors(limit: Limit, at: string): FieldError[] {
  const pod = limit.type === 'Pod'
  const parts: readonly Part[] = pod ? PARTS.filter((part) => part !== 'default' && part !== 'defaultRequest') : PARTS
  const names = [...new Set(parts.flatMap((part) => Object.keys(limit[part] ?? {})))].sort()
  return names.flatMap((name) => {
    const of = (part: Part): Quantity | undefined => {
      const text = parts.includes(part) ? limit[part]?.[name] : undefined
      return text === undefined ? undefined : Quantity.fromJson(text)
    }
    return [...orderErrors(of, at, name), ...ratioErrors(of, at, name), ...equalErrors(of, at, name)]
  })
}

type Read = (part: Part) => Quantity | undefined

/** Least, default request, default limit and most must stand in that order. The value shown is not always the field's own: as upstream. */
const orders = [
  ['min', 'min value', 'max', 'max value', 'min', 'min'],
  ['min', 'min value', 'defaultRequest', 'default request value', 'defaultRequest', 'defaultRequest'],
  ['defaultRequest', 'default request value', 'max', 'max value', 'defaultRequest', 'defaultRequest'],
  ['defaultRequest', 'default request value', 'default', 'default limit value', 'defaultRequest', 'defaultRequest'],
  ['min', 'min value', 'default', 'default value', 'default', 'min'],
  ['default', 'default value', 'max', 'max value', 'default', 'max'],
] as const

function orderErrors(of: Read, at: string, name: string): FieldError[] {
  return orders.flatMap(([less, lessName, more, moreName, part, shown]) => {
    const low = of(less)
    const high = of(more)
    if (low === undefined || high === undefined || low.compare(high) <= 0) return []
    const why = `${lessName} ${low} is greater than ${moreName} ${high}`
    return [invalidValue(`${at}.${part}[${name}]`, of(shown), why)]
  })
}

/** Beyond it thousandths do not fit in an int64. */
const MOST_MILLI = (2 ** 63 - 1) / 1000

function ratioErrors(of: Read, at: string, name: string): FieldError[] {
  const ratio = of('maxLimitRequestRatio')
  if (ratio === undefined) return []
  const field = `${at}.maxLimitRequestRatio[${name}]`
  const errors: FieldError[] = []
  if (ratio.compare(Quantity.of(1)) < 0) errors.push(invalidValue(field, ratio, `ratio ${ratio} is less than 1`))
  const least = of('min')
  const most = of('max')
  if (least === undefined || most === undefined) return errors
  const small = [ratio, least, most].every((quantity) => quantity.value() < MOST_MILLI)
  const value = small ? ratio.milliValue() / 1000 : ratio.value()
  const bound = small ? most.milliValue() / least.milliValue() : most.value() / least.value()
  if (value > bound) {
    errors.push(invalidValue(field, ratio, `ratio ${ratio} is greater than max/min = ${bound.toFixed(6)}`))
  }
  return errors
}

/** What cannot be promised twice is requested as it is limited. */
function equalErrors(of: Read, at: string, name: string): FieldError[] {
  const limit = of('default')
  const request = of('defaultRequest')
  if (isOvercommitAllowed(name) || limit === undefined || request === undefined || limit.equals(request)) return []
  const why = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`
  return [invalidValue(`${at}.defaultRequest[${name}]`, request, why)]
}
