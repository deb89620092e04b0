/** One session while it lives: its cluster, shells and checks, and the view of them that pages are sent. */
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { Need, Step } from '../../protocol/lab/schema.ts'
import type { MapEvent } from '../../protocol/map.ts'
import type { EndReason, SessionState, SessionView, ShellView, StepView } from '../../protocol/session.ts'
import { type CheckRunner, openOf, type Progress, type runChecks } from '../checks/runner.ts'
import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { Ids } from '../ids.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import { lacksOf } from '../labs/needs.ts'
import { untilReady } from '../labs/ready.ts'
import { createMapFeed, type MapFeed } from '../map/feed.ts'
import { followNodeWishes, type NodeWishes } from '../nodes/wishes.ts'
import type { HomeFiles } from '../providers/home-files.ts'
import type { Cluster, ProviderStage, TerminalSize } from '../providers/provider.ts'
import type { createTerminal } from '../terminal/create-terminal.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { catchUp, type Journey, restart } from './journey.ts'
import { readerMessage } from './pool.ts'
import { SessionShells } from './session-shells.ts'
import type { Session } from './sessions.ts'
import { StepStarts } from './step-starts.ts'
import type { SessionRecord, Store } from './store.ts'
import { backTo, type Means, sentenceOf, type Traveller, travel } from './travel.ts'

export interface SessionLimits {
  /** Milliseconds from the hand-over of the cluster to the end. */
  sessionMs: number
  /** Milliseconds without input after which a session ends. */
  idleMs: number
  /** How many times a reader may extend, and by how much. */
  extensions: number
  extendMs: number
  /** Running shells of one session. */
  maxShells: number
}

/** What sessions tell the metrics. */
export interface SessionObserver {
  ready(lab: string, /** Since the reader asked. */ ms: number): void
  ended(lab: string, reason: EndReason): void
  stepPassed(lab: string, step: string): void
  terminalBytes(count: number): void
}

/** What every session works with; the manager passes on what it was given. */
export interface SessionParts extends Means {
  store: Store
  clock: Clock
  ids: Ids
  log: Logger
  observer: SessionObserver
  runChecks: typeof runChecks
  createTerminal: typeof createTerminal
  prepareLab(cluster: Cluster, entry: LabEntry): Promise<void>
}

export interface LiveSessionOptions extends SessionParts {
  record: SessionRecord
  entry: LabEntry
  limits: SessionLimits
  /** Gives the cluster back to be removed and takes back a request for one. Called again if a cluster arrives after the end. */
  onEnded(session: LiveSession): void
}

/** The time of the last input is stored, and told to pages, at most this often. */
const TOUCH_EVERY_MS = 15_000
/** With less than this left before the idle end, each input is told to the page at once, so that its warning goes. */
const IDLE_WARNING_MS = 2 * 60_000

export class LiveSession implements Session {
  readonly #options: LiveSessionOptions
  readonly #record: SessionRecord
  #entry: LabEntry
  readonly #listeners = new Set<(view: SessionView) => void>()
  readonly #shells: SessionShells
  readonly #map: MapFeed
  #status: SessionState
  #steps: StepView[]
  #cluster: Cluster | undefined
  #runner: CheckRunner | undefined
  #wishes: NodeWishes | undefined
  #lacks: readonly Need[] = []
  #touchedAt: number
  /** When the lab was last laid out anew, if it was. */
  #begunAt: number | undefined
  #resetting: Promise<void> | undefined
  /** Steps after so many are locked by the pace of a workshop; null: none are. */
  #upTo: number | null = null
  #starts: StepStarts | undefined
  /** Nothing is told while the start of a step is kept: a reader who does not know yet that it is open changes nothing for it. */
  #keeping: Promise<void> | undefined
  /** Ends what is under way that is not the reader's own: a journey, a reset. */
  #underWay = new AbortController()

