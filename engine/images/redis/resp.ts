/** RESP, versions 2 and 3: what clients and servers of Redis say to each other. */
import type { Socket } from '../../network/contract.ts'
import { ByteReader } from '../../network/http/byte-reader.ts'
import { decode, toBytes } from '../../objects/bytes.ts'

/** A value of the protocol. Strings are bulk strings where they are not said to be simple. */
export type Reply =
  | null
  | number
  | string
  | readonly Reply[]
  | { readonly simple: string }
  | { readonly error: string }
  /** Pairs: a map of RESP3, a flat array of RESP2. */
  | { readonly map: readonly (readonly [Reply, Reply])[] }
  /** A set of RESP3, an array of RESP2. */
  | { readonly set: readonly Reply[] }
  /** A push of RESP3, an array of RESP2. */
  | { readonly push: readonly Reply[] }
  | { readonly double: number }
  /** An array that is not there, unlike a string that is not. */
  | { readonly nothing: true }

export const OK: Reply = { simple: 'OK' }

export function encodeReply(reply: Reply, version: 2 | 3): string {
  if (reply === null) return version === 3 ? '_\r\n' : '$-1\r\n'
  if (typeof reply === 'number') return `:${reply}\r\n`
  if (typeof reply === 'string') return bulk(reply)
  if (isList(reply)) return list('*', reply, version)
  if ('simple' in reply) return `+${reply.simple}\r\n`
  if ('error' in reply) return `-${reply.error.replace(/[\r\n]+/g, ' ')}\r\n`
  if ('set' in reply) return list(version === 3 ? '~' : '*', reply.set, version)
  if ('push' in reply) return list(version === 3 ? '>' : '*', reply.push, version)
  if ('double' in reply) return version === 3 ? `,${doubleText(reply.double)}\r\n` : bulk(doubleText(reply.double))
  if ('nothing' in reply) return version === 3 ? '_\r\n' : '*-1\r\n'
  if (version === 2) return list('*', reply.map.flat(), version)
  return `%${reply.map.length}\r\n${reply.map.map(([key, value]) => encodeReply(key, 3) + encodeReply(value, 3)).join('')}`
}

export const isList = (reply: Reply): reply is readonly Reply[] => Array.isArray(reply)

function list(mark: string, items: readonly Reply[], version: 2 | 3): string {
  return `${mark}${items.length}\r\n${items.map((item) => encodeReply(item, version)).join('')}`
}

/** Strings are held as text in which each character is a byte, so that any bytes come back as they were. */
const bulk = (value: string): string => `$${value.length}\r\n${value}\r\n`

export function doubleText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf'
  if (value === Number.NEGATIVE_INFINITY) return '-inf'
  if (Number.isInteger(value) && Math.abs(value) < 1e17) return String(value)
  return String(value).replace(/e\+?(-?)(\d)$/, 'e$1$2')
}

/** Bytes as text of one character each, and back. */
export function binary(bytes: Uint8Array): string {
  let value = ''
  for (let at = 0; at < bytes.length; at += 8192) value += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return value
}

export function bytesOf(value: string): Uint8Array {
  const bytes = new Uint8Array(value.length)
  for (let at = 0; at < value.length; at++) bytes[at] = value.charCodeAt(at)
  return bytes
}

export const fromUtf8 = (value: string): string => binary(toBytes(value))
export const toUtf8 = (value: string): string => decode(bytesOf(value))

export class ProtocolError extends Error {}

/** Bytes: of a bulk string; of a line. Redis' own limits, the first a good deal smaller. */
const LONGEST_BULK = 32 * 1024 * 1024
const LONGEST_LINE = 64 * 1024
const MOST_ITEMS = 1024 * 1024

/** The next command, or null when the client has gone; an empty one for an empty line. Throws ProtocolError. */
export async function readCommand(reader: ByteReader): Promise<string[] | null> {
  const first = await reader.some(1)
  if (first === null) return null
  const line = await lineOf(reader, 'too big mbulk count string')
  if (first[0] !== 42) return inlineWords(binary(first) + line)
  const count = wholeNumber(line)
  if (count === undefined || count > MOST_ITEMS) throw new ProtocolError('Protocol error: invalid multibulk length')
  const words: string[] = []
  for (let index = 0; index < count; index++) {
    const head = await lineOf(reader, 'too big bulk count string')
    if (head[0] !== '$') throw new ProtocolError(`Protocol error: expected '$', got '${head[0] ?? ' '}'`)
    const length = wholeNumber(head.slice(1))
    if (length === undefined || length < 0 || length > LONGEST_BULK) {
      throw new ProtocolError('Protocol error: invalid bulk length')
    }
    const bytes = await reader.exactly(length + 2)
    words.push(binary(bytes.subarray(0, length)))
  }
  return words
}

