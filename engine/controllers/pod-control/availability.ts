import { readySince } from '../../kinds/pod/status.ts'
import type { ApiObject } from '../../objects/types.ts'

/** Milliseconds until the next of the Pods has been ready for `minReadySeconds`; undefined if none is on its way there. */
export function nextAvailability(pods: readonly ApiObject[], minReadySeconds: number, now: number): number | undefined {
  if (minReadySeconds <= 0) return undefined
  let next: number | undefined
  for (const pod of pods) {
    const since = readySince(pod)
    if (since === undefined) continue
    const left = since + minReadySeconds * 1000 - now
    if (left > 0 && (next === undefined || left < next)) next = left
  }
  return next
}
