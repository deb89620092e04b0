import type { EndReason } from '../../protocol/session.ts'
import { ReaderError } from '../errors.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import type { Availability, OwnedCluster, Provider } from '../providers/provider.ts'
import { LiveSession, type SessionLimits, type SessionParts } from './live-session.ts'
import { ClusterPool, readerMessage } from './pool.ts'
import type { Session, Sessions } from './sessions.ts'
import type { SessionRecord } from './store.ts'

export interface ManagerLimits extends SessionLimits {
  /** Sessions in all; clusters in all, too, so that the pool gives way. */
  maxSessions: number
  maxPerReader: number
  /** Live sessions started from one address. */
  maxPerAddress: number
  /** Warm clusters for each number of workers that labs ask for. */
  pool: number
}

export interface ManagerOptions extends SessionParts {
  provider: Provider
  catalogue: ReadonlyMap<string, LabEntry>
  limits: ManagerLimits
}

/** Clusters made at the same time: on a small machine more would only make each of them slower. */
const CREATE_AT_ONCE = 2
/** How late an idle or expired session may end. */
const SWEEP_EVERY_MS = 5_000
/** How often what the provider owns is compared with the store, and live clusters are asked whether they answer. */
const REAP_EVERY_MS = 30_000
const PROBE_EVERY_MS = 10_000
/** How long the page of an ended session still finds out why. */
const REMEMBER_ENDED_MS = 24 * 60 * 60_000
/** A cluster that fails this many health checks in a row is gone. */
const FAILURES_TO_VANISH = 2
/** A refused start is worth trying again after 30 to 60 s; spread, so that a room does not come back all at once. */
const RETRY_AFTER_S = { least: 30, spread: 30 }

export interface SessionManager extends Sessions {
  /** Takes up what an earlier process left, clears the rest away, fills the pool. */
  open(): Promise<void>
  /** Clusters and shells run on for the next process. */
  close(): Promise<void>
  availability(): Availability
}

export function createSessionManager(options: ManagerOptions): SessionManager {
  return new Manager(options)
}

class Manager implements SessionManager {
  readonly #options: ManagerOptions
  readonly #pool: ClusterPool
  readonly #live = new Map<string, LiveSession>()
  /** Takes a session's request for a cluster back. */
  readonly #cancellations = new Map<string, () => void>()
  readonly #failures = new Map<string, number>()
  readonly #timers = new Set<() => void>()
  readonly #background = new Set<Promise<unknown>>()
  #availability: Availability = { available: false, reason: 'The server is starting.' }
  /** Whether what an earlier process left has been taken up. */
  #tookUp = false
  readonly #closing = new AbortController()

