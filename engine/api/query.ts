import { managerErrors } from '../apply/manager-errors.ts'
import type { FieldError } from '../objects/field-error.ts'
import { forbiddenField, notSupported, requiredValue } from '../objects/field-error.ts'
import { FieldSelector } from '../objects/field-selector.ts'
import { goQuote } from '../objects/go-quote.ts'
import { LabelSelector } from '../objects/label-selector.ts'
import { badRequest, invalid } from '../objects/status-error.ts'
import { validateListOptions } from '../storage/options.ts'
import { isTrue } from './request-info.ts'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

/** meta/v1 `CreateOptions`, `UpdateOptions` and `PatchOptions`, checked. */
export interface WriteOptions {
  readonly dryRun: boolean
  /** Empty where the request does not say. */
  readonly fieldManager: string
  readonly fieldValidation: FieldValidation
  /** For applies only. */
  readonly force?: boolean
}

/** meta/v1 `ListOptions`, checked, with defaults as the API server sets them. */
export interface ListQuery {
  readonly labelSelector: LabelSelector
  readonly fieldSelector: FieldSelector
  readonly watch: boolean
  readonly allowWatchBookmarks: boolean
  readonly sendInitialEvents?: boolean
  readonly resourceVersion: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
  readonly timeoutSeconds?: number
  readonly limit?: number
  readonly continue: string
}

const DRY_RUNS = ['All']
const FIELD_VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn']

/** Throws 422, as upstream's validation of the options. `patch` is the type of the patch, if it is one. */
export function writeOptions(query: URLSearchParams, kind: string, patch?: 'apply' | 'other'): WriteOptions {
  if (query.size === 0 && patch !== 'apply') return NO_OPTIONS
  const fieldManager = query.get('fieldManager') ?? ''
  const fieldValidation = query.get('fieldValidation') ?? ''
  const force = query.get('force')
  const errors: FieldError[] = []
  if (patch === 'apply' && fieldManager === '') {
    errors.push(requiredValue('fieldManager', 'is required for apply patch'))
  }
  if (patch === 'other' && force !== null) {
    errors.push(forbiddenField('force', 'may not be specified for non-apply patch'))
  }
  errors.push(...managerErrors(fieldManager, 'fieldManager'), ...dryRunErrors(query))
  if (!FIELD_VALIDATIONS.includes(fieldValidation)) {
    errors.push(notSupported('fieldValidation', fieldValidation, FIELD_VALIDATIONS))
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors)
  return {
    dryRun: query.has('dryRun'),
    fieldManager,
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as FieldValidation),
    ...(force === null ? {} : { force: isTrue(force) }),
  }
}

const NO_OPTIONS: WriteOptions = { dryRun: false, fieldManager: '', fieldValidation: 'Warn' }

export function dryRunErrors(query: URLSearchParams): FieldError[] {
  const values = query.getAll('dryRun')
  return dryRunValueErrors(values)
}

export function dryRunValueErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => DRY_RUNS.includes(value)) ? [] : [notSupported('dryRun', values, DRY_RUNS)]
}

/** Throws 400 for what cannot be read and 422 for what contradicts itself. */
export function listQuery(query: URLSearchParams): ListQuery {
  const labelSelector = readSelector(query.get('labelSelector'), LabelSelector.parse, LabelSelector.everything)
  const fieldSelector = readSelector(query.get('fieldSelector'), FieldSelector.parse, FieldSelector.everything)
  const watch = isTrue(query.get('watch'))
  const resourceVersion = query.get('resourceVersion') ?? ''
  const timeoutSeconds = integer(query.get('timeoutSeconds'))
  const limit = integer(query.get('limit'))
  const asked = query.get('resourceVersionMatch') ?? ''
  const initial = query.get('sendInitialEvents')
  // Watches from no version in particular begin with what there is, and say when that is told.
  const legacy = watch && initial === null && asked === '' && (resourceVersion === '' || resourceVersion === '0')
  const sendInitialEvents = legacy ? true : initial === null ? undefined : isTrue(initial)
  const resourceVersionMatch = legacy ? 'NotOlderThan' : asked
  const token = query.get('continue') ?? ''
  validateListOptions({ watch, resourceVersion, resourceVersionMatch, continue: token, sendInitialEvents })
  return {
    labelSelector,
    fieldSelector,
    watch,
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    resourceVersion,
    continue: token,
    ...(sendInitialEvents === undefined ? {} : { sendInitialEvents }),
    ...(resourceVersionMatch === '' ? {} : { resourceVersionMatch: resourceVersionMatch as 'Exact' | 'NotOlderThan' }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(limit === undefined ? {} : { limit }),
  }
}

function readSelector<T>(text: string | null, parse: (text: string) => T, everything: T): T {
  if (text === null || text === '') return everything
  try {
    return parse(text)
  } catch (error) {
    throw badRequest((error as Error).message)
  }
}

const LARGEST_INT64 = 2n ** 63n

/** As Go's `strconv.ParseInt`. Throws 400. */
export function integer(text: string | null): number | undefined {
  if (text === null) return undefined
  const wrong = (why: string) => badRequest(`strconv.ParseInt: parsing ${goQuote(text)}: ${why}`)
  if (!/^[+-]?[0-9]+$/.test(text)) throw wrong('invalid syntax')
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  if (value >= LARGEST_INT64 || value < -LARGEST_INT64) throw wrong('value out of range')
  return Number(value)
}
