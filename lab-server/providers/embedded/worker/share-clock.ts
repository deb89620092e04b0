import type { Clock } from '../../../../engine/clock/clock.ts'
import type { Share } from './turns.ts'

/** A cluster's time: what falls due waits for the cluster's turn. All of it ends with `stop`. */
export function shareClock(clock: Clock, share: Share): Clock & { stop(): void } {
  const cancels = new Set<() => void>()

  const track = (cancel: () => void): (() => void) => {
    const once = () => {
      if (cancels.delete(once)) cancel()
    }
    cancels.add(once)
    return once
  }

  return {
    now: () => clock.now(),
    after(ms, call) {
      let takeBack = clock.after(ms, () => {
        takeBack = share.run(() => {
          cancels.delete(done)
          call()
        })
      })
      const done = track(() => takeBack())
      return done
    },
    every(ms, call) {
      let waits = false
      let takeBack = () => {}
      const cancel = clock.every(ms, () => {
        // A beat that was not had its turn yet stands for those after it.
        if (waits) return
        waits = true
        takeBack = share.run(() => {
          waits = false
          call()
        })
      })
      return track(() => {
        cancel()
        takeBack()
      })
    },
    stop() {
      for (const cancel of [...cancels]) cancel()
    },
  }
}
