/**
 * Makes clusters, keeps some warm, hands each to one session, and takes them down again, whatever happens in between.
 * The one place that calls a provider's `create` and `dispose`.
 */
import type { Logger } from 'pino'
import { type Clock, sleep } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { Ids } from '../ids.ts'
import type { Cluster, Provider, ProviderStage } from '../providers/provider.ts'
import { type Demand, plan } from './plan.ts'
import { type ClusterShape, sameShape } from './shape.ts'
import type { Store } from './store.ts'

/** After a cluster for the pool could not be made; doubles up to the longest. */
const FIRST_BACKOFF_MS = 30_000
const LONGEST_BACKOFF_MS = 10 * 60_000
/** A dispose that failed is tried again after this; doubles up to a minute. */
const FIRST_DISPOSE_RETRY_MS = 1_000
const LONGEST_DISPOSE_RETRY_MS = 60_000
/** A warm cluster older than this is replaced: its images and tokens age. */
export const MAX_WARM_AGE_MS = 6 * 60 * 60_000

export interface ClusterRequest {
  session: string
  shape: ClusterShape
  /** Called when the place in the queue changes: 1 is next. */
  onQueued(position: number): void
  onStage(stage: ProviderStage): void
  /** Called once. The cluster answered a moment ago, and is recorded as the session's. */
  onCluster(cluster: Cluster): void
  /** Called once, instead of onCluster. */
  onFailure(error: unknown): void
}

export interface PoolOptions {
  provider: Provider
  store: Store
  clock: Clock
  ids: Ids
  log: Logger
  /** How many clusters to keep warm of each shape. */
  targets: readonly Target[]
  /** Clusters in all, those in use included. */
  most: number
  /** Clusters made at the same time. */
  atOnce: number
  /** Milliseconds to wait after a hand-over before the pool refills, so that the reader's first minute has the machine for itself. */
  refillDelay: number
}

export interface Target {
  shape: ClusterShape
  warm: number
}

interface Creation {
  id: string
  shape: ClusterShape
  stage: ProviderStage | undefined
  abort: AbortController
}

interface Warm {
  cluster: Cluster
  shape: ClusterShape
  createdAt: number
}

