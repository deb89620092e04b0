/** Heads of HTTP/1.x messages, to and from text (RFC 9112), as strict as net/http where two readings are possible. */
import { HeaderList } from './header-list.ts'
import { HttpError } from './http-error.ts'
import { reasons } from './reasons.ts'

export interface RequestHead {
  readonly method: string
  /** As it was sent: `/path?query`, `http://host/path`, `*`. */
  readonly target: string
  readonly minor: 0 | 1
  readonly headers: HeaderList
}

export interface ResponseHead {
  readonly status: number
  readonly reason: string
  readonly minor: 0 | 1
  readonly headers: HeaderList
}

/** How a body's end is known. */
export type Framing =
  | { readonly by: 'length'; readonly length: number }
  | { readonly by: 'chunks' }
  | { readonly by: 'close' }

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VERSION = /^HTTP\/(\d)\.(\d)$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a value may not hold.
const NOT_IN_VALUE = /[\u0000-\u0008\u000a-\u001f\u007f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a target may not hold.
const NOT_IN_TARGET = /[\u0000-\u0020\u007f]/
/** A message has fewer; more is an attack. */
const MOST_FIELDS = 256

export function parseRequestHead(head: string): RequestHead {
  const [start, fields] = split(head)
  const parts = start.split(' ')
  const [method = '', target = '', version = ''] = parts
  if (parts.length !== 3 || !TOKEN.test(method) || target === '' || NOT_IN_TARGET.test(target)) {
    throw new HttpError('malformed', 'malformed HTTP request')
  }
  const minor = parseVersion(version)
  const headers = parseFields(fields)
  const hosts = headers.all('host')
  if (hosts.length > 1) throw new HttpError('malformed', 'too many Host headers')
  if (minor === 1 && hosts.length === 0) throw new HttpError('malformed', 'missing required Host header')
  return { method, target, minor, headers }
}

export function parseResponseHead(head: string): ResponseHead {
  const [start, fields] = split(head)
  const match = /^(HTTP\/\d\.\d) (\d{3})(?: (.*))?$/.exec(start)
  if (match === null) throw new HttpError('malformed', 'malformed HTTP response')
  const status = Number(match[2])
  if (status < 100) throw new HttpError('malformed', 'malformed HTTP status code')
  return { status, reason: match[3] ?? '', minor: parseVersion(match[1] as string), headers: parseFields(fields) }
}

function split(head: string): [string, string[]] {
  const [start = '', ...fields] = head.split('\n')
  return [start.endsWith('\r') ? start.slice(0, -1) : start, fields]
}

function parseVersion(version: string): 0 | 1 {
  const match = VERSION.exec(version)
  if (match === null) throw new HttpError('malformed', 'malformed HTTP version')
  if (match[1] !== '1') throw new HttpError('unsupported', 'unsupported protocol version', 505)
  return match[2] === '0' ? 0 : 1
}

export function parseFields(lines: readonly string[]): HeaderList {
  if (lines.length > MOST_FIELDS) throw new HttpError('too-large', 'too many header fields', 431)
  const headers = new HeaderList()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon))
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t\r]+$/g, '')
    if (!TOKEN.test(name) || NOT_IN_VALUE.test(value)) throw new HttpError('malformed', 'malformed header line')
    headers.append(name, value)
  }
  return headers
}

export function requestFraming(head: RequestHead): Framing {
  return framing(head.headers, head.minor) ?? { by: 'length', length: 0 }
}

/** Of the answer to a request of `method`. */
export function responseFraming(head: ResponseHead, method: string): Framing {
  if (method === 'HEAD' || !mayHaveBody(head.status)) return { by: 'length', length: 0 }
  return framing(head.headers, head.minor) ?? { by: 'close' }
}

export const mayHaveBody = (status: number): boolean => status >= 200 && status !== 204 && status !== 304

function framing(headers: HeaderList, minor: 0 | 1): Framing | undefined {
  const lengths = new Set(headers.all('content-length'))
  const codings = headers.all('transfer-encoding')
  if (codings.length > 0) {
    if (lengths.size > 0 || minor === 0) throw new HttpError('malformed', 'two ways to find the end of the body')
    if (codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked') {
      throw new HttpError('unsupported', 'unsupported transfer encoding', 501)
    }
    return { by: 'chunks' }
  }
  if (lengths.size === 0) return undefined
  const [length = ''] = lengths
  if (lengths.size > 1 || !/^\d{1,15}$/.test(length)) throw new HttpError('malformed', 'bad Content-Length')
  return { by: 'length', length: Number(length) }
}

/** Whether more messages follow on the connection. */
export function staysOpen(head: { readonly minor: 0 | 1; readonly headers: HeaderList }): boolean {
  if (head.headers.says('connection', 'close')) return false
  return head.minor === 1 || head.headers.says('connection', 'keep-alive')
}

export function requestText(method: string, target: string, minor: 0 | 1, headers: HeaderList): string {
  return `${method} ${target} HTTP/1.${minor}\r\n${fieldsText(headers)}\r\n`
}

export function responseText(status: number, minor: 0 | 1, headers: HeaderList, reason = reasons[status]): string {
  return `HTTP/1.${minor} ${status} ${reason ?? `status code ${status}`}\r\n${fieldsText(headers)}\r\n`
}

function fieldsText(headers: HeaderList): string {
  let text = ''
  for (const [name, value] of headers) text += `${name}: ${value.replace(/[\r\n]+/g, ' ')}\r\n`
  return text
}
