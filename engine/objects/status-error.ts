import { aggregate, type FieldError } from './field-error.ts'
import { goQuote } from './go-quote.ts'
import type { GroupKind, GroupResource } from './types.ts'

/** The reasons of meta/v1 `StatusReason`; empty where upstream gives none. */
export type StatusReason =
  | ''
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Invalid'
  | 'ServerTimeout'
  | 'Timeout'
  | 'TooManyRequests'
  | 'BadRequest'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'InternalError'
  | 'Expired'
  | 'ServiceUnavailable'

export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  /** The resource for most reasons, the kind for `Invalid`, as upstream. */
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** meta/v1 `Status`, what a failed request is answered with. */
export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: { readonly continue?: string }
  readonly status: 'Failure' | 'Success'
  readonly message?: string
  readonly reason?: string
  readonly details?: StatusDetails
  readonly code?: number
}

interface Extras {
  readonly details?: StatusDetails | undefined
  /** A token with which an expired list may go on, inconsistently. */
  readonly continue?: string
}

/** A failure as the API tells it: apimachinery's `StatusError`, message for message (1.34). */
export class StatusError extends Error {
  override name = 'StatusError'
  /** The HTTP status. */
  readonly code: number
  readonly reason: StatusReason
  readonly details: StatusDetails | undefined
  readonly continue: string | undefined

  constructor(code: number, reason: StatusReason, message: string, extras: Extras = {}) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = extras.details
    this.continue = extras.continue
  }

  /** The same failure with other words, for those who know more about it. */
  reworded(message: string): StatusError {
    return new StatusError(this.code, this.reason, message, {
      details: this.details,
      ...(this.continue === undefined ? {} : { continue: this.continue }),
    })
  }

  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continue === undefined ? {} : { continue: this.continue },
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    }
  }
}

/** `pods`, `deployments.apps`. */
export function resourceText({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`
}

/** `Pod`, `Deployment.apps`. */
export function kindText({ group, kind }: GroupKind): string {
  return group === '' ? kind : `${kind}.${group}`
}

export function notFound(of: GroupResource, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${resourceText(of)} ${goQuote(name)} not found`, {
    details: about(of, name),
  })
}

export function alreadyExists(of: GroupResource, name: string): StatusError {
  return new StatusError(409, 'AlreadyExists', `${resourceText(of)} ${goQuote(name)} already exists`, {
    details: about(of, name),
  })
}

/** No free name was found for a `generateName`. */
export function generateNameConflict(of: GroupResource, name: string, retryAfterSeconds: number): StatusError {
  const message = `${resourceText(of)} ${goQuote(name)} already exists, the server was not able to generate a unique name for the object`
  return new StatusError(409, 'AlreadyExists', message, { details: { ...about(of, name), retryAfterSeconds } })
}

export function conflict(of: GroupResource, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${resourceText(of)} ${goQuote(name)}: ${why}`
  return new StatusError(409, 'Conflict', message, { details: about(of, name) })
}

/** A server-side apply that would take fields from other managers. */
export function applyConflict(causes: readonly StatusCause[], message: string): StatusError {
  return new StatusError(409, 'Conflict', message, { details: { causes } })
}

/** A read of a version that is no longer kept. */
export function expired(message: string, continueToken?: string): StatusError {
  return new StatusError(410, 'Expired', message, continueToken === undefined ? {} : { continue: continueToken })
}

export function gone(message: string): StatusError {
  return new StatusError(410, 'Gone', message)
}

export function invalid(of: GroupKind, name: string, errors: readonly FieldError[]): StatusError {
  const causes = errors.map((error) => ({ reason: error.type, message: error.body, field: error.field }))
  const start = `${kindText(of)} ${goQuote(name)} is invalid`
  return new StatusError(422, 'Invalid', errors.length === 0 ? start : `${start}: ${aggregate(errors)}`, {
    details: {
      ...(name === '' ? {} : { name }),
      ...(of.group === '' ? {} : { group: of.group }),
      ...(of.kind === '' ? {} : { kind: of.kind }),
      ...(causes.length === 0 ? {} : { causes }),
    },
  })
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

export function unauthorized(message = 'Unauthorized'): StatusError {
  return new StatusError(401, 'Unauthorized', message)
}

/** Without a resource: about a path. Without a name: about all of a resource. */
export function forbidden(of: GroupResource, name: string, why: string): StatusError {
  const text = resourceText(of)
  const subject =
    text === '' ? 'forbidden' : name === '' ? `${text} is forbidden` : `${text} ${goQuote(name)} is forbidden`
  return new StatusError(403, 'Forbidden', `${subject}: ${why}`, { details: about(of, name) })
}

export function methodNotSupported(of: GroupResource, action: string): StatusError {
  const message = `${action} is not supported on resources of kind ${goQuote(resourceText(of))}`
  return new StatusError(405, 'MethodNotAllowed', message, { details: about(of, '') })
}

export function notAcceptable(message: string): StatusError {
  return new StatusError(406, 'NotAcceptable', message)
}

export function unsupportedMediaType(message: string): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', message)
}

export function requestEntityTooLarge(message: string): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`)
}

export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError(429, 'TooManyRequests', message, { details: retry(retryAfterSeconds) })
}

export function timeout(message: string, retryAfterSeconds: number, causes?: readonly StatusCause[]): StatusError {
  return new StatusError(504, 'Timeout', `Timeout: ${message}`, {
    details: { ...(causes === undefined ? {} : { causes }), ...retry(retryAfterSeconds) },
  })
}

/** A read that asks for a version that has not been written yet. */
export function tooLargeResourceVersion(asked: number, current: number, retryAfterSeconds: number): StatusError {
  return timeout(`Too large resource version: ${asked}, current: ${current}`, retryAfterSeconds, [
    { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' },
  ])
}

export function serviceUnavailable(message: string): StatusError {
  return new StatusError(503, 'ServiceUnavailable', message)
}

export function internalError(message: string): StatusError {
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, {
    details: { causes: [{ message }] },
  })
}

/** An error for which upstream has no reason: answered with 500 and its bare text. */
export function unclassified(message: string): StatusError {
  return new StatusError(500, '', message)
}

function about(of: GroupResource, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(of.group === '' ? {} : { group: of.group }),
    ...(of.resource === '' ? {} : { kind: of.resource }),
  }
}

const retry = (seconds: number): StatusDetails => (seconds === 0 ? {} : { retryAfterSeconds: seconds })
