export type HttpFault =
  /** Not HTTP as RFC 9112 has it. */
  | 'malformed'
  /** A head or a body over its limit. */
  | 'too-large'
  /** Of HTTP, but not spoken here. */
  | 'unsupported'
  | 'timeout'
  /** The other side went before it had said all. */
  | 'closed'

export class HttpError extends Error {
  readonly fault: HttpFault
  /** What a server answers to it. */
  readonly status: number

  constructor(fault: HttpFault, message: string, status = 400) {
    super(message)
    this.name = 'HttpError'
    this.fault = fault
    this.status = status
  }
}
