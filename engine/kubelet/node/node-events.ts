import type { Backend } from '../../admission/plugin.ts'
import { EventRecorder, type Regarding } from '../../events/recorder.ts'

/** Milliseconds for which events wait that cannot be told: twelve attempts of client-go, ten seconds apart. */
const PATIENCE = 120_000

/** Events of one kubelet. While its node is cut off they wait, though not for long. */
export class NodeEvents {
  readonly #backend: Backend
  readonly #recorder: EventRecorder
  #waiting: { readonly at: number; tell(): void }[] | undefined

  constructor(backend: Backend, node: string) {
    this.#backend = backend
    this.#recorder = new EventRecorder(backend, { component: 'kubelet', host: node }, 'kubelet')
  }

  record(regarding: Regarding, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const tell = (): void => {
      if (type === 'Normal') this.#recorder.normal(regarding, reason, message)
      else this.#recorder.warning(regarding, reason, message)
    }
    if (this.#waiting === undefined) tell()
    else this.#waiting.push({ at: this.#backend.clock.now(), tell })
  }

  /** What comes from now on waits. */
  hold(): void {
    this.#waiting ??= []
  }

  /** Tells what has not waited too long. */
  release(): void {
    const since = this.#backend.clock.now() - PATIENCE
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const { at, tell } of waiting) if (at >= since) tell()
  }

  /** What waits is lost. */
  drop(): void {
    if (this.#waiting !== undefined) this.#waiting = []
  }
}
