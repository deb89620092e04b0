import type { NetworkError, NetworkErrorCode } from './contract.ts'

/** As glibc's strerror and getaddrinfo say it. */
const TEXTS: Readonly<Record<NetworkErrorCode, string>> = {
  EADDRINUSE: 'Address already in use',
  EACCES: 'Permission denied',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EHOSTUNREACH: 'No route to host',
  ENETUNREACH: 'Network is unreachable',
  ENOTFOUND: 'Name or service not known',
  EPIPE: 'Broken pipe',
  ETIMEDOUT: 'Connection timed out',
  EAI_AGAIN: 'Temporary failure in name resolution',
}

class Failure extends Error implements NetworkError {
  override name = 'NetworkError'
  readonly code: NetworkErrorCode

  constructor(code: NetworkErrorCode) {
    super(TEXTS[code])
    this.code = code
  }
}

export function networkError(code: NetworkErrorCode): NetworkError {
  // A stack costs more than a whole connection, and says nothing: the code says what was the matter
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return new Failure(code)
  } finally {
    Error.stackTraceLimit = limit
  }
}

export function isNetworkError(error: unknown): error is NetworkError {
  return error instanceof Failure
}
