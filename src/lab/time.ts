/** A time left, as a clock shows it: "4:05", "1:02:03"; never below zero. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000))
  const two = (n: number) => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** Below this the reader is told that the lab ends for want of typing, in milliseconds. */
const IDLE_WARNING = 2 * 60_000
/** Below this the time left is shown as running out, in milliseconds. */
const SOON = 5 * 60_000

export interface TimeLeft {
  /** Until the total time is used up, in milliseconds. */
  total: number
  /** Until the lab ends for want of typing, if that is near and comes first. */
  idle: number | undefined
  soon: boolean
}

/** @param now milliseconds since the epoch by the server's clock */
export function timeLeft(session: { expiresAt: number; idleAt: number }, now: number): TimeLeft {
  const total = Math.max(0, session.expiresAt - now)
  const idle = Math.max(0, session.idleAt - now)
  const warns = idle < IDLE_WARNING && idle < total
  return { total, idle: warns ? idle : undefined, soon: warns || total < SOON }
}
