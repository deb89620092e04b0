import type { Moment } from '../happenings.ts'

/** Defaults of the HorizontalPodAutoscaler (autoscaling/v2), in ms. */
const SYNC_EVERY = 15_000
const STABILIZATION = 300_000
/** A measure that is this close to the target changes nothing. */
const TOLERANCE = 0.1

export interface AutoscalerOptions {
  min: number
  max: number
  /** Part of the requested CPU that is wished for. */
  target: number
}

export class Autoscaler {
  readonly #options: AutoscalerOptions
  /** What was thought right at each look of the last five minutes. */
  #thought: { at: number; replicas: number }[] = []

  constructor(options: AutoscalerOptions) {
    this.#options = options
  }

  /**
   * @param busy parts of the requested CPU that the ready Pods use
   * @returns how many replicas there should be
   */
  look(replicas: number, busy: readonly number[], moment: Moment): number {
    if (moment.now % SYNC_EVERY !== 0 || busy.length === 0) return replicas
    const { min, max, target } = this.#options
    const average = busy.reduce((sum, one) => sum + one, 0) / busy.length
    const ratio = average / target
    const wanted = Math.abs(ratio - 1) <= TOLERANCE ? replicas : Math.ceil(ratio * busy.length)
    this.#thought = this.#thought.filter(({ at }) => moment.now - at < STABILIZATION)
    this.#thought.push({ at: moment.now, replicas: wanted })
    // Up at once, at most twice as many or four more; down only to the highest of the last five minutes.
    const up = Math.min(wanted, Math.max(replicas * 2, replicas + 4))
    const down = Math.max(...this.#thought.map(({ replicas: then }) => then))
    const next = Math.min(max, Math.max(min, wanted > replicas ? up : Math.min(replicas, down)))
    if (next !== replicas) moment.say({ what: 'autoscaled', from: replicas, to: next, busy: Math.round(average * 100) })
    return next
  }
}
