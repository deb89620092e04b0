/**
 * When a shell is held back because a page is slow. Numbers in, booleans out; the terminal does the rest.
 *
 * A page acknowledges what it has drawn. What has been written but not acknowledged is the page's lag. The shell is
 * paused when a page lags by more than HIGH and runs again when none lags by more than LOW.
 *
 * Deadlock: a page acknowledges every so many bytes, so that its lag never falls below the part it has not acknowledged
 * yet. If that part could exceed LOW, the shell would wait for an acknowledgement and the page for more output. A page
 * must therefore acknowledge at the latest after LOW bytes ({@link LOW_MARK}); half of it is a good rhythm.
 *
 * Loss: HIGH is below the scrollback's size by enough for what is still on its way from a paused shell (a socket's read
 * and a stream's buffer, 64 KiB each), so that nothing is overwritten before every page has been sent it.
 */
/** Bytes. */
export const LOW_MARK = 64 * 1024
/** Bytes. At a round trip of 100 ms this passes 1.2 MB/s, more than a terminal can draw. */
export const HIGH_MARK = 128 * 1024
/** Bytes of output kept for pages that come back. */
export const SCROLLBACK = 256 * 1024
/** A page that acknowledges nothing for so long, in ms, while another keeps up, no longer holds the shell. */
export const STALLED_AFTER = 10_000

/** Whether the shell is to be paused, now that its pages lag by so many bytes. Without a page it runs. */
export function shouldPause(paused: boolean, lags: readonly number[]): boolean {
  const most = Math.max(0, ...lags)
  return paused ? most > LOW_MARK : most > HIGH_MARK
}

/** Bytes that may be sent now to a page that lags by `lag` of what it has been sent. */
export function window(lag: number): number {
  return Math.max(0, HIGH_MARK - lag)
}

/**
 * Whether a page holds the shell at the expense of others: it has not moved for STALLED_AFTER and another one waits
 * with nothing left to draw.
 */
export function isStalled(page: { lag: number; idle: number }, others: readonly number[]): boolean {
  return page.lag > LOW_MARK && page.idle >= STALLED_AFTER && others.some((lag) => lag <= LOW_MARK)
}
