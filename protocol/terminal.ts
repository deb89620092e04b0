/**
 * The frames of a terminal's WebSocket: one byte of kind, then the payload. All binary.
 *
 * | from | kind | payload |
 * |---|---|---|
 * | page | 0x01 hello | JSON {@link Hello}; must be the first frame |
 * | page | 0x02 input | bytes for the shell |
 * | page | 0x03 resize | columns and rows, two unsigned 16-bit integers, big-endian |
 * | page | 0x04 acknowledge | offset up to which output was drawn, a float64, big-endian |
 * | server | 0x11 welcome | JSON {@link Welcome} |
 * | server | 0x12 output | offset of the first byte, a float64, big-endian, then the bytes |
 * | server | 0x13 exited | JSON {@link Exited}; the last frame |
 * | server | 0x14 size | columns and rows of somebody else's terminal, as in resize; only to a host who looks on |
 *
 * Offsets count the bytes a shell has written since it started, so that a page that comes back says how far it got and is
 * sent the rest. A float64 holds integers up to 2^53 bytes exactly.
 */

export interface Hello {
  /** From the last welcome, or absent on the first visit. A different epoch means the offsets are of another count. */
  epoch?: string
  /** Bytes of this epoch that the page has already drawn. */
  offset: number
  cols: number
  rows: number
  /** Chosen at random by the page for each terminal that it shows, the same over all its connections: its input is counted by it. */
  page?: string
}

export interface Welcome {
  epoch: string
  /** Where the output that follows begins. Larger than the offset asked for if the server no longer has what lies between. */
  offset: number
  /** Output before this offset is a replay: the terminal must not answer queries in it. */
  live: number
  /**
   * Bytes of input that have come from this page over all its connections: what it sent beyond was lost on the way. Only in
   * the answer to a hello, and only if its page is known here.
   */
  taken?: number
}

export interface Exited {
  /** The shell's exit code; null if it is not known. */
  code: number | null
}

export type ClientFrame =
  | { kind: 'hello'; hello: Hello }
  | { kind: 'input'; data: Uint8Array }
  | { kind: 'resize'; cols: number; rows: number }
  | { kind: 'acknowledge'; offset: number }

export type ServerFrame =
  | { kind: 'welcome'; welcome: Welcome }
  | { kind: 'output'; offset: number; data: Uint8Array }
  | { kind: 'exited'; exited: Exited }
  | { kind: 'size'; cols: number; rows: number }

/**
 * An escape sequence in a shell's output that is meant for the page: `ESC ] 7117 ; … BEL` with
 *
 * - `edit;<id>;<path>`: `lab edit` waits for this file of the home to be edited in the panel Files. The path is below the home, in
 *   base64 of UTF-8. The page answers with `POST /api/sessions/:id/files/edits/<id>` (protocol/files.ts).
 * - `end;<id>`: it waits no longer, whoever ended it.
 *
 * Any program can write them, a Pod's log too: a page shows a file by them, and no more. In a replay they mean nothing.
 */
export const PAGE_OSC = 7117

/** Close codes of a terminal's socket beyond the standard ones. */
export const closeCodes = {
  /** A frame that is not of this protocol. */
  protocol: 4400,
  /** Not this reader's session, or the session is over. */
  forbidden: 4403,
  /** No such shell. */
  unknownShell: 4404,
  /** No hello within the time allowed. */
  helloTimeout: 4408,
  /** More than the shell can take in. */
  tooMuch: 4413,
} as const

const HELLO = 0x01
const INPUT = 0x02
const RESIZE = 0x03
const ACKNOWLEDGE = 0x04
const WELCOME = 0x11
const OUTPUT = 0x12
const EXITED = 0x13
const SIZE = 0x14

/** Largest frame a page may send, in bytes. A larger paste is sent in several. */
export const MAX_CLIENT_FRAME = 64 * 1024
/** Terminal sizes outside these are refused, as a program that allocates by them would suffer. */
export const MAX_COLUMNS = 1000
export const MAX_ROWS = 1000

/** Thrown by the decoders; the message says what was wrong with the frame. */
export class FrameError extends Error {
  override name = 'FrameError'
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

function withKind(kind: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(1 + payload.length)
  frame[0] = kind
  frame.set(payload, 1)
  return frame
}

function withSize(kind: number, { cols, rows }: { cols: number; rows: number }): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(5)
  const view = new DataView(frame.buffer)
  view.setUint8(0, kind)
  view.setUint16(1, cols)
  view.setUint16(3, rows)
  return frame
}

