import type { EndReason } from '../../protocol/session.ts'
import { ReaderError } from '../errors.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import type { Availability, OwnedCluster, Provider } from '../providers/provider.ts'
import { LiveSession, type SessionLimits, type SessionParts } from './live-session.ts'
import { ClusterPool, readerMessage } from './pool.ts'
import {
  ROOM_OVER,
  type Room,
  type RoomSession,
  type RoomSessions,
  type Session,
  type Sessions,
  type StartRequest,
  type WarmWish,
} from './sessions.ts'
import { shapeOf, shapesToKeep } from './shape.ts'
import type { SessionRecord } from './store.ts'

export interface ManagerLimits extends SessionLimits {
  maxPerReader: number
  /** Live sessions started from one address. */
  maxPerAddress: number
}

/** A provider, and how many clusters of it there may be. */
export interface Place {
  provider: Provider
  /** Sessions in all; clusters in all, too, so that the pool gives way. */
  most: number
  /** Warm clusters for each shape that is worth it. */
  pool: number
  /** Clusters made at the same time: more than the machine has room for would only make each of them slower. */
  atOnce: number
  /** Milliseconds that the pool waits after a hand-over before it refills. */
  refillDelay: number
}

/** A provider as a reader chooses it. */
export interface Offer {
  provider: Provider
  availability: Availability
  /** Whether a session could be started on it now. */
  room: boolean
  /** Clusters in all that there may be. */
  most: number
  /** Clusters that there are, warm ones included. */
  running: number
}

export interface ManagerOptions extends SessionParts {
  /** The one that is taken where the reader does not choose comes first. */
  places: readonly Place[]
  catalogue: ReadonlyMap<string, LabEntry>
  limits: ManagerLimits
}

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

export interface SessionManager extends Sessions, RoomSessions {
  /** Takes up what an earlier process left, clears the rest away, fills the pool. */
  open(): Promise<void>
  /** Clusters and shells run on for the next process. */
  close(): Promise<void>
  /** Whether a session can be started at all. */
  availability(): Availability
  /** In the order of the places. */
  offers(): Offer[]
  /** Sessions that go on when this process ends. */
  lasting(): number
  /** The catalogue holds other labs than before: sessions go on with what theirs says now. */
  relearn(): void
}

/** A place at work. */
interface Open extends Place {
  clusters: ClusterPool
  availability: Availability
  /** Whether what an earlier process left has been taken up. */
  tookUp: boolean
}

export function createSessionManager(options: ManagerOptions): SessionManager {
  return new Manager(options)
}

class Manager implements SessionManager {
  readonly #options: ManagerOptions
  readonly #places: readonly Open[]
  readonly #live = new Map<string, LiveSession>()
  /** Takes a session's request for a cluster back. */
  readonly #cancellations = new Map<string, () => void>()
  readonly #failures = new Map<string, number>()
  /** Places that only workshops' seats may take, by provider. */
  #kept: ReadonlyMap<string, number> = new Map()
  readonly #timers = new Set<() => void>()
  readonly #background = new Set<Promise<unknown>>()
  readonly #closing = new AbortController()

