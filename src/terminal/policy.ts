/** What the terminal decides, without doing it: numbers and texts in, decisions out. */

const FIRST_WAIT = 250
const LONGEST_WAIT = 5000

/**
 * How long to wait before connecting again, in milliseconds: 250 at first, twice as long each time, 5000 at most. Up to a
 * quarter is taken off at random, so that a room of readers does not come back in the same instant.
 * @param attempt from 0
 * @param random from 0 up to 1
 */
export function backoff(attempt: number, random: number): number {
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(attempt, 10))
  return Math.round(wait * (1 - random / 4))
}

/** Between two looks at the clock, in milliseconds. */
export const WATCH_INTERVAL = 2000
/** A page that was not looked at may be held back by its browser for a minute; one in view for no longer than this. */
const LONGEST_GAP = 10_000

/**
 * Whether the machine slept between two looks at the clock. A connection that was open before a sleep is often dead without
 * either side being told.
 */
export function overslept(lastLook: number, now: number): boolean {
  return now - lastLook > LONGEST_GAP
}

/** Half of what the server takes in one frame, in bytes. */
export const INPUT_FRAME = 32 * 1024

/** Input as frames may carry it; a paste can be larger than one frame. */
export function splitInput(data: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let at = 0; at < data.length; at += INPUT_FRAME) parts.push(data.subarray(at, at + INPUT_FRAME))
  return parts
}

/** The server stops reading from the shell when 64 KiB are not acknowledged; say it twice as often. */
export const ACKNOWLEDGE_EVERY = 32 * 1024

export function shouldAcknowledge(drawn: number, acknowledged: number): boolean {
  return drawn - acknowledged >= ACKNOWLEDGE_EVERY
}

/** Typed while there is no connection, in bytes: enough for a file that is pasted. */
export const MAX_HELD = 64 * 1024

/** Keeps what is typed without a connection, each byte once: it is handed out once and then forgotten. */
export class HeldInput {
  private parts: Uint8Array[] = []
  private bytes = 0

  /** @returns whether it was taken; all of a piece or nothing. */
  hold(data: Uint8Array): boolean {
    if (this.bytes + data.length > MAX_HELD) return false
    this.parts.push(data)
    this.bytes += data.length
    return true
  }

  get empty(): boolean {
    return this.bytes === 0
  }

  release(): Uint8Array[] {
    const parts = this.parts
    this.parts = []
    this.bytes = 0
    return parts
  }
}

/** Kept of what was sent, in bytes: more than networks and their buffers have on the way at once. */
export const MAX_SENT = 256 * 1024

/** Remembers what was sent last, so that what a broken connection lost can be sent again. */
export class SentInput {
  private parts: Uint8Array[] = []
  private kept = 0
  /** Bytes sent since the beginning. */
  sent = 0

  add(data: Uint8Array): void {
    this.parts.push(data)
    this.kept += data.length
    this.sent += data.length
    while (this.kept - (this.parts[0]?.length ?? 0) >= MAX_SENT) this.kept -= this.parts.shift()?.length ?? 0
  }

  /** What was sent beyond so many bytes; undefined if that is no longer kept, or was never sent. */
  beyond(taken: number): Uint8Array[] | undefined {
    let at = this.sent - this.kept
    if (taken < at || taken > this.sent) return undefined
    const lost: Uint8Array[] = []
    for (const part of this.parts) {
      const known = Math.max(0, taken - at)
      if (known < part.length) lost.push(part.subarray(known))
      at += part.length
    }
    return lost
  }
}

export interface Key {
  type: string
  key: string
  ctrlKey: boolean
  shiftKey: boolean
  altKey: boolean
  metaKey: boolean
}

/**
 * What a key means for the page rather than for the shell.
 * Ctrl+C is the shell's unless text is selected; then it copies and lets go of the selection, so that a second one interrupts.
 */
export function keyMeaning(event: Key, hasSelection: boolean): 'copy' | 'paste' | 'leave' | 'shell' {
  const key = event.key.toLowerCase()
  if (key === 'tab' && event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) return 'leave'
  if (event.altKey) return 'shell'
  const command = event.metaKey && !event.ctrlKey
  const control = event.ctrlKey && !event.metaKey
  if (key === 'c' && (command || control)) return hasSelection ? 'copy' : event.shiftKey || command ? 'copy' : 'shell'
  if (key === 'v' && (command || control)) return 'paste'
  return 'shell'
}

const pasteBegins = '\x1b[200~'
const pasteEnds = '\x1b[201~'

/** Control characters that a command on a page has no use for: with them it could end its own paste. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\x00-\x08\x0b-\x1f\x7f]/g

/**
 * What to type so that the shell runs a command of the page.
 * @param bracketed whether the shell has asked for pastes to be marked; it then takes several lines as one
 */
export function commandInput(command: string, bracketed: boolean): string {
  const text = command.replace(/\r\n?/g, '\n').replace(controls, '').trimEnd()
  if (!text.includes('\n')) return `${text}\r`
  return bracketed ? `${pasteBegins}${text}${pasteEnds}\r` : `${text.replaceAll('\n', '\r')}\r`
}

/** What a key becomes while Ctrl is held on the extra row; undefined if there is no such control character. */
export function withControl(text: string): string | undefined {
  if (text.length !== 1) return undefined
  const code = text.toUpperCase().charCodeAt(0)
  if (code === 0x20) return '\x00'
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : undefined
}

/** Whether an address that a program wrote may be offered as a link. */
export function isWebAddress(text: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol)
  } catch {
    return false
  }
}

export const MIN_FONT = 10
export const MAX_FONT = 28
export const clampFont = (pixels: number): number => Math.min(MAX_FONT, Math.max(MIN_FONT, Math.round(pixels)))
