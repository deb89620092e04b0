/** From whatever was thrown to what a reader is told. */
import type { z } from 'zod'
import type { ErrorBody } from '../../protocol/session.ts'
import { ReaderError } from '../errors.ts'

export interface Problem {
  status: number
  body: ErrorBody
  /** Whether it is our fault, so that the log needs the detail. */
  unexpected: boolean
}

export function problemOf(error: unknown): Problem {
  const known = asReaderError(error)
  if (!known) {
    const message = 'Something went wrong in the lab server; its log has the detail.'
    return { status: 500, body: { error: { code: 'internal', message } }, unexpected: true }
  }
  return {
    status: known.status,
    body: {
      error: {
        code: known.code,
        message: known.message,
        ...(known.field === undefined ? {} : { field: known.field }),
        ...(known.retryAfter === undefined ? {} : { retryAfter: known.retryAfter }),
      },
    },
    unexpected: known.status === 500,
  }
}

function asReaderError(error: unknown): ReaderError | undefined {
  if (error instanceof ReaderError) return error
  if (!(error instanceof Error) || !('code' in error)) return undefined
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ReaderError('too-large', 'The request is larger than this server takes.', { status: 413 })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ReaderError('invalid-request', 'The request must be JSON (Content-Type: application/json).', {
        status: 415,
      })
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ReaderError('invalid-request', 'The body of the request is not valid JSON.', {
        status: 400,
        field: 'body',
      })
    case 'FST_ERR_BAD_URL':
      return new ReaderError('invalid-request', 'The address of the request is malformed.', { status: 400 })
    default:
      // Of secure-json-parse, for `__proto__` and `constructor.prototype` as keys.
      return 'statusCode' in error && error.statusCode === 400
        ? new ReaderError('invalid-request', 'The request is malformed.', { status: 400, field: 'body' })
        : undefined
  }
}

/** @throws {ReaderError} invalid-request (400) with the first field that is wrong */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys : []
  const field = [...(issue?.path ?? []), ...unknown.slice(0, 1)].join('.') || 'body'
  throw new ReaderError('invalid-request', `The request's ${field} is not right: ${issue?.message ?? 'invalid'}.`, {
    status: 400,
    field,
  })
}