  constructor(options: LiveSessionOptions) {
    this.#options = options
    this.#record = options.record
    this.#entry = options.entry
    this.#map = createMapFeed(options)
    const { clock, ids, log, createTerminal, limits, observer } = options
    this.#shells = new SessionShells({
      ...{ clock, ids, log, createTerminal },
      most: limits.maxShells,
      onInput: () => this.touch(),
      onBytes: (count) => observer.terminalBytes(count),
      onChange: () => this.#publish(),
    })
    const { state, reason, message } = options.record
    this.#status =
      state === 'ended' && reason !== null
        ? { state, reason, message: message ?? endMessages[reason] }
        : { state: 'queued', position: 1 }
    this.#steps = lockedSteps(options.entry, options.record)
    this.#touchedAt = options.record.lastInputAt
  }

  get id(): string {
    return this.#record.id
  }

  get record(): Readonly<SessionRecord> {
    return this.#record
  }

  get entry(): LabEntry {
    return this.#entry
  }

  get cluster(): Cluster | undefined {
    return this.#cluster
  }

  get state(): SessionState['state'] {
    return this.#status.state
  }

  /** Since when events count for the lab's checks. */
  get #since(): number {
    return this.#begunAt ?? this.#record.readyAt ?? this.#options.clock.now()
  }

  get room(): string | null {
    return this.#record.room
  }

  get reader(): string {
    return this.#record.reader
  }

  get lastInputAt(): number {
    return this.#record.lastInputAt
  }

  /** A workshop's participants may listen for an hour: their labs end with the room and not before. */
  get idleAt(): number {
    if (this.#record.room !== null) return this.#record.expiresAt
    return this.#record.lastInputAt + this.#options.limits.idleMs
  }

  view(): SessionView {
    return {
      id: this.id,
      lab: this.#record.lab,
      provider: this.#record.provider,
      status: this.#status,
      steps: this.#steps,
      shells: this.#shells.views,
      now: this.#options.clock.now(),
      createdAt: this.#record.createdAt,
      expiresAt: this.#record.expiresAt,
      idleAt: this.idleAt,
      extensionsLeft: this.#record.extensionsLeft,
    }
  }

  subscribe(listener: (view: SessionView) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  watchMap(listener: (event: MapEvent) => void): () => void {
    return this.#map.subscribe(listener)
  }

  queued(position: number): void {
    if (this.#status.state === 'ended') return
    if (this.#status.state === 'queued' && this.#status.position === position) return
    this.#status = { state: 'queued', position }
    this.#publish()
  }

  preparing(stage: ProviderStage | 'objects'): void {
    if (this.#status.state === 'ended') return
    if (this.#status.state === 'preparing' && this.#status.stage === stage) return
    this.#status = { state: 'preparing', stage }
    this.#publish()
  }

  /** Lays the lab out on the cluster that this session has been given and opens it to the reader. */
  async begin(cluster: Cluster): Promise<void> {
    this.#take(cluster)
    if (this.#status.state === 'ended') return this.#options.onEnded(this)
    this.#record.cluster = cluster.id
    this.#options.store.putSession(this.#record)
    this.preparing('objects')
    try {
      await this.#options.prepareLab(cluster, this.#entry)
      this.#lacks = await lacksOf(cluster.admin, this.#entry.lab)
    } catch (error) {
      this.#options.log.error({ err: error }, 'lab not laid out')
      return this.end('failed', readerMessage(error))
    }
    // Before the reader can do anything: what is laid out and has not begun to run begins to run after a restore
    await this.#keepStart(this.#entry.lab.steps[0])
    if (this.#ended) return
    const now = this.#options.clock.now()
    const { limits, observer } = this.#options
    this.#record.readyAt = now
    this.#record.lastInputAt = now
    if (this.#record.room === null) this.#record.expiresAt = now + limits.sessionMs
    this.#record.state = 'ready'
    this.#open(cluster)
    observer.ready(this.#record.lab, now - this.#record.createdAt)
    void this.#keepStartWhenSettled(cluster)
  }

  /** The lab's author has changed it: what is done stays done, and the checks are the new ones from here on. */
  relearn(entry: LabEntry): void {
    if (isDeepStrictEqual(entry, this.#entry)) return
    this.#entry = entry
    // What they were the starts of is no longer what the author wants
    this.#starts?.forget(this.#starts.kept)
    const known = new Set(entry.lab.steps.map(({ id }) => id))
    this.#record.progress = Object.fromEntries(Object.entries(this.#record.progress).filter(([id]) => known.has(id)))
    if (!this.#runner || !this.#cluster) return
    this.#runner.close()
    this.#watchChecks(this.#cluster)
    this.#save()
  }

  /** Goes on with a cluster from before a restart of the server. */
  async resume(cluster: Cluster): Promise<void> {
    this.#take(cluster)
    this.#lacks = await lacksOf(cluster.admin, this.#entry.lab).catch(() => [])
    if (!this.#ended) this.#open(cluster)
  }

  end(reason: EndReason, message: string = endMessages[reason]): void {
    if (this.#status.state === 'ended') return
    const { clock, store, log, observer, onEnded } = this.#options
    this.#underWay.abort(new Error('The session has ended.'))
    this.#runner?.close()
    this.#wishes?.close()
    this.#map.close()
    this.#shells.closeAll()
    this.#status = { state: 'ended', reason, message }
    Object.assign(this.#record, { state: 'ended', reason, message, endedAt: clock.now() })
    store.putSession(this.#record)
    log.info({ reason }, 'session ended')
    observer.ended(this.#record.lab, reason)
    this.#publish()
    this.#listeners.clear()
    onEnded(this)
  }

  extend(): void {
    this.#requireReady()
    if (this.#record.extensionsLeft === 0) {
      throw new ReaderError('no-extension-left', 'This lab has been extended as often as it can be.', { status: 409 })
    }
    this.#record.extensionsLeft--
    this.#record.expiresAt += this.#options.limits.extendMs
    this.#record.lastInputAt = this.#options.clock.now()
    this.#save()
  }

  lastUntil(time: number): void {
    if (this.#ended || this.#record.expiresAt === time) return
    this.#record.expiresAt = time
    this.#save()
  }

  openUpTo(steps: number | null): void {
    if (this.#upTo === steps) return
    this.#upTo = steps
    this.#runner?.openUpTo(steps)
  }

  reset(): Promise<void> {
    this.#resetting ??= this.#reset(this.#requireReady()).finally(() => {
      this.#resetting = undefined
    })
    return this.#resetting
  }

  skip(step: string): void {
    this.#requireReady()
    this.#runner?.skip(step)
    this.touch()
  }

  restart(step: string): void {
    const cluster = this.#requireReady()
    this.#requireOpen(step)
    const kept = this.#starts?.kept ?? new Set()
    this.#setOut(restart(this.#where, step, kept), cluster)
  }

  catchUp(step: string): void {
    const cluster = this.#requireReady()
    this.#requireOpen(step)
    this.#setOut(catchUp(this.#where, step), cluster)
  }

  async openShell(size: TerminalSize): Promise<ShellView> {
    const shell = await this.#shells.open(this.#requireReady(), size, () => {
      if (this.#ended) throw notReady()
    })
    this.touch()
    this.#publish()
    return shell
  }

  async closeShell(id: number): Promise<void> {
    this.#shells.close(id)
    this.touch()
    this.#publish()
    await this.#cluster?.shells.find((shell) => shell.id === id)?.close()
  }

  terminal(shell: number): Terminal | undefined {
    return this.#shells.terminal(shell)
  }

  reach(): Cluster | undefined {
    return this.#status.state === 'ready' ? this.#cluster : undefined
  }

  home(): HomeFiles {
    return this.#requireReady().home
  }

  /** The reader is there. */
  touch(): void {
    if (this.#ended) return
    const now = this.#options.clock.now()
    const warned = this.idleAt - now < IDLE_WARNING_MS
    this.#record.lastInputAt = now
    if (warned || now - this.#touchedAt >= TOUCH_EVERY_MS) this.#save()
  }

  /** Lets go of everything in this process; the cluster and its shells run on for the next one. */
  detach(): void {
    this.#underWay.abort(new Error('The server is closing.'))
    this.#runner?.close()
    this.#wishes?.close()
    this.#map.close()
    this.#shells.closeAll()
    this.#listeners.clear()
    if (!this.#ended) this.#options.store.putSession(this.#record)
  }

  get #ended(): boolean {
    return this.#status.state === 'ended'
  }

  #open(cluster: Cluster): void {
    for (const shell of cluster.shells) this.#shells.add(shell)
    void cluster.gone?.then((message) => this.end('vanished', message))
    const { restored } = cluster
    this.#status = { state: 'ready', ...(restored === undefined ? {} : { restored }) }
    this.#watchChecks(cluster)
    this.#map.attach(cluster.admin)
    this.#wishes = followNodeWishes(cluster, this.#options)
    this.#save()
  }

  #take(cluster: Cluster): void {
    this.#cluster = cluster
    this.#starts = new StepStarts(cluster, this.#options)
  }

  async #keepStart(step: Step | undefined, holds?: () => boolean): Promise<void> {
    if (step !== undefined) await this.#starts?.take(step.id, holds)
  }

  /** The lab's start is better kept with its Pods running, if nobody has touched anything by then. */
  async #keepStartWhenSettled(cluster: Cluster): Promise<void> {
    if (!this.#starts?.possible) return
    const { clock } = this.#options
    const { signal } = this.#underWay
    const [begun, entry] = [this.#record.lastInputAt, this.#entry]
    const untouched = () =>
      this.#status.state === 'ready' &&
      this.#record.lastInputAt === begun &&
      this.#entry === entry &&
      Object.values(this.#record.progress).every((how) => how === 'skipped')
    try {
      // What is not ready by then starts when it starts, after a restore too
      if ((await untilReady({ entry, cluster, clock, signal })).length > 0) return
    } catch {
      return
    }
    if (untouched()) await this.#keepStart(entry.lab.steps[0], untouched)
  }

  get #where() {
    return { lab: this.#entry.lab, progress: this.#record.progress, lacks: this.#lacks }
  }

  /** What is under way is asked for in the view. One at a time: until it is over the session is not ready for another. */
  #setOut(journey: Journey, cluster: Cluster): void {
    this.#options.log.info({ kind: journey.kind, to: journey.to.id }, 'a journey begins')
    this.#underWay = new AbortController()
    const { signal } = this.#underWay
    this.#begone(journey.progress)
    this.#travelling(journey)
    void travel(journey, this.#traveller(cluster, signal, journey), this.#options).then(
      () => this.#arrive(cluster),
      (error: unknown) => {
        if (signal.aborted) return
        this.#options.log.warn({ err: error, kind: journey.kind, to: journey.to.id }, 'a journey ended on its way')
        this.#arrive(cluster, sentenceOf(error))
      },
    )
  }

  /** This session on its way, which pages see if it is a journey. */
  #traveller(cluster: Cluster, signal: AbortSignal, journey?: Journey): Traveller {
    const session = this
    const starts = this.#starts
    if (starts === undefined) throw notReady()
    return {
      ...{ cluster, starts, signal },
      get entry() {
        return session.#entry
      },
      get lacks() {
        return session.#lacks
      },
      get progress() {
        return session.#record.progress
      },
      set progress(progress) {
        session.#record.progress = { ...progress }
      },
      get startedAt() {
        return session.#since
      },
      set startedAt(at) {
        session.#begunAt = at
      },
      at(step) {
        if (journey !== undefined) session.#travelling(journey, step)
      },
    }
  }

  #travelling({ kind, to }: Journey, step?: Step): void {
    const journey = { kind, to: to.id, ...(step === undefined ? {} : { step: step.id }) }
    this.#status = { state: 'preparing', stage: 'objects', journey }
    this.#steps = lockedSteps(this.#entry, this.#record)
    this.#publish()
  }

  /** Nobody looks at the cluster while it is on its way. */
  #begone(progress: Progress): void {
    this.#runner?.close()
    this.#runner = undefined
    this.#record.progress = { ...progress }
    this.#steps = lockedSteps(this.#entry, this.#record)
  }

  #arrive(cluster: Cluster, trouble?: string): void {
    if (this.#ended) return
    this.#status = { state: 'ready', ...(trouble === undefined ? {} : { trouble }) }
    this.#record.lastInputAt = this.#options.clock.now()
    this.#watchChecks(cluster)
    this.#save()
  }

  #watchChecks(cluster: Cluster): void {
    const { clock, log } = this.#options
    this.#runner = this.#options.runChecks({
      lab: this.#entry.lab,
      kube: cluster.admin,
      clock,
      log,
      progress: this.#record.progress,
      lacks: this.#lacks,
      upTo: this.#upTo,
      startedAt: this.#since,
      onChange: (runner) => this.#checksChanged(runner),
    })
    this.#steps = this.#runner.steps
  }

  #checksChanged(runner: CheckRunner): void {
    this.#steps = runner.steps
    const before = this.#record.progress
    const passed = Object.keys(runner.progress).filter((step) => !before[step] && runner.progress[step] === 'passed')
    for (const step of passed) {
      this.#options.log.info({ step }, 'step passed')
      this.#options.observer.stepPassed(this.#record.lab, step)
    }
    const moved = Object.keys(runner.progress).length !== Object.keys(before).length
    this.#record.progress = { ...runner.progress }
    // A step that the reader has passed over has not led to the start of the next
    if (passed.length > 0) this.#keepBeforeTelling(openOf(this.#entry.lab, runner.progress))
    if (moved) this.#save()
    else this.#publish()
  }

  #keepBeforeTelling(open: Step | undefined): void {
    if (open === undefined || !this.#starts?.possible) return
    const isOpen = () => openOf(this.#entry.lab, this.#record.progress) === open
    const keeping = this.#keepStart(open, isOpen).then(() => {
      if (this.#keeping !== keeping) return
      this.#keeping = undefined
      this.#publish()
    })
    this.#keeping = keeping
  }

  async #reset(cluster: Cluster): Promise<void> {
    this.#underWay = new AbortController()
    const { signal } = this.#underWay
    this.#begone({})
    this.preparing('objects')
    const [first, ...others] = this.#entry.lab.steps
    try {
      if (first !== undefined) await backTo(first, this.#traveller(cluster, signal), this.#options)
      this.#starts?.forget(others.map(({ id }) => id))
    } catch (error) {
      this.#options.log.error({ err: error }, 'lab not reset')
      throw error
    } finally {
      this.#arrive(cluster)
    }
  }

  #requireReady(): Cluster {
    if (this.#status.state !== 'ready' || !this.#cluster) throw notReady()
    return this.#cluster
  }

  /** Steps after the pace cannot be gone to, even if they are done: they would be locked on arrival. */
  #requireOpen(step: string): void {
    const at = this.#entry.lab.steps.findIndex(({ id }) => id === step)
    if (this.#upTo === null || at < this.#upTo) return
    throw new ReaderError('step-ahead', 'The pace of this workshop has not come to that step yet.', { status: 409 })
  }

  #save(): void {
    this.#touchedAt = this.#record.lastInputAt
    this.#options.store.putSession(this.#record)
    this.#publish()
  }

  #publish(): void {
    if (this.#keeping !== undefined && !this.#ended) return
    const view = this.view()
    for (const listener of this.#listeners) listener(view)
  }
}

const notReady = () => new ReaderError('not-ready', 'The lab is not running at this moment.', { status: 409 })

const endMessages: Record<EndReason, string> = {
  reader: 'You ended this lab.',
  idle: 'The lab ended because nothing was typed for a while.',
  expired: 'The lab’s time was used up.',
  failed: 'The lab could not be started.',
  vanished: 'The lab’s cluster is gone: it was removed from outside, or its machine was restarted.',
}

function lockedSteps(entry: LabEntry, record: SessionRecord): StepView[] {
  return entry.lab.steps.map((step) => ({
    id: step.id,
    status: record.progress[step.id] ?? 'locked',
    checks: step.checks.map((check) => ({ title: check.title, passed: record.progress[step.id] === 'passed' })),
    tried: false,
  }))
}
