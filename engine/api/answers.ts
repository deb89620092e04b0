import { internalError, type Status, StatusError } from '../objects/status-error.ts'
import type { ApiRequest, WholeResponse } from './http.ts'
import { type Accepted, isPretty, negotiate } from './negotiation.ts'
import type { Warnings } from './warnings.ts'
import { yamlText } from './yaml-text.ts'

type Headers = Record<string, string | readonly string[]>

/** What every answer of the API carries: nothing of it may be kept by caches. */
const NOT_CACHED = { 'Cache-Control': 'no-cache, private' } as const

/** An object as it was asked for. `json` is the object's text where there is one already, in parts for lists. */
export function answer(
  accepted: Accepted,
  status: number,
  json: string | readonly string[],
  warnings?: Warnings,
): WholeResponse {
  const headers: Headers = { ...NOT_CACHED, ...warnings?.headers() }
  if (accepted.format === 'yaml') {
    headers['Content-Type'] = 'application/yaml'
    return { kind: 'whole', status, headers, body: yamlText(JSON.parse(joined(json))) }
  }
  headers['Content-Type'] = 'application/json'
  if (accepted.pretty) {
    return { kind: 'whole', status, headers, body: JSON.stringify(JSON.parse(joined(json)), null, 2) }
  }
  return { kind: 'whole', status, headers, body: typeof json === 'string' ? `${json}\n` : [...json, '\n'] }
}

const joined = (json: string | readonly string[]): string => (typeof json === 'string' ? json : json.join(''))

/** JSON that is no object of the API, as `/version`: for people first. */
export function rawJson(value: unknown, headers: Headers = {}): WholeResponse {
  return {
    kind: 'whole',
    status: 200,
    headers: { ...NOT_CACHED, 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(value, null, 2),
  }
}

export function plainText(status: number, text: string, headers: Headers = {}): WholeResponse {
  return {
    kind: 'whole',
    status,
    headers: {
      ...NOT_CACHED,
      'Content-Type': 'text/plain; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
      ...headers,
    },
    body: text,
  }
}

/** What nobody serves: Go's own answer. */
export function pageNotFound(): WholeResponse {
  return plainText(404, '404 page not found\n')
}

/** A path of a group that is served, but nothing is there. */
export function resourceNotFound(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', { details: {} })
}

export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource'
  return new StatusError(405, 'MethodNotAllowed', message, { details: {} })
}

/**
 * A failure as a Status. What is no StatusError is a fault of ours: `report` hears of it, the client gets a 500. That nobody waits
 * for the answer any more is no fault.
 */
export function failure(
  error: unknown,
  request: ApiRequest,
  report: (error: unknown) => void,
  warnings?: Warnings,
): WholeResponse {
  let told: StatusError
  if (error instanceof StatusError) told = error
  else {
    if (error !== request.signal.reason) report(error)
    told = internalError(error instanceof Error ? error.message : String(error))
  }
  const status = told.toStatus()
  const response = answer(acceptedForErrors(request), told.code, statusText(status), warnings)
  const retryAfter = status.details?.retryAfterSeconds ?? 0
  const headers: Headers = { ...response.headers }
  if (retryAfter > 0) headers['Retry-After'] = String(retryAfter)
  if (told.code === 403) headers['X-Content-Type-Options'] = 'nosniff'
  return { ...response, headers }
}

/** Details without anything in them are shown only where upstream makes them. */
export function statusText(status: Status): string {
  return JSON.stringify(status)
}

function acceptedForErrors(request: ApiRequest): Accepted {
  try {
    return negotiate(request, false)
  } catch {
    return { format: 'json', pretty: isPretty(request) }
  }
}
