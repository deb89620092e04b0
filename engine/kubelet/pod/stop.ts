import type { Signal } from '../../containers/contract.ts'
import { restartsAlways } from '../../kinds/pod/resources.ts'
import type { Container } from '../../kinds/pod/types.ts'
import { spanOf } from '../spans.ts'
import { pause, run, type Task, together, until, type Wait, within } from '../task.ts'
import type { KillReason } from './actions.ts'
import type { NodeContext } from './context.ts'
import { runHook } from './hooks.ts'
import { containerOf, fieldPathOf } from './names.ts'
import type { ContainerRecord } from './record.ts'
import { endRecord, type PodState } from './state.ts'

/** Seconds that a container has to end in any case. */
const LEAST_GRACE = 2

export interface StopOptions {
  /** Of the event; `Stopping container web` if not said. */
  readonly message?: string
  readonly reason?: KillReason
  /** Seconds, in place of what the Pod says. */
  readonly grace?: number | undefined
  /** Sidecars wait for those that need them. */
  readonly order?: StopOrder
}

/** Ends a container as its Pod wants it: hook, signal, and no more patience (`killContainer`, 1.34). */
export function* stopContainer(
  node: NodeContext,
  state: PodState,
  record: ContainerRecord,
  { message, reason, grace: override, order }: StopOptions = {},
): Task {
  const { pod } = state
  const container = containerOf(pod, record.name)
  if (record.state !== 'running' || container === undefined) return
  const { clock } = node
  const tell = node.tell(pod, fieldPathOf(pod, record.name))
  let grace = override ?? graceOf(state, container, reason)
  tell('Normal', 'Killing', message ?? `Stopping container ${record.name}`)
  const passed = (since: number): number => Math.floor((clock.now() - since) / 1000)
  const preStop = container.lifecycle?.preStop
  if (preStop !== undefined && grace > 0) {
    const begun = clock.now()
    const failed = yield* until(within(clock, grace * 1000, hook(node, state, record, container)))
    if (failed !== undefined && failed.message !== undefined) tell('Warning', 'FailedPreStopHook', 'PreStopHook failed')
    grace -= passed(begun)
  }
  if (order !== undefined && grace > 0) {
    const begun = clock.now()
    yield* until(within(clock, grace * 1000, order.turnOf(record.name)))
    grace -= passed(begun)
  }
  if (record.container === undefined) yield* endLook(node, record)
  else {
    kill(record, (container.lifecycle?.stopSignal as Signal | undefined) ?? 'SIGTERM')
    const ended = yield* until(within(clock, Math.max(LEAST_GRACE, grace) * 1000, endOf(record)))
    if (ended === undefined) {
      kill(record, 'SIGKILL')
      yield* until(endOf(record))
    }
  }
  order?.ended(record.name)
}

/** All that runs of a Pod, sidecars last. */
export function* stopAll(node: NodeContext, state: PodState, grace: number | undefined): Task {
  const running = state.records.filter((record) => record.state === 'running')
  const order = state.pod.spec.initContainers?.some(restartsAlways) === true ? new StopOrder(state, running) : undefined
  const options = { grace, ...(order === undefined ? {} : { order }) }
  yield* together(running.map((record) => stopContainer(node, state, record, options)))
}

function graceOf({ pod }: PodState, container: Container, reason: KillReason): number {
  const { deletionGracePeriodSeconds } = pod.metadata
  if (deletionGracePeriodSeconds !== undefined) return deletionGracePeriodSeconds
  const probe =
    reason === 'startup' ? container.startupProbe : reason === 'liveness' ? container.livenessProbe : undefined
  return probe?.terminationGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? LEAST_GRACE
}

function hook(
  node: NodeContext,
  state: PodState,
  record: ContainerRecord,
  container: Container,
): Wait<{ readonly message: string | undefined }> {
  return (resume) =>
    run(runHook(node, state, record, container, container.lifecycle?.preStop ?? {}), {
      done: (message) => resume({ message }),
      failed: (error) => resume({ message: String(error) }),
    })
}

function kill(record: ContainerRecord, signal: Signal): void {
  record.container?.kill(signal)
}

/** One that only looks as if it ran ends soon, and well. */
function* endLook(node: NodeContext, record: ContainerRecord): Task {
  yield* pause(node.clock, spanOf(node.profile.delays.stop, node.random))
  endRecord(record, { exitCode: 0, reason: 'Completed' }, node.clock.now())
}

function endOf(record: ContainerRecord): Wait<true> {
  return (resume) => {
    if (record.state === 'exited') {
      resume(true)
      return () => {}
    }
    const call = (): void => resume(true)
    record.waiting = [...(record.waiting ?? []), call]
    return () => {
      const left = (record.waiting ?? []).filter((one) => one !== call)
      if (left.length === 0) delete record.waiting
      else record.waiting = left
    }
  }
}

/** Sidecars end after all containers, and each before those that were started before it (`terminationOrdering`, 1.34). */
export class StopOrder {
  readonly #left: Set<string>
  readonly #before = new Map<string, readonly string[]>()
  readonly #waiting = new Set<() => void>()

  constructor({ pod }: PodState, running: readonly ContainerRecord[]) {
    this.#left = new Set(running.map(({ name }) => name))
    let needed: readonly string[] = (pod.spec.containers ?? []).map(({ name }) => name)
    for (const sidecar of (pod.spec.initContainers ?? []).filter(restartsAlways).reverse()) {
      this.#before.set(sidecar.name, needed)
      needed = [...needed, sidecar.name]
    }
  }

  ended(name: string): void {
    this.#left.delete(name)
    for (const call of [...this.#waiting]) call()
  }

  turnOf(name: string): Wait<true> {
    return (resume) => {
      const isIts = (): boolean => !(this.#before.get(name) ?? []).some((other) => this.#left.has(other))
      if (isIts()) {
        resume(true)
        return () => {}
      }
      const call = (): void => {
        if (!isIts()) return
        this.#waiting.delete(call)
        resume(true)
      }
      this.#waiting.add(call)
      return () => void this.#waiting.delete(call)
    }
  }
}