export class ClusterPool {
  readonly #options: PoolOptions
  readonly #requests: ClusterRequest[] = []
  readonly #creations = new Map<string, Creation>()
  readonly #warm: Warm[] = []
  /** Ids of clusters that sessions have, those that are being checked before the hand-over included. */
  readonly #taken = new Set<string>()
  readonly #disposals = new Map<string, Promise<void>>()
  readonly #closing = new AbortController()
  /** What is wanted for a while beside the pool's own targets. */
  #more: readonly Target[] = []
  #refillAt = 0
  #backoff = 0
  #cancelRefill: (() => void) | undefined
  #running = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  get warm(): number {
    return this.#warm.length
  }

  /** Clusters that take up the machine: in use, warm, being made or on their way out. */
  get count(): number {
    return this.#inUse + this.#warm.length + this.#creations.size
  }

  warmOf(shape: ClusterShape): number {
    return this.#warm.filter((warm) => sameShape(warm.shape, shape)).length
  }

  /**
   * For a while so many are kept warm beside those that are anyway, which give way where not all have room. What nobody wants any more is
   * given up.
   */
  keepWarm(targets: readonly Target[]): void {
    const more = together(targets)
    const same = (a: readonly Target[], b: readonly Target[]) =>
      a.every(({ shape, warm }) => (b.find((other) => sameShape(other.shape, shape))?.warm ?? 0) === warm)
    if (same(more, this.#more) && same(this.#more, more)) return
    this.#more = more
    this.#pump()
  }

  /** Begins to make clusters. Until then requests wait. */
  start(): void {
    this.#running = true
    this.#pump()
  }

  /** The function returned takes the request back; it does nothing once the request was answered. */
  request(request: ClusterRequest): () => void {
    this.#requests.push(request)
    this.#pump()
    return () => {
      if (remove(this.#requests, request)) this.#pump()
    }
  }

  /** Takes up a warm cluster that an earlier process left. */
  addWarm(cluster: Cluster, shape: ClusterShape, createdAt: number): void {
    this.#warm.push({ cluster, shape, createdAt })
    this.#pump()
  }

  /** Counts a cluster that a session already has. */
  addTaken(id: string): void {
    this.#taken.add(id)
  }

  /** Whether this process knows the cluster: everything else that the provider owns is a leftover. */
  knows(id: string): boolean {
    return (
      this.#taken.has(id) ||
      this.#creations.has(id) ||
      this.#disposals.has(id) ||
      this.#warm.some((warm) => warm.cluster.id === id)
    )
  }

  /**
   * Takes a cluster down, trying again until nothing of it is left.
   * @param dispose idempotent
   */
  dispose(id: string, dispose: () => Promise<void>): Promise<void> {
    const running = this.#disposals.get(id)
    if (running) return running
    this.#taken.delete(id)
    const disposal = this.#disposeUntilGone(id, dispose).finally(() => {
      this.#disposals.delete(id)
      this.#pump()
    })
    this.#disposals.set(id, disposal)
    return disposal
  }

  /** Replaces warm clusters that are too old. */
  refresh(): void {
    const oldest = this.#options.clock.now() - MAX_WARM_AGE_MS
    for (const warm of this.#warm.filter((each) => each.createdAt < oldest)) {
      remove(this.#warm, warm)
      void this.dispose(warm.cluster.id, () => warm.cluster.dispose())
    }
    this.#pump()
  }

  /** Warm clusters stay for the next process; those being made are given up. Resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#running = false
    this.#cancelRefill?.()
    this.#closing.abort(new Error('the server is closing'))
    for (const creation of this.#creations.values()) creation.abort.abort(new Error('the server is closing'))
    while (this.#creations.size > 0 || this.#disposals.size > 0) {
      await Promise.allSettled(this.#disposals.values())
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #pump(): void {
    if (!this.#running) return
    for (const request of [...this.#requests]) {
      const warm = this.#warm.find((each) => sameShape(each.shape, request.shape))
      if (!warm) continue
      remove(this.#warm, warm)
      remove(this.#requests, request)
      void this.#handOver(warm, request)
    }
    const { provider, most, atOnce, log } = this.#options
    const mayRefill = this.#mayRefill()
    const { begin, surplus } = plan(this.#demands(mayRefill ? this.#targets() : []), this.#inUse, { most, atOnce })
    for (const shape of begin) void this.#create(shape)
    // While refilling waits, the targets seem to be 0: nothing is given up for that.
    for (const shape of mayRefill ? surplus : []) {
      const warm = this.#warm.find((each) => sameShape(each.shape, shape))
      if (!warm) continue
      log.info({ cluster: warm.cluster.id, provider: provider.name }, 'a warm cluster is not needed any more')
      remove(this.#warm, warm)
      void this.dispose(warm.cluster.id, () => warm.cluster.dispose())
    }
    this.#tellPositions()
  }

  /** Clusters that sessions have, and those on their way out: they take up the machine as well. */
  get #inUse(): number {
    return this.#taken.size + this.#disposals.size
  }

  /** What is wanted for a while comes first; of the rest there is what then still has room. */
  #targets(): readonly Target[] {
    const { targets, most } = this.#options
    // Without anything that comes first, the plan itself sees to the room
    if (this.#more.length === 0) return targets
    let room = this.#more.reduce((left, { warm }) => left - warm, most - this.#inUse - this.#requests.length)
    const usual = targets.map(({ shape, warm }) => {
      const fits = Math.max(0, Math.min(warm, room))
      room -= fits
      return { shape, warm: fits }
    })
    return together([...this.#more, ...usual])
  }

  #mayRefill(): boolean {
    const wait = this.#refillAt - this.#options.clock.now()
    if (wait <= 0) return true
    this.#cancelRefill?.()
    this.#cancelRefill = this.#options.clock.after(wait, () => this.#pump())
    return false
  }

  #demands(targets: readonly Target[]): Demand[] {
    const all = [...this.#requests, ...this.#warm, ...this.#creations.values(), ...targets].map(({ shape }) => shape)
    const shapes = all.filter((shape, index) => all.findIndex((other) => sameShape(other, shape)) === index)
    return shapes.map((shape) => ({
      shape,
      waiting: this.#requests.filter((request) => sameShape(request.shape, shape)).length,
      warm: this.#warm.filter((warm) => sameShape(warm.shape, shape)).length,
      creating: this.#creationsOf(shape).length,
      target: targets.find((target) => sameShape(target.shape, shape))?.warm ?? 0,
    }))
  }

  #creationsOf(shape: ClusterShape): Creation[] {
    return [...this.#creations.values()].filter((creation) => sameShape(creation.shape, shape))
  }

  async #handOver(warm: Warm, request: ClusterRequest): Promise<void> {
    const { cluster, shape, createdAt } = warm
    const { provider, store, clock, log } = this.#options
    this.#taken.add(cluster.id)
    this.#refillAt = Math.max(this.#refillAt, clock.now() + this.#options.refillDelay)
    store.putCluster({
      id: cluster.id,
      provider: provider.name,
      ...shape,
      session: request.session,
      whole: true,
      createdAt,
    })
    const healthy = await cluster.healthy().catch(() => false)
    if (!healthy) {
      log.warn({ cluster: cluster.id }, 'a warm cluster no longer answers and is replaced')
      void this.dispose(cluster.id, () => cluster.dispose())
      this.#requests.unshift(request)
      this.#pump()
      return
    }
    request.onCluster(cluster)
    this.#pump()
  }

  async #create(shape: ClusterShape): Promise<void> {
    const { provider, store, clock, ids, log } = this.#options
    const id = this.#freshId(ids)
    const createdAt = clock.now()
    const creation: Creation = { id, shape, stage: undefined, abort: new AbortController() }
    this.#creations.set(id, creation)
    store.putCluster({ id, provider: provider.name, ...shape, session: null, whole: false, createdAt })
    try {
      const cluster = await provider.create(
        { id, ...shape },
        (stage) => {
          creation.stage = stage
          this.#tellPositions()
        },
        creation.abort.signal,
      )
      store.putCluster({ id, provider: provider.name, ...shape, session: null, whole: true, createdAt })
      log.info({ cluster: id, ...shape, ms: clock.now() - createdAt }, 'cluster made')
      this.#creations.delete(id)
      this.#backoff = 0
      this.#warm.push({ cluster, shape, createdAt })
    } catch (error) {
      this.#creations.delete(id)
      void this.dispose(id, () => this.#disposeLeftover(id))
      if (this.#closing.signal.aborted) return
      log.error({ cluster: id, err: error }, 'cluster not made')
      const waiting = this.#requests.find((request) => sameShape(request.shape, shape))
      if (waiting) {
        remove(this.#requests, waiting)
        waiting.onFailure(error)
      } else {
        this.#backoff = Math.min(Math.max(FIRST_BACKOFF_MS, this.#backoff * 2), LONGEST_BACKOFF_MS)
        this.#refillAt = clock.now() + this.#backoff
      }
    }
    this.#pump()
  }

  /** A cluster that never became whole is known to the provider's list alone. */
  async #disposeLeftover(id: string): Promise<void> {
    const owned = await this.#options.provider.list()
    await owned.find((each) => each.id === id)?.dispose()
  }

  async #disposeUntilGone(id: string, dispose: () => Promise<void>): Promise<void> {
    const { store, clock, log } = this.#options
    for (let retry = FIRST_DISPOSE_RETRY_MS; ; retry = Math.min(retry * 2, LONGEST_DISPOSE_RETRY_MS)) {
      try {
        await dispose()
        store.removeCluster(id)
        log.info({ cluster: id }, 'cluster removed')
        return
      } catch (error) {
        log.error({ cluster: id, err: error, retryInMs: retry }, 'cluster not removed')
        // What is left then stays in the store, and the next start finds it.
        if (
          await sleep(clock, retry, this.#closing.signal).then(
            () => false,
            () => true,
          )
        )
          return
      }
    }
  }

  /** Tells each request how far the cluster is that it will get, or its place behind the others. */
  #tellPositions(): void {
    let position = 0
    for (const [index, request] of this.#requests.entries()) {
      const before = this.#requests.slice(0, index).filter(({ shape }) => sameShape(shape, request.shape)).length
      const stage = this.#creationsOf(request.shape)[before]?.stage
      if (stage) request.onStage(stage)
      else request.onQueued(++position)
    }
  }

  #freshId(ids: Ids): string {
    for (;;) {
      const id = ids.short()
      if (!this.knows(id)) return id
    }
  }
}

/** One target for each shape. */
function together(targets: readonly Target[]): Target[] {
  const all: Target[] = []
  for (const { shape, warm } of targets) {
    const own = all.find((other) => sameShape(other.shape, shape))
    if (own) own.warm += warm
    else all.push({ shape, warm })
  }
  return all
}

/** The error as a reader may see it: everything that is not meant for readers becomes one sentence. */
export function readerMessage(error: unknown): string {
  return error instanceof ReaderError ? error.message : 'The cluster could not be made. The server’s log says why.'
}

function remove<T>(items: T[], item: T): boolean {
  const index = items.indexOf(item)
  if (index >= 0) items.splice(index, 1)
  return index >= 0
}