  constructor(options: ManagerOptions) {
    this.#options = options
    const { provider, store, clock, ids, log, limits, catalogue } = options
    const shapes = new Set([...catalogue.values()].map(({ lab }) => lab.cluster.workers))
    this.#pool = new ClusterPool({
      provider,
      store,
      clock,
      ids,
      log,
      targets: new Map([...shapes].map((workers) => [workers, limits.pool])),
      most: limits.maxSessions,
      atOnce: CREATE_AT_ONCE,
    })
  }

  get counts() {
    const count = (state: string) => [...this.#live.values()].filter((session) => session.state === state).length
    return { queued: count('queued'), preparing: count('preparing'), ready: count('ready'), pooled: this.#pool.warm }
  }

  availability(): Availability {
    return this.#availability
  }

  async open(): Promise<void> {
    for (const record of this.#options.store.sessions()) {
      if (record.state === 'ended') continue
      if (!this.#options.catalogue.has(record.lab)) this.#endWithoutLab(record)
      else if (record.state === 'ready') this.#track(record).preparing('cluster')
      else this.#track(record)
    }
    await this.#probe()
    await this.#takeUp()
    this.#every(PROBE_EVERY_MS, () => this.#probe())
    this.#every(REAP_EVERY_MS, () => this.#reap())
    this.#every(SWEEP_EVERY_MS, async () => this.#sweep())
  }

  start({ reader, lab, address }: { reader: string; lab: string; address: string }): Session {
    const { catalogue, clock, ids, store, limits, log } = this.#options
    if (!catalogue.has(lab)) {
      throw new ReaderError('unknown-lab', `There is no lab “${lab}”.`, { status: 404, field: 'lab' })
    }
    const mine = this.of(reader)
    const running = mine.find((session) => session.view().lab === lab)
    if (running) return running
    if (this.#closing.signal.aborted)
      throw new ReaderError('shutting-down', 'The server is being restarted: try again in a moment.', {
        status: 503,
        retryAfter: 5,
      })
    if (!this.#availability.available)
      throw new ReaderError('unavailable', this.#availability.reason, { status: 503, retryAfter: 10 })
    this.#requireRoom(mine.length, address)

    const now = clock.now()
    const record: SessionRecord = {
      id: ids.secret(),
      reader,
      address,
      lab,
      cluster: null,
      state: 'waiting',
      reason: null,
      message: null,
      createdAt: now,
      readyAt: null,
      endedAt: null,
      expiresAt: now + limits.sessionMs,
      lastInputAt: now,
      extensionsLeft: limits.extensions,
      progress: {},
    }
    store.putSession(record)
    log.info({ session: record.id, lab }, 'session started')
    const session = this.#track(record)
    this.#requestCluster(session)
    return session
  }

  get(reader: string, id: string): Session {
    const live = this.#live.get(id)
    const record = live?.record ?? this.#options.store.session(id)
    const session = record?.reader === reader ? (live ?? this.#build(record)) : undefined
    if (!session) throw new ReaderError('unknown-session', 'There is no such lab session.', { status: 404 })
    return session
  }

  of(reader: string): LiveSession[] {
    return [...this.#live.values()]
      .filter((session) => session.record.reader === reader)
      .sort((a, b) => b.record.createdAt - a.record.createdAt)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    for (const cancel of this.#timers) cancel()
    for (const session of this.#live.values()) session.detach()
    await this.#pool.close()
    await Promise.allSettled(this.#background)
  }

  #requireRoom(mine: number, address: string): void {
    const { limits, ids } = this.#options
    const retryAfter = RETRY_AFTER_S.least + (ids.secret().charCodeAt(0) % RETRY_AFTER_S.spread)
    const refuse = (message: string) => {
      throw new ReaderError('too-many-sessions', message, { status: 429, retryAfter })
    }
    if (mine >= limits.maxPerReader) {
      refuse(`You already have ${mine} ${mine === 1 ? 'lab' : 'labs'} running: end one to start another.`)
    }
    if (this.#live.size >= limits.maxSessions) {
      refuse(`All ${limits.maxSessions} places of this server are taken: try again in about ${retryAfter} seconds.`)
    }
    const fromAddress = [...this.#live.values()].filter((session) => session.record.address === address).length
    if (fromAddress >= limits.maxPerAddress) {
      refuse(`${fromAddress} labs are already running from your network address: end one, or try again later.`)
    }
  }

  /** For a session from before a restart whose lab is gone from the catalogue. */
  #endWithoutLab(record: SessionRecord): void {
    const gone = { state: 'ended', reason: 'vanished', message: 'This lab is no longer offered.' } as const
    this.#options.store.putSession({ ...record, ...gone, endedAt: this.#options.clock.now() })
  }

  #track(record: SessionRecord): LiveSession {
    const session = this.#build(record)
    this.#live.set(record.id, session)
    return session
  }

  #build(record: SessionRecord): LiveSession {
    const { provider, log, catalogue } = this.#options
    const entry = catalogue.get(record.lab)
    if (!entry) throw new ReaderError('unknown-lab', 'This lab is no longer offered.', { status: 404 })
    return new LiveSession({
      ...this.#options,
      record,
      entry,
      providerName: provider.name,
      log: log.child({ session: record.id }),
      onEnded: (session) => this.#ended(session),
    })
  }

  #requestCluster(session: LiveSession): void {
    const cancel = this.#pool.request({
      session: session.id,
      workers: this.#entry(session).lab.cluster.workers,
      onQueued: (position) => session.queued(position),
      onStage: (stage) => session.preparing(stage),
      onCluster: (cluster) => this.#spawn(session.begin(cluster)),
      onFailure: (error) => session.end('failed', readerMessage(error)),
    })
    if (session.state !== 'ended') this.#cancellations.set(session.id, cancel)
  }

  #entry(session: LiveSession): LabEntry {
    return this.#options.catalogue.get(session.record.lab) as LabEntry
  }

  #ended(session: LiveSession): void {
    this.#live.delete(session.id)
    this.#failures.delete(session.id)
    this.#cancellations.get(session.id)?.()
    this.#cancellations.delete(session.id)
    const { cluster } = session
    if (cluster) void this.#pool.dispose(cluster.id, () => cluster.dispose())
  }

  async #probe(): Promise<void> {
    const before = this.#availability.available
    this.#availability = await this.#options.provider
      .probe()
      .catch((error: unknown): Availability => ({ available: false, reason: readerMessage(error) }))
    if (before !== this.#availability.available)
      this.#options.log.info(this.#availability, 'availability of the provider')
  }

  /** Once, as soon as the provider can say what there is. */
  async #takeUp(): Promise<void> {
    if (this.#tookUp || !this.#availability.available) return
    const { provider, store, log } = this.#options
    let owned: OwnedCluster[]
    try {
      owned = await provider.list()
    } catch (error) {
      log.warn({ err: error }, 'not known yet which clusters there are')
      return
    }
    this.#tookUp = true
    const known = new Map(store.clusters().map((cluster) => [cluster.id, cluster]))
    const sessions = [...this.#live.values()]
    await Promise.all(
      owned.map(async (found) => {
        const record = known.get(found.id)
        known.delete(found.id)
        const session = sessions.find((each) => each.record.state === 'ready' && each.record.cluster === found.id)
        const poolable = record?.whole && record.session === null
        const cluster = session || poolable ? await found.adopt().catch(() => undefined) : undefined
        if (cluster && session && session.state !== 'ended') {
          this.#pool.addTaken(cluster.id)
          log.info({ session: session.id, cluster: cluster.id }, 'session taken up again')
          session.resume(cluster)
        } else if (cluster && record && !session) {
          this.#pool.addWarm(cluster, record.workers, record.createdAt)
        } else {
          session?.end('vanished')
          log.info({ cluster: found.id }, 'a leftover cluster is removed')
          void this.#pool.dispose(found.id, () => found.dispose())
        }
      }),
    )
    for (const id of known.keys()) store.removeCluster(id)
    for (const session of sessions) {
      if (session.record.state === 'ready' && !session.cluster) session.end('vanished')
      if (session.record.state === 'waiting') this.#requestCluster(session)
    }
    this.#pool.start()
    this.#spawn(
      provider.prepare(this.#closing.signal).catch((error) => log.error({ err: error }, 'node image not prepared')),
    )
  }

  /** Removes what nobody owns; ends sessions whose cluster went away. A list that fails means unknown: nothing is done. */
  async #reap(): Promise<void> {
    if (!this.#availability.available) return
    if (!this.#tookUp) return this.#takeUp()
    const { provider, store, clock, log } = this.#options
    const owned = await provider.list()
    for (const found of owned) {
      if (this.#pool.knows(found.id)) continue
      log.warn({ cluster: found.id }, 'a cluster that nobody owns is removed')
      void this.#pool.dispose(found.id, () => found.dispose())
    }
    this.#pool.refresh()
    await Promise.all([...this.#live.values()].map((session) => this.#checkHealth(session)))
    store.forgetEndedBefore(clock.now() - REMEMBER_ENDED_MS)
  }

  async #checkHealth(session: LiveSession): Promise<void> {
    if (session.state !== 'ready' || !session.cluster) return
    const healthy = await session.cluster.healthy().catch(() => false)
    const failures = healthy ? 0 : (this.#failures.get(session.id) ?? 0) + 1
    this.#failures.set(session.id, failures)
    if (failures >= FAILURES_TO_VANISH) session.end('vanished')
  }

  #sweep(): void {
    const now = this.#options.clock.now()
    for (const session of this.#live.values()) {
      if (session.state !== 'ready') continue
      const reason: EndReason | undefined =
        now >= session.record.expiresAt ? 'expired' : now >= session.idleAt ? 'idle' : undefined
      if (reason) session.end(reason)
    }
  }

  #every(ms: number, work: () => Promise<void>): void {
    const { clock, log } = this.#options
    let cancel: () => void = () => {}
    const next = () => {
      this.#timers.delete(cancel)
      if (this.#closing.signal.aborted) return
      cancel = clock.after(ms, () => {
        this.#spawn(
          work()
            .catch((error) => log.error({ err: error }, 'housekeeping failed'))
            .finally(next),
        )
      })
      this.#timers.add(cancel)
    }
    next()
  }

  #spawn(work: Promise<unknown>): void {
    this.#background.add(work)
    void work.finally(() => this.#background.delete(work))
  }
}
