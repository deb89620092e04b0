import type { Random } from '../clock/random.ts'
import { formatDuration } from '../decode/duration.ts'
import type { Span } from './profiles/profile.ts'

/** Milliseconds of a span. */
export function spanOf(span: Span, random: Random): number {
  if (typeof span === 'number') return span
  return Math.round(random.between(span[0], span[1]))
}

/** Milliseconds as Go prints a duration: `1.234s`. */
export const elapsed = (ms: number): string => formatDuration(BigInt(Math.round(ms)) * 1_000_000n)

/** Longer by up to half: apimachinery's `wait.Jitter` with 0.5. */
export const jittered = (ms: number, random: Random): number => Math.round(ms * (1 + 0.5 * random.float()))
