/** One session while it lives: its cluster, shells and checks, and the view of them that pages are sent. */
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { Need } from '../../protocol/lab/schema.ts'
import type { MapEvent } from '../../protocol/map.ts'
import type { EndReason, SessionState, SessionView, ShellView, StepView } from '../../protocol/session.ts'
import type { CheckRunner, runChecks } from '../checks/runner.ts'
import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { Ids } from '../ids.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import { lacksOf } from '../labs/needs.ts'
import { createMapFeed, type MapFeed } from '../map/feed.ts'
import { followNodeWishes, type NodeWishes } from '../nodes/wishes.ts'
import type { Cluster, ProviderStage, Shell, TerminalSize } from '../providers/provider.ts'
import type { createTerminal } from '../terminal/create-terminal.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { readerMessage } from './pool.ts'
import type { Session } from './sessions.ts'
import type { SessionRecord, Store } from './store.ts'

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
export interface SessionParts {
  store: Store
  clock: Clock
  ids: Ids
  log: Logger
  observer: SessionObserver
  runChecks: typeof runChecks
  createTerminal: typeof createTerminal
  prepareLab(cluster: Cluster, entry: LabEntry): Promise<void>
  resetLab(cluster: Cluster, entry: LabEntry): Promise<void>
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
  readonly #terminals = new Map<number, Terminal>()
  readonly #map: MapFeed
  #status: SessionState
  #steps: StepView[]
  #cluster: Cluster | undefined
  #runner: CheckRunner | undefined
  #wishes: NodeWishes | undefined
  #lacks: readonly Need[] = []
  #touchedAt: number
  #resetting: Promise<void> | undefined
  /** Shells that are being opened at this moment. */
  #openings = 0

