/**
 * What the engine answers otherwise than a real cluster, and why. Everything else must be equal; an entry that excuses nothing
 * fails the comparison.
 */

export interface Difference {
  /** `<theme>: <command>`, or the name of an object's case; a trailing `*` stands for any rest. */
  readonly where: string
  /** A sentence for who relies on the engine. */
  readonly reason: string
  /** Only lines that match, on either side, may differ; without it the whole outcome may. */
  readonly lines?: RegExp
}

export const differences: readonly Difference[] = []
