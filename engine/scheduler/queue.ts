import type { Cancel, Clock } from '../clock/clock.ts'
import type { Plugin } from './check.ts'
import { Heap } from './heap.ts'
import { type PodInfo, priorityOf } from './pod-info.ts'

/** Milliseconds: how long a Pod that could not be placed waits for others, doubled each time. */
const FIRST_BACKOFF = 1_000
const LONGEST_BACKOFF = 10_000
/** Milliseconds within which the ends of waits count as the same moment. */
const WINDOW = 1_000
/** Milliseconds after which an unschedulable Pod is tried again though nothing has changed, and how often that is looked at. */
const LONGEST_UNSCHEDULABLE = 300_000
const FLUSH_EVERY = 30_000

/** A Pod that waits for a node. */
export class QueuedPod {
  info: PodInfo
  /** Who came earlier at the same moment goes first. */
  readonly order: number
  /** When it came, or was tried last. */
  since: number
  attempts = 0
  unschedulable = 0
  errors = 0
  /** Who turned it down; nobody if something went wrong. */
  plugins: ReadonlySet<Plugin> = NOBODY
  /** How long it has to wait for others, in whole windows. */
  backoffUntil = 0

  constructor(info: PodInfo, now: number, order: number) {
    this.info = info
    this.since = now
    this.order = order
  }
}

const NOBODY: ReadonlySet<Plugin> = new Set()

/**
 * Pods without a node: those to be tried now, those that wait for others to have their turn first, and those for which nothing can be done
 * before something changes. Scheduler's `PriorityQueue` (1.34), which takes from those that wait when nobody else is there.
 */