async function lineOf(reader: ByteReader, tooLong: string): Promise<string> {
  try {
    return await reader.line(LONGEST_LINE)
  } catch (error) {
    if (error instanceof Error && 'fault' in error && error.fault === 'too-large')
      throw new ProtocolError(`Protocol error: ${tooLong}`)
    throw error
  }
}

const wholeNumber = (value: string): number | undefined => (/^-?\d{1,15}$/.test(value) ? Number(value) : undefined)

/** Words of a line as redis-cli and telnet users type them: quotes hold words together. */
export function inlineWords(line: string): string[] {
  const words: string[] = []
  let at = 0
  for (;;) {
    while (/\s/.test(line[at] ?? '')) at++
    if (at >= line.length) return words
    let word = ''
    for (; at < line.length && !/\s/.test(line[at] as string); ) {
      const char = line[at++] as string
      if (char !== '"' && char !== "'") {
        word += char
        continue
      }
      for (;;) {
        const inner = line[at++]
        if (inner === undefined) throw new ProtocolError('Protocol error: unbalanced quotes in request')
        if (inner === char) break
        if (inner !== '\\' || (char === "'" && line[at] !== "'")) word += inner
        else {
          const hex = char === '"' ? /^x([0-9a-fA-F]{2})/.exec(line.slice(at)) : null
          if (hex !== null) {
            word += String.fromCharCode(Number.parseInt(hex[1] as string, 16))
            at += 3
          } else {
            const next = line[at++] ?? ''
            word += char === '"' ? (ESCAPES[next] ?? next) : next
          }
        }
      }
      if (at < line.length && !/\s/.test(line[at] as string)) {
        throw new ProtocolError('Protocol error: unbalanced quotes in request')
      }
    }
    words.push(word)
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\u0007' }

/** What a server says. Throws ProtocolError, and HttpError `closed` at an early end. */
export async function readReply(reader: ByteReader): Promise<Reply> {
  const line = await reader.line(LONGEST_LINE)
  const rest = line.slice(1)
  switch (line[0]) {
    case '+':
      return { simple: rest }
    case '-':
      return { error: rest }
    case ':':
      return Number(rest)
    case ',':
      return {
        double: rest === 'inf' ? Number.POSITIVE_INFINITY : rest === '-inf' ? Number.NEGATIVE_INFINITY : Number(rest),
      }
    case '_':
      return null
    case '#':
      return rest === 't' ? 1 : 0
    case '$': {
      const length = Number(rest)
      if (length < 0) return null
      return binary((await reader.exactly(length + 2)).subarray(0, length))
    }
    case '*':
    case '~':
    case '>': {
      const count = Number(rest)
      if (count < 0) return { nothing: true }
      const items: Reply[] = []
      for (let index = 0; index < count; index++) items.push(await readReply(reader))
      return line[0] === '*' ? items : line[0] === '~' ? { set: items } : { push: items }
    }
    case '%': {
      const map: [Reply, Reply][] = []
      for (let left = Number(rest); left > 0; left--) map.push([await readReply(reader), await readReply(reader)])
      return { map }
    }
    default:
      throw new ProtocolError(`Protocol error, got ${JSON.stringify(line[0] ?? '')} as reply type byte`)
  }
}

/** Asks one thing after the other. */
export class RedisConnection {
  readonly socket: Socket
  readonly #reader: ByteReader

  constructor(socket: Socket) {
    this.socket = socket
    this.#reader = new ByteReader(socket)
  }

  /** Words are bytes, as `binary` has them. */
  async ask(words: readonly string[]): Promise<Reply> {
    await this.send(words)
    return this.next()
  }

  send(words: readonly string[]): Promise<void> {
    return this.socket.write(bytesOf(encodeReply([...words], 2)))
  }

  next(): Promise<Reply> {
    return readReply(this.#reader)
  }

  close(): void {
    this.socket.end()
    this.socket.destroy()
  }
}
