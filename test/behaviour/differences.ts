/**
 * What the engine does otherwise than a real cluster, and why. Everything else must be equal; an entry that excuses nothing fails the
 * comparison. `where` is `<scenario>: <Kind> <name>`.
 */
import type { Difference } from '../compare/differences.ts'

export const differences: readonly Difference[] = []