  constructor(options: ManagerOptions) {
    this.#options = options
    const { places, store, clock, ids, log, catalogue } = options
    this.#places = places.map((place) => ({
      ...place,
      availability: { available: false, reason: 'The server is starting.' },
      tookUp: false,
      clusters: new ClusterPool({
        provider: place.provider,
        store,
        clock,
        ids,
        log,
        targets: shapesToKeep(catalogue.values(), place.provider).map((shape) => ({ shape, warm: place.pool })),
        most: place.most,
        atOnce: place.atOnce,
        refillDelay: place.refillDelay,
      }),
    }))
  }

  get counts() {
    const count = (state: string) => [...this.#live.values()].filter((session) => session.state === state).length
    return {
      queued: count('queued'),
      preparing: count('preparing'),
      ready: count('ready'),
      pooled: warmOf(this.#places),
    }
  }

  availability(): Availability {
    const best = this.#places.find((place) => place.availability.available) ?? this.#places[0]
    return best?.availability ?? { available: false, reason: 'Nothing here makes clusters.' }
  }

  offers(): Offer[] {
    return this.#places.map((place) => ({
      provider: place.provider,
      availability: place.availability,
      room: this.#hasRoom(place),
      most: place.most,
      running: place.clusters.count,
    }))
  }

  get providers(): string[] {
    return this.#places.map(({ provider }) => provider.name)
  }

  ofRooms(): RoomSession[] {
    return [...this.#live.values()].filter(isOfRoom)
  }

  keepFree(places: ReadonlyMap<string, number>): void {
    this.#kept = places
  }

  keepWarm(wishes: readonly WarmWish[]): void {
    const { catalogue } = this.#options
    for (const { provider, clusters } of this.#places) {
      const targets = wishes.flatMap((wish) => {
        const entry = wish.provider === provider.name ? catalogue.get(wish.lab) : undefined
        return entry ? [{ shape: shapeOf(entry, provider), warm: wish.clusters }] : []
      })
      clusters.keepWarm(targets)
    }
  }

  warmFor(lab: string, provider: string): number {
    const entry = this.#options.catalogue.get(lab)
    const place = this.#placeOf(provider)
    return entry && place ? place.clusters.warmOf(shapeOf(entry, place.provider)) : 0
  }

  lasting(): number {
    return [...this.#live.values()].filter(({ state }) => state === 'ready').length
  }

  async open(): Promise<void> {
    for (const record of this.#options.store.sessions()) {
      if (record.state === 'ended') continue
      if (!this.#options.catalogue.has(record.lab)) this.#endWithoutLab(record)
      else if (record.state === 'ready') this.#track(record).preparing('cluster')
      else this.#track(record)
    }
    await this.#atAll((place) => this.#probe(place).then(() => this.#takeUp(place)))
    this.#every(PROBE_EVERY_MS, () => this.#atAll((place) => this.#probe(place)))
    this.#every(REAP_EVERY_MS, () => this.#reap())
    this.#every(SWEEP_EVERY_MS, async () => this.#sweep())
  }

  start({ reader, lab, address, provider: wanted, room }: StartRequest): Session {
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
    if (!room) this.#requireRoom(mine.filter((session) => !isOfRoom(session)).length, address)
    const { provider } = room ? this.#chooseFor(room, reader, wanted) : this.#choose(wanted)

    const now = clock.now()
    const record: SessionRecord = {
      id: ids.secret(),
      reader,
      address,
      lab,
      provider: provider.name,
      cluster: null,
      state: 'waiting',
      reason: null,
      message: null,
      createdAt: now,
      readyAt: null,
      endedAt: null,
      expiresAt: room?.endsAt ?? now + limits.sessionMs,
      lastInputAt: now,
      extensionsLeft: room ? 0 : limits.extensions,
      progress: {},
      room: room?.id ?? null,
    }
    store.putSession(record)
    log.info({ session: record.id, lab, provider: provider.name }, 'session started')
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
    await this.#atAll((place) => place.clusters.close())
    await Promise.allSettled(this.#background)
  }

  /** @throws {ReaderError} unknown-provider (404), unavailable (503), too-many-sessions (429) */
  #choose(wanted: string | undefined, forRoom = false): Open {
    const places = this.#places.filter(({ provider }) => wanted === undefined || provider.name === wanted)
    if (places.length === 0) {
      throw new ReaderError('unknown-provider', `This server has no clusters of the kind “${wanted}”.`, {
        status: 404,
        field: 'provider',
      })
    }
    const available = places.filter((place) => place.availability.available)
    const free = available.find((place) => this.#hasRoom(place, forRoom))
    if (free) return free
    const [full] = available
    const { availability } = places[0] as Open
    if (!full && !availability.available) {
      throw new ReaderError('unavailable', availability.reason, { status: 503, retryAfter: 10 })
    }
    const most = (full ?? (places[0] as Open)).most
    const retryAfter = this.#retryAfter()
    const simplyFull = forRoom || !this.#kept.get((full ?? (places[0] as Open)).provider.name)
    throw this.#refusal(
      simplyFull
        ? `All ${most} places of this server are taken: try again in about ${retryAfter} seconds.`
        : 'The places that are free here are kept for a workshop: try again when it is over.',
      retryAfter,
    )
  }

  /** Where the machine is full, a seat's earlier lab makes room for its next: each seat has a place, and not one for each lab. */
  #chooseFor(room: Room, reader: string, wanted: string | undefined): Open {
    try {
      return this.#choose(wanted, true)
    } catch (error) {
      const earlier = this.of(reader)
        .filter((session) => session.room === room.id && session.record.provider === wanted)
        .at(-1)
      if (!earlier || !(error instanceof ReaderError && error.code === 'too-many-sessions')) throw error
      earlier.end('reader', 'This lab made room for the next one of the workshop.')
      return this.#choose(wanted, true)
    }
  }

  #hasRoom({ provider, most }: Place, forRoom = false): boolean {
    const taken = [...this.#live.values()].filter((session) => session.record.provider === provider.name)
    if (forRoom) return taken.length < most
    const kept = Math.min(most, this.#kept.get(provider.name) ?? 0)
    const inRooms = taken.filter(isOfRoom).length
    return taken.length < most && taken.length - inRooms < most - kept
  }

  #retryAfter(): number {
    return RETRY_AFTER_S.least + (this.#options.ids.secret().charCodeAt(0) % RETRY_AFTER_S.spread)
  }

  #refusal(message: string, retryAfter = this.#retryAfter()): ReaderError {
    return new ReaderError('too-many-sessions', message, { status: 429, retryAfter })
  }

  #requireRoom(mine: number, address: string): void {
    const { limits } = this.#options
    if (mine >= limits.maxPerReader) {
      throw this.#refusal(`You already have ${mine} ${mine === 1 ? 'lab' : 'labs'} running: end one to start another.`)
    }
    const fromAddress = [...this.#live.values()].filter(
      (session) => session.record.address === address && !isOfRoom(session),
    ).length
    if (fromAddress >= limits.maxPerAddress) {
      throw this.#refusal(
        `${fromAddress} labs are already running from your network address: end one, or try again later.`,
      )
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

  relearn(): void {
    for (const session of this.#live.values()) {
      const entry = this.#options.catalogue.get(session.record.lab)
      if (entry) session.relearn(entry)
    }
  }

  #build(record: SessionRecord): LiveSession {
    const { log, catalogue } = this.#options
    const entry = catalogue.get(record.lab)
    if (!entry) throw new ReaderError('unknown-lab', 'This lab is no longer offered.', { status: 404 })
    return new LiveSession({
      ...this.#options,
      record,
      entry,
      log: log.child({ session: record.id }),
      onEnded: (session) => this.#ended(session),
    })
  }

  #requestCluster(session: LiveSession): void {
    const place = this.#placeOf(session.record.provider)
    if (!place) {
      session.end('vanished', 'This server no longer has clusters of this kind.')
      return
    }
    const cancel = place.clusters.request({
      session: session.id,
      shape: shapeOf(session.entry, place.provider),
      onQueued: (position) => session.queued(position),
      onStage: (stage) => session.preparing(stage),
      onCluster: (cluster) => this.#spawn(session.begin(cluster)),
      onFailure: (error) => session.end('failed', readerMessage(error)),
    })
    if (session.state !== 'ended') this.#cancellations.set(session.id, cancel)
  }

  #placeOf(provider: string): Open | undefined {
    return this.#places.find((place) => place.provider.name === provider)
  }

  async #atAll(work: (place: Open) => Promise<void>): Promise<void> {
    await Promise.all(this.#places.map(work))
  }

  #ended(session: LiveSession): void {
    this.#live.delete(session.id)
    this.#failures.delete(session.id)
    this.#cancellations.get(session.id)?.()
    this.#cancellations.delete(session.id)
    const { cluster } = session
    if (cluster) void this.#placeOf(session.record.provider)?.clusters.dispose(cluster.id, () => cluster.dispose())
  }

  async #probe(place: Open): Promise<void> {
    const { provider } = place
    const before = place.availability.available
    place.availability = await provider
      .probe()
      .catch((error: unknown): Availability => ({ available: false, reason: readerMessage(error) }))
    if (before !== place.availability.available)
      this.#options.log.info({ provider: provider.name, ...place.availability }, 'availability of a provider')
  }

  /** Once, as soon as the provider can say what there is. */
  async #takeUp(place: Open): Promise<void> {
    if (place.tookUp || !place.availability.available) return
    const { store, log } = this.#options
    const { provider, clusters } = place
    let owned: OwnedCluster[]
    try {
      owned = await provider.list()
    } catch (error) {
      log.warn({ err: error, provider: provider.name }, 'not known yet which clusters there are')
      return
    }
    place.tookUp = true
    const records = store.clusters().filter((cluster) => cluster.provider === provider.name)
    const known = new Map(records.map((cluster) => [cluster.id, cluster]))
    const sessions = [...this.#live.values()].filter((session) => session.record.provider === provider.name)
    await Promise.all(
      owned.map(async (found) => {
        const record = known.get(found.id)
        known.delete(found.id)
        const session = sessions.find((each) => each.record.state === 'ready' && each.record.cluster === found.id)
        const poolable = record?.whole && record.session === null
        let why: string | undefined
        const cluster =
          session || poolable
            ? await found.adopt().catch((error: unknown) => {
                if (error instanceof ReaderError) why = error.message
                return undefined
              })
            : undefined
        if (cluster && session && session.state !== 'ended') {
          clusters.addTaken(cluster.id)
          log.info({ session: session.id, cluster: cluster.id }, 'session taken up again')
          await session.resume(cluster)
        } else if (cluster && record && !session) {
          clusters.addWarm(cluster, record, record.createdAt)
        } else {
          session?.end('vanished', why)
          log.info({ cluster: found.id }, 'a leftover cluster is removed')
          void clusters.dispose(found.id, () => found.dispose())
        }
      }),
    )
    for (const id of known.keys()) store.removeCluster(id)
    for (const session of sessions) {
      if (session.record.state === 'ready' && !session.cluster) session.end('vanished')
      // One that was started meanwhile has asked by itself.
      if (session.record.state === 'waiting' && !this.#cancellations.has(session.id)) this.#requestCluster(session)
    }
    clusters.start()
    this.#spawn(
      provider
        .prepare(this.#closing.signal)
        .catch((error) => log.error({ err: error, provider: provider.name }, 'the provider could not prepare')),
    )
  }

  /** Removes what nobody owns; ends sessions whose cluster went away. */
  async #reap(): Promise<void> {
    await this.#atAll((place) => this.#reapAt(place))
    await Promise.all([...this.#live.values()].map((session) => this.#checkHealth(session)))
    this.#options.store.forgetEndedBefore(this.#options.clock.now() - REMEMBER_ENDED_MS)
  }

  /** A list that fails means unknown: nothing is done. */
  async #reapAt(place: Open): Promise<void> {
    if (!place.availability.available) return
    if (!place.tookUp) return this.#takeUp(place)
    const { provider, clusters } = place
    const { log } = this.#options
    let owned: OwnedCluster[]
    try {
      owned = await provider.list()
    } catch (error) {
      log.error({ err: error, provider: provider.name }, 'not known which clusters there are')
      return
    }
    for (const found of owned) {
      if (clusters.knows(found.id)) continue
      log.warn({ cluster: found.id }, 'a cluster that nobody owns is removed')
      void clusters.dispose(found.id, () => found.dispose())
    }
    clusters.refresh()
  }

  async #checkHealth(session: LiveSession): Promise<void> {
    if (session.state !== 'ready' || !session.cluster) return
    if (!this.#placeOf(session.record.provider)?.availability.available) return
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
      if (reason) session.end(reason, isOfRoom(session) ? ROOM_OVER : undefined)
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

const isOfRoom = (session: LiveSession): session is LiveSession & RoomSession => session.room !== null

const warmOf = (places: readonly Open[]) => places.reduce((total, { clusters }) => total + clusters.warm, 0)
