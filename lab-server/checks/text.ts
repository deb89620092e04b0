/**
 * Texts that hold what a cluster says, and so what a reader or a program in the cluster made up: they are shown on pages
 * and in logs, so nothing in them may steer a terminal, turn the direction of writing, or go on for ever.
 */

/** Longest text that is shown, in code points. */
const LONGEST = 300

/** Read no further than this before cleaning, in UTF-16 units: an annotation may hold 256 KiB. */
const READ_AT_MOST = 4_000

// CSI (ESC [ … letter), OSC and the other strings (ESC ] … BEL or ESC \), and two-character sequences.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
const ansi = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]?/g

// Unicode's explicit directional marks, embeddings, overrides and isolates.
const bidi = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** One line of plain text, of at most 300 characters. */
export function plain(text: string): string {
  const clean = text
    .slice(0, READ_AT_MOST)
    .toWellFormed()
    .replace(ansi, '')
    .replace(bidi, '')
    .replace(/[\p{Cc}\u2028\u2029\s]+/gu, ' ')
    .trim()
  const points = [...clean]
  return points.length > LONGEST ? `${points.slice(0, LONGEST - 1).join('')}…` : clean
}
