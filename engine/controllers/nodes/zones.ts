/** Nodes that are tainted in a second, at most: `--node-eviction-rate`, and in large zones of which most has failed `--secondary-node-eviction-rate`. */
const RATE = 0.1
const SECONDARY_RATE = 0.01
/** A zone of more nodes than that is large. */
const LARGE_ZONE = 50
/** Of so many nodes, and this part of a zone, that most of it has failed. */
const FEW_NODES = 2
const MOST_OF_ZONE = 0.55
/** Milliseconds until a node whose turn it is is tainted: upstream looks that often. */
const PASS = 100

export type ZoneState = 'normal' | 'partial' | 'full'

/** `ComputeZoneState` (1.34). */
export function zoneState(ready: number, notReady: number): ZoneState {
  if (ready === 0 && notReady > 0) return 'full'
  return notReady > FEW_NODES && notReady / (notReady + ready) >= MOST_OF_ZONE ? 'partial' : 'normal'
}

/** Whose Pods in a zone are to be evicted, one node after the other: a token bucket of one. */
export class Zone {
  state: ZoneState | undefined
  readonly waiting = new Set<string>()
  #rate = RATE
  /** When there was a token last, and how much of the next one there was then. */
  #at: number
  #tokens = 1

  constructor(now: number) {
    this.#at = now
  }

  setState(state: ZoneState, nodes: number, now: number): void {
    this.state = state
    this.setRate(state === 'partial' ? (nodes > LARGE_ZONE ? SECONDARY_RATE : 0) : RATE, now)
  }

  setRate(rate: number, now: number): void {
    if (rate === this.#rate) return
    this.#rate = rate
    this.#at = now
    this.#tokens = 1
  }

  /** Milliseconds until the next node may be tainted; undefined if none waits or none may be. */
  wait(now: number): number | undefined {
    if (this.waiting.size === 0 || this.#rate === 0) return undefined
    this.#refill(now)
    return PASS + Math.ceil(((1 - this.#tokens) / this.#rate) * 1000)
  }

  /** The node whose turn it is now, if one may be tainted. */
  take(now: number): string | undefined {
    const [name] = this.waiting
    this.#refill(now)
    if (name === undefined || this.#rate === 0 || this.#tokens < 1) return undefined
    this.#tokens -= 1
    this.waiting.delete(name)
    return name
  }

  #refill(now: number): void {
    this.#tokens = Math.min(1, this.#tokens + ((now - this.#at) / 1000) * this.#rate)
    this.#at = now
  }
}