export class SchedulingQueue {
  readonly #clock: Clock
  readonly #wake: () => void
  readonly #pods = new Map<string, QueuedPod>()
  readonly #active = new Heap<QueuedPod>(comesFirst)
  readonly #backoff = new Heap<QueuedPod>((a, b) =>
    a.backoffUntil === b.backoffUntil ? comesFirst(a, b) : a.backoffUntil < b.backoffUntil,
  )
  /** Something went wrong with them: their wait is not cut short. */
  readonly #failed = new Heap<QueuedPod>((a, b) => a.backoffUntil < b.backoffUntil)
  readonly #unschedulable = new Set<QueuedPod>()
  readonly #byPlugin = new Map<Plugin, Set<QueuedPod>>()
  #order = 0
  #cancelFailed: Cancel | undefined
  #cancelFlush: Cancel | undefined

  /** `wake` is called when there may be something to take. */
  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock
    this.#wake = wake
  }

  get size(): number {
    return this.#pods.size
  }

  get unschedulable(): number {
    return this.#unschedulable.size
  }

  get(key: string): QueuedPod | undefined {
    return this.#pods.get(key)
  }

  add(info: PodInfo): void {
    const queued = new QueuedPod(info, this.#clock.now(), this.#order++)
    this.#pods.set(info.key, queued)
    this.#active.add(queued)
    this.#wake()
  }

  /** It was taken to have a node and has none after all. */
  keep(queued: QueuedPod): QueuedPod {
    this.#pods.set(queued.info.key, queued)
    return queued
  }

  /** The Pod looks different now; its place stays. */
  update(queued: QueuedPod, info: PodInfo): void {
    // Priorities do not change while a Pod waits, so that no heap is out of order
    queued.info = info
  }

  remove(key: string): void {
    const queued = this.#pods.get(key)
    if (queued === undefined) return
    this.#pods.delete(key)
    this.#leave(queued)
  }

  /** The next to try: it stays known until it is removed or put back. */
  take(): QueuedPod | undefined {
    const now = this.#clock.now()
    for (const heap of [this.#backoff, this.#failed]) {
      for (let first = heap.first; first !== undefined && isOver(first, now); first = heap.first) {
        heap.remove(first)
        this.#active.add(first)
      }
    }
    this.#wakeForFailed()
    const queued = this.#active.take() ?? this.#backoff.take()
    if (queued === undefined) return undefined
    queued.attempts++
    queued.plugins = NOBODY
    queued.backoffUntil = 0
    return queued
  }

  /** It was tried and no node would do. */
  putUnschedulable(queued: QueuedPod, plugins: ReadonlySet<Plugin>): void {
    queued.since = this.#clock.now()
    queued.plugins = plugins
    queued.errors = 0
    queued.unschedulable++
    queued.backoffUntil = endOf(queued.since, queued.unschedulable)
    this.#unschedulable.add(queued)
    for (const plugin of plugins) {
      const turnedDown = this.#byPlugin.get(plugin)
      if (turnedDown === undefined) this.#byPlugin.set(plugin, new Set([queued]))
      else turnedDown.add(queued)
    }
    this.#flushLater()
  }

  /** It was tried and something went wrong. */
  putFailed(queued: QueuedPod): void {
    queued.since = this.#clock.now()
    queued.errors++
    queued.backoffUntil = endOf(queued.since, queued.errors)
    this.#failed.add(queued)
    this.#wakeForFailed()
  }

  /** Something has changed: those go on that this plug-in turned down and for which, it thinks, that may help. */
  move(plugin: Plugin, helps: (info: PodInfo) => boolean): void {
    const turnedDown = this.#byPlugin.get(plugin)
    if (turnedDown === undefined) return
    for (const queued of [...turnedDown]) if (helps(queued.info)) this.activate(queued)
  }

  /** It goes on from where it was unschedulable. */
  activate(queued: QueuedPod): void {
    if (!this.#unschedulable.has(queued)) return
    this.#leave(queued)
    if (isOver(queued, this.#clock.now())) this.#active.add(queued)
    else this.#backoff.add(queued)
    this.#wake()
  }

  /** All that waits, wherever. */
  *[Symbol.iterator](): IterableIterator<QueuedPod> {
    yield* this.#pods.values()
  }

  clear(): void {
    this.#cancelFailed?.()
    this.#cancelFlush?.()
    this.#cancelFailed = undefined
    this.#cancelFlush = undefined
    this.#pods.clear()
    this.#active.clear()
    this.#backoff.clear()
    this.#failed.clear()
    this.#unschedulable.clear()
    this.#byPlugin.clear()
  }

  #leave(queued: QueuedPod): void {
    this.#active.remove(queued)
    this.#backoff.remove(queued)
    this.#failed.remove(queued)
    if (!this.#unschedulable.delete(queued)) return
    for (const plugin of queued.plugins) {
      const turnedDown = this.#byPlugin.get(plugin)
      turnedDown?.delete(queued)
      if (turnedDown?.size === 0) this.#byPlugin.delete(plugin)
    }
  }

  #wakeForFailed(): void {
    const { first } = this.#failed
    if (first === undefined || this.#cancelFailed !== undefined) return
    this.#cancelFailed = this.#clock.after(first.backoffUntil + WINDOW - this.#clock.now(), () => {
      this.#cancelFailed = undefined
      this.#wake()
    })
  }

  #flushLater(): void {
    this.#cancelFlush ??= this.#clock.after(FLUSH_EVERY, () => {
      this.#cancelFlush = undefined
      const long = this.#clock.now() - LONGEST_UNSCHEDULABLE
      for (const queued of [...this.#unschedulable]) if (queued.since < long) this.activate(queued)
      if (this.#unschedulable.size > 0) this.#flushLater()
    })
  }
}

/** PrioritySort: the more important first, then who came first. */
function comesFirst(a: QueuedPod, b: QueuedPod): boolean {
  const difference = priorityOf(b.info.pod) - priorityOf(a.info.pod)
  if (difference !== 0) return difference < 0
  return a.since === b.since ? a.order < b.order : a.since < b.since
}

function endOf(since: number, times: number): number {
  const wait = Math.min(FIRST_BACKOFF * 2 ** (times - 1), LONGEST_BACKOFF)
  return Math.floor((since + wait) / WINDOW) * WINDOW
}

/** The whole window has to be over. */
const isOver = ({ backoffUntil }: QueuedPod, now: number): boolean => backoffUntil < Math.floor(now / WINDOW) * WINDOW
