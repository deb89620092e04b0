/**
 * Tells what a shell says as it is typed into from what it says because something runs: keys that stand for themselves are shown and change no
 * file, until Enter, or another key that does something.
 */

/** Milliseconds in which a key is shown; what comes later is of something else. */
const SHOWN_WITHIN = 500
/** Bytes below it are keys that do something: Enter, Tab, Escape, those with Ctrl. */
const FIRST_PLAIN = 0x20

export class Echoes {
  #plainAt = Number.NEGATIVE_INFINITY

  typed(bytes: Uint8Array, now: number): void {
    this.#plainAt = bytes.every((byte) => byte >= FIRST_PLAIN) ? now : Number.NEGATIVE_INFINITY
  }

  /** Whether what is said now is the echo of what was typed last. */
  isEcho(now: number): boolean {
    return now - this.#plainAt < SHOWN_WITHIN
  }
}
