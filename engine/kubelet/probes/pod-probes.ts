import type { Cancel } from '../../clock/clock.ts'
import { restartsAlways } from '../../kinds/pod/resources.ts'
import type { Container } from '../../kinds/pod/types.ts'
import type { NodeContext } from '../pod/context.ts'
import { type ContainerRecord, latest, type ProbeKind } from '../pod/record.ts'
import type { PodState } from '../pod/state.ts'
import { isReady, isStarted } from '../status/containers.ts'
import { type ProbeHearer, ProbeWorker } from './probe-worker.ts'

const KINDS: readonly ProbeKind[] = ['startup', 'readiness', 'liveness']
const probeOf = (container: Container, kind: ProbeKind) => container[`${kind}Probe`]

/** All probes of a Pod. Where containers only look as if they ran, probes succeed as soon as they may. */
export class PodProbes {
  readonly #node: NodeContext
  readonly #state: PodState
  readonly #hearer: ProbeHearer
  #workers: ProbeWorker[] | undefined
  #pretended: Cancel[] = []

  constructor(node: NodeContext, state: PodState, hearer: ProbeHearer) {
    this.#node = node
    this.#state = state
    this.#hearer = hearer
  }

  /** Once volumes are there. */
  begin(): void {
    if (this.#workers !== undefined || this.#node.machine === undefined) return
    const [node, state, hearer] = [this.#node, this.#state, this.#hearer]
    const { spec } = state.pod
    const containers = [...(spec.initContainers ?? []).filter(restartsAlways), ...(spec.containers ?? [])]
    this.#workers = containers.flatMap((container) =>
      KINDS.flatMap((kind) => {
        const probe = probeOf(container, kind)
        return probe === undefined ? [] : [new ProbeWorker(kind, { node, state, container, probe, hearer })]
      }),
    )
  }

  /** What could be ready is asked at once. */
  triggerReadiness(): void {
    for (const worker of this.#workers ?? []) {
      if (worker.kind !== 'readiness') continue
      const record = latest(this.#state.records, worker.container)
      if (record === undefined || !isStarted(record.spec, record) || isReady(record.spec, record)) continue
      worker.trigger()
    }
  }

  started(record: ContainerRecord): void {
    if (this.#node.machine !== undefined) return
    const pending = KINDS.filter((kind) => kind !== 'liveness' && probeOf(record.spec, kind) !== undefined)
    this.#pretend(record, pending)
  }

  /** Liveness and startup no longer matter to a Pod that ends. */
  stopLiveness(): void {
    for (const worker of this.#workers ?? []) if (worker.kind !== 'readiness') worker.stop()
  }

  stop(): void {
    for (const worker of this.#workers ?? []) worker.stop()
    for (const cancel of this.#pretended) cancel()
    this.#pretended = []
  }

  #pretend(record: ContainerRecord, [kind, ...rest]: readonly ProbeKind[]): void {
    const probe = kind === undefined ? undefined : probeOf(record.spec, kind)
    if (kind === undefined || probe === undefined) return
    const { initialDelaySeconds: delay = 0, successThreshold = 1, periodSeconds: period = 10 } = probe
    const { clock } = this.#node
    const at = record.startedAt + (delay + (successThreshold - 1) * period) * 1000
    const succeed = (): void => {
      if (record.state !== 'running') return
      record.results = { ...record.results, [kind]: 'success' }
      this.#hearer.probed(kind)
      this.#pretend(record, rest)
    }
    if (at <= clock.now()) {
      succeed()
      return
    }
    const cancel = clock.after(at - clock.now(), () => {
      this.#pretended = this.#pretended.filter((one) => one !== cancel)
      succeed()
    })
    this.#pretended.push(cancel)
  }
}
