import { type FieldError, forbiddenField, notSupported } from '../objects/field-error.ts'
import { invalid } from '../objects/status-error.ts'

/** What a client asks of a list or a watch, before any of it is believed. */
export interface RawListOptions {
  readonly watch?: boolean | undefined
  readonly resourceVersion?: string | undefined
  readonly resourceVersionMatch?: string | undefined
  readonly continue?: string | undefined
  readonly sendInitialEvents?: boolean | undefined
}

const MATCH = 'resourceVersionMatch'
const WITH_CONTINUE = forbiddenField(MATCH, 'resourceVersionMatch is forbidden when continue is provided')

/** Throws 422 for options that contradict each other: apimachinery's `ValidateListOptions` (1.34, watch lists on). */
export function validateListOptions(options: RawListOptions): void {
  const errors = options.watch === true ? watchErrors(options) : listErrors(options)
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
}

function listErrors(options: RawListOptions): FieldError[] {
  const errors: FieldError[] = []
  const { resourceVersionMatch: match = '', resourceVersion = '' } = options
  if (match !== '') {
    if (resourceVersion === '') {
      errors.push(forbiddenField(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
    }
    if ((options.continue ?? '') !== '') errors.push(WITH_CONTINUE)
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']))
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(forbiddenField(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    }
  }
  if (options.sendInitialEvents !== undefined) {
    errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  }
  return errors
}

function watchErrors(options: RawListOptions): FieldError[] {
  const errors: FieldError[] = []
  const { resourceVersionMatch: match = '', sendInitialEvents } = options
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(forbiddenField(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  }
  if (match === '') return errors
  if (sendInitialEvents === undefined) {
    const detail = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'
    errors.push(forbiddenField(MATCH, detail))
  }
  if (match !== 'NotOlderThan') errors.push(notSupported(MATCH, match, ['NotOlderThan']))
  if ((options.continue ?? '') !== '') errors.push(WITH_CONTINUE)
  return errors
}
