/** What a lab looked like at the start of its steps, where the provider can say that. */
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { Cluster, Snapshot } from '../providers/provider.ts'

/** Bytes of all snapshots of one session: beyond, the oldest go, but not the first. */
const MOST_BYTES = 32 * 1024 * 1024
/** Milliseconds that a snapshot may take. */
const WITHIN = 2_000

const sizeOf = ({ cluster, home }: Snapshot): number => cluster.length + home.length

export class StepStarts {
  readonly #cluster: Cluster
  readonly #clock: Clock
  readonly #log: Logger
  readonly #kept = new Map<string, Snapshot>()

  constructor(cluster: Cluster, { clock, log }: { clock: Clock; log: Logger }) {
    this.#cluster = cluster
    this.#clock = clock
    this.#log = log
  }

  /** Whether this provider has snapshots at all. */
  get possible(): boolean {
    return this.#cluster.snapshot !== undefined && this.#cluster.restore !== undefined
  }

  /** Ids of the steps whose start is kept. */
  get kept(): ReadonlySet<string> {
    return new Set(this.#kept.keys())
  }

  /**
   * Keeps how things stand as the start of this step, in place of what was kept of it, where that is possible. Never rejects: what cannot be kept is done by solutions
   * later. `holds` is asked at the end whether it still is the start.
   */
  async take(step: string, holds: () => boolean = () => true): Promise<void> {
    if (!this.possible) return
    const late = new AbortController()
    const cancel = this.#clock.after(WITHIN, () => late.abort(new Error('it took too long')))
    try {
      const snapshot = await this.#cluster.snapshot?.(late.signal)
      if (snapshot !== undefined && holds()) this.#keep(step, snapshot)
    } catch (error) {
      this.#log.warn({ err: error, step }, 'no snapshot of the start of a step')
    } finally {
      cancel()
    }
  }

  /** Goes back to the start of this step; false if that is not kept or cannot be had any more. Rejects when it is aborted. */
  async restore(step: string, signal: AbortSignal): Promise<boolean> {
    const snapshot = this.#kept.get(step)
    if (snapshot === undefined || this.#cluster.restore === undefined) return false
    try {
      await this.#cluster.restore(snapshot, signal)
      return true
    } catch (error) {
      signal.throwIfAborted()
      this.#log.warn({ err: error, step }, 'the start of a step did not come back')
      this.#kept.delete(step)
      return false
    }
  }

  forget(steps: Iterable<string>): void {
    for (const step of steps) this.#kept.delete(step)
  }

  #keep(step: string, snapshot: Snapshot): void {
    this.#kept.set(step, snapshot)
    let bytes = [...this.#kept.values()].reduce((sum, one) => sum + sizeOf(one), 0)
    for (const [id, one] of [...this.#kept].slice(1)) {
      if (bytes <= MOST_BYTES) return
      this.#kept.delete(id)
      bytes -= sizeOf(one)
    }
  }
}