  constructor(options: LiveSessionOptions) {
    this.#options = options
    this.#record = options.record
    this.#entry = options.entry
    this.#map = createMapFeed(options)
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

  get idleAt(): number {
    return this.#record.lastInputAt + this.#options.limits.idleMs
  }

  view(): SessionView {
    return {
      id: this.id,
      lab: this.#record.lab,
      provider: this.#record.provider,
      status: this.#status,
      steps: this.#steps,
      shells: [...this.#terminals].map(([id, terminal]) => ({ id, state: terminal.exited ? 'exited' : 'running' })),
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
    this.#cluster = cluster
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
    if (this.#ended) return
    const now = this.#options.clock.now()
    const { limits, observer } = this.#options
    this.#record.readyAt = now
    this.#record.lastInputAt = now
    this.#record.expiresAt = now + limits.sessionMs
    this.#record.state = 'ready'
    this.#open(cluster)
    observer.ready(this.#record.lab, now - this.#record.createdAt)
  }

  /** The lab's author has changed it: what is done stays done, and the checks are the new ones from here on. */
  relearn(entry: LabEntry): void {
    if (isDeepStrictEqual(entry, this.#entry)) return
    this.#entry = entry
    const known = new Set(entry.lab.steps.map(({ id }) => id))
    this.#record.progress = Object.fromEntries(Object.entries(this.#record.progress).filter(([id]) => known.has(id)))
    if (!this.#runner || !this.#cluster) return
    this.#runner.close()
    this.#watchChecks(this.#cluster)
    this.#save()
  }

  /** Goes on with a cluster from before a restart of the server. */
  async resume(cluster: Cluster): Promise<void> {
    this.#cluster = cluster
    this.#lacks = await lacksOf(cluster.admin, this.#entry.lab).catch(() => [])
    if (!this.#ended) this.#open(cluster)
  }

  end(reason: EndReason, message: string = endMessages[reason]): void {
    if (this.#status.state === 'ended') return
    const { clock, store, log, observer, onEnded } = this.#options
    this.#runner?.close()
    this.#wishes?.close()
    this.#map.close()
    for (const terminal of this.#terminals.values()) terminal.close()
    this.#terminals.clear()
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

  async openShell(size: TerminalSize): Promise<ShellView> {
    const cluster = this.#requireReady()
    const { maxShells } = this.#options.limits
    if (this.#running >= maxShells) {
      throw new ReaderError('too-many-shells', `A lab has at most ${maxShells} shells: close one first.`, {
        status: 429,
      })
    }
    this.#openings++
    try {
      const shell = await cluster.openShell(size)
      if (this.#ended) throw notReady()
      this.#addTerminal(shell)
      this.touch()
      this.#publish()
      return { id: shell.id, state: 'running' }
    } finally {
      this.#openings--
    }
  }

  async closeShell(id: number): Promise<void> {
    const terminal = this.#terminals.get(id)
    if (!terminal) throw new ReaderError('unknown-shell', 'There is no such shell.', { status: 404 })
    this.#terminals.delete(id)
    terminal.close()
    this.touch()
    this.#publish()
    await this.#cluster?.shells.find((shell) => shell.id === id)?.close()
  }

  terminal(shell: number): Terminal | undefined {
    return this.#terminals.get(shell)
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
    this.#runner?.close()
    this.#wishes?.close()
    this.#map.close()
    for (const terminal of this.#terminals.values()) terminal.close()
    this.#listeners.clear()
    if (!this.#ended) this.#options.store.putSession(this.#record)
  }

  get #ended(): boolean {
    return this.#status.state === 'ended'
  }

  get #running(): number {
    return [...this.#terminals.values()].filter((terminal) => !terminal.exited).length + this.#openings
  }

  #open(cluster: Cluster): void {
    for (const shell of cluster.shells) this.#addTerminal(shell)
    void cluster.gone?.then((message) => this.end('vanished', message))
    this.#status = { state: 'ready' }
    this.#watchChecks(cluster)
    this.#map.attach(cluster.admin)
    this.#wishes = followNodeWishes(cluster, this.#options)
    this.#save()
  }

  #addTerminal(shell: Shell): void {
    const { clock, ids, log, observer } = this.#options
  reach(): Cluster | undefined {
    return this.#status.state === 'ready' ? this.#cluster : undefined
  }

    const terminal = this.#options.createTerminal({
      shell,
      clock,
      ids,
      onInput: () => this.touch(),
      onBytes: (count) => observer.terminalBytes(count),
      onExit: (code) => {
        log.info({ shell: shell.id, code }, 'shell exited')
        this.#publish()
      },
    })
    this.#terminals.set(shell.id, terminal)
    this.#forgetExited()
  }

  /** Shells that have exited keep their last output, but no more of them than may run. */
  #forgetExited(): void {
    const exited = [...this.#terminals].filter(([, terminal]) => terminal.exited)
    for (const [id, terminal] of exited.slice(0, Math.max(0, exited.length - this.#options.limits.maxShells))) {
      terminal.close()
      this.#terminals.delete(id)
    }
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
      startedAt: this.#record.readyAt ?? clock.now(),
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
    if (moved) this.#save()
    else this.#publish()
  }

  async #reset(cluster: Cluster): Promise<void> {
    this.#runner?.close()
    this.#runner = undefined
    this.#record.progress = {}
    this.#steps = lockedSteps(this.#entry, this.#record)
    this.preparing('objects')
    try {
      await this.#options.resetLab(cluster, this.#entry)
    } catch (error) {
      this.#options.log.error({ err: error }, 'lab not reset')
      throw new ReaderError('reset-failed', 'The lab could not be reset: end it and start a new one.', { cause: error })
    } finally {
      if (!this.#ended) {
        this.#status = { state: 'ready' }
        this.#record.lastInputAt = this.#options.clock.now()
        this.#watchChecks(cluster)
        this.#save()
      }
    }
  }

  #requireReady(): Cluster {
    if (this.#status.state !== 'ready' || !this.#cluster) throw notReady()
    return this.#cluster
  }

  #save(): void {
    this.#touchedAt = this.#record.lastInputAt
    this.#options.store.putSession(this.#record)
    this.#publish()
  }

  #publish(): void {
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
