import type { Cancel } from '../../clock/clock.ts'
import type { Container, Probe } from '../../kinds/pod/types.ts'
import type { NodeContext } from '../pod/context.ts'
import { fieldPathOf } from '../pod/names.ts'
import { type ContainerRecord, latest, type ProbeKind, type ProbeResult } from '../pod/record.ts'
import type { PodState } from '../pod/state.ts'
import { isStarted } from '../status/containers.ts'
import { run } from '../task.ts'
import { runProbe } from './prober.ts'

const NAMES: Readonly<Record<ProbeKind, string>> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' }
/** What holds of a container before it is probed. */
const INITIAL: Readonly<Record<ProbeKind, ProbeResult>> = {
  startup: 'unknown',
  liveness: 'success',
  readiness: 'failure',
}
/** Attempts of a probe that could not be run. */
const ATTEMPTS = 3

export interface ProbeHearer {
  /** A probe has found something else than before. */
  probed(kind: ProbeKind): void
}

/** Probes one container of a Pod in one way, run after run (`prober/worker.go`, 1.34). */
export class ProbeWorker {
  readonly kind: ProbeKind
  readonly #node: NodeContext
  readonly #state: PodState
  readonly #container: Container
  readonly #probe: Probe
  readonly #hearer: ProbeHearer
  #record: ContainerRecord | undefined
  #onHold = false
  #last: 'success' | 'failure' | undefined
  #inARow = 0
  #tick: Cancel
  #running: Cancel | undefined

  constructor(kind: ProbeKind, { node, state, container, probe, hearer }: ProbeWorkerOptions) {
    this.kind = kind
    this.#node = node
    this.#state = state
    this.#container = container
    this.#probe = probe
    this.#hearer = hearer
    this.#tick = this.#ticking()
  }

  get container(): string {
    return this.#container.name
  }

  /** Probes now and not only with the next tick. */
  trigger(): void {
    if (this.#running !== undefined) return
    this.#tick()
    this.#tick = this.#ticking()
    this.#look()
  }

  stop(): void {
    this.#tick()
    this.#running?.()
    this.#running = undefined
  }

  #ticking(): Cancel {
    return this.#node.clock.every((this.#probe.periodSeconds ?? 10) * 1000, () => this.#look())
  }

  #look(): void {
    const { kind } = this
    const record = latest(this.#state.records, this.#container.name)
    if (record === undefined || record.state === 'created' || this.#running !== undefined) return
    if (record !== this.#record) {
      this.#record = record
      this.#last = undefined
      // Of a container that goes on after a restore it is known what its probes said
      const known = record.resumed === true ? record.results?.[kind] : undefined
      this.#onHold = kind === 'startup' && known === 'success'
      record.results = { ...record.results, [kind]: known ?? INITIAL[kind] }
    }
    if (this.#onHold) return
    if (record.state === 'exited') {
      this.#set(record, 'failure')
      return
    }
    const now = this.#node.clock.now()
    if (Math.floor((now - record.startedAt) / 1000) < (this.#probe.initialDelaySeconds ?? 0)) return
    if (isStarted(this.#container, record) === (kind === 'startup')) return
    this.#run(record, ATTEMPTS)
  }

  #run(record: ContainerRecord, attempts: number): void {
    const ip = this.#state.pod.spec.hostNetwork === true ? this.#node.hostIp : (this.#state.ip ?? '')
    let over = false
    const cancel = run(runProbe(this.#node, record, this.#container, this.#probe, ip), {
      done: (probed) => {
        over = true
        this.#running = undefined
        if (record.state !== 'running') return
        if (probed.result === 'error') {
          if (attempts > 1) return this.#run(record, attempts - 1)
          return this.#tell('Unhealthy', `probe errored and resulted in unknown state: ${probed.why}`)
        }
        if (probed.result === 'failure') this.#tell('Unhealthy', `probe failed: ${probed.output}`)
        else if (probed.warning !== undefined) this.#tell('ProbeWarning', `probe warning: ${probed.warning}`)
        this.#count(record, probed.result)
      },
      failed: (error) => {
        over = true
        this.#running = undefined
        this.#node.report(error)
      },
    })
    if (!over) this.#running = cancel
  }

  #count(record: ContainerRecord, result: 'success' | 'failure'): void {
    this.#inARow = this.#last === result ? this.#inARow + 1 : 1
    this.#last = result
    const { failureThreshold = 3, successThreshold = 1 } = this.#probe
    if (this.#inARow < (result === 'failure' ? failureThreshold : successThreshold)) return
    this.#set(record, result)
    if (this.kind === 'startup' || (this.kind === 'liveness' && result === 'failure')) {
      this.#onHold = true
      this.#inARow = 0
      this.#last = undefined
    }
  }

  #set(record: ContainerRecord, result: ProbeResult): void {
    if (record.results?.[this.kind] === result) return
    record.results = { ...record.results, [this.kind]: result }
    this.#hearer.probed(this.kind)
  }

  #tell(reason: string, what: string): void {
    const { pod } = this.#state
    this.#node.tell(pod, fieldPathOf(pod, this.#container.name))('Warning', reason, `${NAMES[this.kind]} ${what}`)
  }
}

export interface ProbeWorkerOptions {
  readonly node: NodeContext
  readonly state: PodState
  readonly container: Container
  readonly probe: Probe
  readonly hearer: ProbeHearer
}
