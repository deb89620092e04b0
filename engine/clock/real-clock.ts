import type { Clock } from './clock.ts'

/** Longest delay that setTimeout takes: 2^31 - 1 ms, about 24.8 days. */
const LONGEST_TIMEOUT = 2_147_483_647

/** The machine's time. It never goes back: set by the wall clock once, then carried on by the monotonic one. */
export function realClock(): Clock {
  const origin = Date.now() - performance.now()
  const now = () => Math.floor(origin + performance.now())

  function after(ms: number, call: () => void) {
    let left = Math.max(0, ms)
    let timer = setTimeout(fire, Math.min(left, LONGEST_TIMEOUT))
    function fire() {
      left -= LONGEST_TIMEOUT
      if (left > 0) timer = setTimeout(fire, Math.min(left, LONGEST_TIMEOUT))
      else call()
    }
    return () => clearTimeout(timer)
  }

  function every(ms: number, call: () => void) {
    const timer = setInterval(call, ms)
    return () => clearInterval(timer)
  }

  return { now, after, every }
}
