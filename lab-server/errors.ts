/**
 * An error that a person will read. Thrown where the cause is known, shown as it is; the cause goes to the log with the session's id.
 */
export class ReaderError extends Error {
  override name = 'ReaderError'
  /** Stable, for programs: `docker-not-running`, `too-many-sessions`. */
  readonly code: string
  /** The HTTP status that it answers a request with. */
  readonly status: number
  /** Seconds until it is worth trying again. */
  readonly retryAfter: number | undefined
  /** The field of the request that was wrong. */
  readonly field: string | undefined

  constructor(
    code: string,
    message: string,
    options: { status?: number; retryAfter?: number; field?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.status = options.status ?? 500
    this.retryAfter = options.retryAfter
    this.field = options.field
  }
}