const withJson = (kind: number, value: unknown) => withKind(kind, encoder.encode(JSON.stringify(value)))

export function encodeClientFrame(frame: ClientFrame): Uint8Array<ArrayBuffer> {
  switch (frame.kind) {
    case 'hello':
      return withJson(HELLO, frame.hello)
    case 'input':
      return withKind(INPUT, frame.data)
    case 'resize':
      return withSize(RESIZE, frame)
    case 'acknowledge': {
      const bytes = new Uint8Array(9)
      const view = new DataView(bytes.buffer)
      view.setUint8(0, ACKNOWLEDGE)
      view.setFloat64(1, frame.offset)
      return bytes
    }
  }
}

/** @throws {FrameError} if the bytes are not a frame that a page may send. */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  if (bytes.length === 0) throw new FrameError('empty frame')
  if (bytes.length > MAX_CLIENT_FRAME) throw new FrameError('frame too large')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (bytes[0]) {
    case HELLO:
      return { kind: 'hello', hello: readHello(readJson(bytes)) }
    case INPUT:
      return { kind: 'input', data: bytes.subarray(1) }
    case RESIZE:
      if (bytes.length !== 5) throw new FrameError('resize: expected 4 bytes')
      return { kind: 'resize', ...readSize(view.getUint16(1), view.getUint16(3)) }
    case ACKNOWLEDGE:
      if (bytes.length !== 9) throw new FrameError('acknowledge: expected 8 bytes')
      return { kind: 'acknowledge', offset: readOffset(view.getFloat64(1)) }
    default:
      throw new FrameError('unknown kind of frame')
  }
}

export function encodeServerFrame(frame: ServerFrame): Uint8Array<ArrayBuffer> {
  switch (frame.kind) {
    case 'welcome':
      return withJson(WELCOME, frame.welcome)
    case 'output': {
      const bytes = new Uint8Array(9 + frame.data.length)
      const view = new DataView(bytes.buffer)
      view.setUint8(0, OUTPUT)
      view.setFloat64(1, frame.offset)
      bytes.set(frame.data, 9)
      return bytes
    }
    case 'exited':
      return withJson(EXITED, frame.exited)
    case 'size':
      return withSize(SIZE, frame)
  }
}

/** @throws {FrameError} if the bytes are not a frame that a server sends. */
export function decodeServerFrame(bytes: Uint8Array): ServerFrame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  switch (bytes[0]) {
    case WELCOME:
      return { kind: 'welcome', welcome: readJson(bytes) as Welcome }
    case OUTPUT:
      if (bytes.length < 9) throw new FrameError('output: expected an offset')
      return { kind: 'output', offset: view.getFloat64(1), data: bytes.subarray(9) }
    case EXITED:
      return { kind: 'exited', exited: readJson(bytes) as Exited }
    case SIZE:
      if (bytes.length !== 5) throw new FrameError('size: expected 4 bytes')
      return { kind: 'size', ...readSize(view.getUint16(1), view.getUint16(3)) }
    default:
      throw new FrameError('unknown kind of frame')
  }
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes.subarray(1)))
  } catch {
    throw new FrameError('expected JSON')
  }
}

function readHello(value: unknown): Hello {
  if (typeof value !== 'object' || value === null) throw new FrameError('hello: expected an object')
  const { epoch, offset, cols, rows, page } = value as Record<string, unknown>
  if (epoch !== undefined && (typeof epoch !== 'string' || epoch.length > 64)) throw new FrameError('hello: epoch')
  if (page !== undefined && (typeof page !== 'string' || page.length > 64)) throw new FrameError('hello: page')
  return {
    ...(epoch === undefined ? {} : { epoch }),
    ...(page === undefined ? {} : { page }),
    offset: readOffset(offset),
    ...readSize(cols, rows),
  }
}

function readOffset(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new FrameError('offset: expected a count of bytes')
  return value as number
}

function readSize(cols: unknown, rows: unknown): { cols: number; rows: number } {
  const fits = (n: unknown, max: number): n is number =>
    Number.isInteger(n) && (n as number) >= 1 && (n as number) <= max
  if (!fits(cols, MAX_COLUMNS)) throw new FrameError(`columns: expected 1 to ${MAX_COLUMNS}`)
  if (!fits(rows, MAX_ROWS)) throw new FrameError(`rows: expected 1 to ${MAX_ROWS}`)
  return { cols, rows }
}
