/** What the clients of one side saw. */

/** A request on its way, for the picture. */
export interface Shot {
  id: number
  at: number
  /** Where it went; undefined if there was nobody to ask. */
  to: string | undefined
  answered: boolean
}

/** How long a request is shown on its way, in simulated ms at the speed of life. */
export const FLIGHT = 600
/** Over how many ticks the share of answers is counted: 10 s. */
const TICKS = 100

export class Requests {
  answered = 0
  failed = 0
  /** The newest last. */
  shots: Shot[] = []
  readonly #recent: [answered: number, failed: number][] = []
  /** How long a request is on its way in the picture, in simulated ms: longer the faster time runs. */
  flight = FLIGHT
  #ids = 0

  /** Begins a tick. */
  begin(now: number): void {
    this.#recent.push([0, 0])
    if (this.#recent.length > TICKS) this.#recent.shift()
    this.shots = this.shots.filter(({ at }) => now - at < this.flight)
  }

  count(now: number, to: string | undefined, answered: boolean): void {
    const tick = this.#recent.at(-1)
    if (answered) this.answered++
    else this.failed++
    if (tick) tick[answered ? 0 : 1]++
    this.shots.push({ id: this.#ids++, at: now, to, answered })
  }

  /** Part of the requests of the last 10 s that were answered; undefined if there were none. */
  get share(): number | undefined {
    let [good, bad] = [0, 0]
    for (const [answered, failed] of this.#recent) {
      good += answered
      bad += failed
    }
    return good + bad === 0 ? undefined : good / (good + bad)
  }
}
