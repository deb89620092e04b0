/** Sessions in memory, without clusters, for tests of the rim. */
import type { MapEvent } from '../../protocol/map.ts'
import type { EndReason, SessionView, ShellView } from '../../protocol/session.ts'
import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { Ids } from '../ids.ts'
import { type HomeFiles, homeFiles, type RunInHome } from '../providers/home-files.ts'
import type { RoomSession, RoomSessions, Session, Sessions, StartRequest } from '../sessions/sessions.ts'
import { createTerminal } from '../terminal/create-terminal.ts'
import { FakeShell } from '../terminal/shell.fake.ts'
import type { Terminal } from '../terminal/terminal.ts'

export class FakeSession implements RoomSession {
  readonly id: string
  readonly reader: string
  readonly room: string
  readonly shells = new Map<number, { shell: FakeShell; terminal: Terminal }>()
  /** What was asked of it, in order. */
  readonly calls: string[] = []
  #view: SessionView
  readonly #listeners = new Set<(view: SessionView) => void>()
  readonly mapListeners = new Set<(event: MapEvent) => void>()
  readonly #clock: Clock
  readonly #ids: Ids

  constructor(options: { id: string; reader: string; lab: string; room?: string; clock: Clock; ids: Ids }) {
    this.id = options.id
    this.reader = options.reader
    this.room = options.room ?? ''
    this.#clock = options.clock
    this.#ids = options.ids
    const now = options.clock.now()
    this.#view = {
      id: options.id,
      lab: options.lab,
      provider: 'fake',
      status: { state: 'ready' },
      steps: [],
      shells: [],
      now,
      createdAt: now,
      expiresAt: now + 3_600_000,
      idleAt: now + 1_200_000,
      extensionsLeft: 2,
    }
    this.addShell()
  }

  addShell(): ShellView {
    const id = this.shells.size + 1
    const shell = new FakeShell()
    const terminal = createTerminal({
      shell,
      clock: this.#clock,
      ids: this.#ids,
      onInput: () => {},
      onExit: () => {},
    })
    this.shells.set(id, { shell, terminal })
    const view: ShellView = { id, state: 'running' }
    this.change({ shells: [...this.#view.shells, view] })
    return view
  }
  change(part: Partial<SessionView>): void {
    this.#view = { ...this.#view, ...part }
    for (const listener of [...this.#listeners]) listener(this.#view)
  }
  get listeners(): number {
    return this.#listeners.size
  }
  view(): SessionView {
    return this.#view
  }
  subscribe(listener: (view: SessionView) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  watchMap(listener: (event: MapEvent) => void): () => void {
    listener({ whole: true, put: [], gone: [] })
    this.mapListeners.add(listener)
    return () => this.mapListeners.delete(listener)
  }
  end(reason: EndReason): void {
    this.calls.push('end')
    this.change({ status: { state: 'ended', reason, message: 'You ended the lab.' } })
    this.#listeners.clear()
    for (const { terminal } of this.shells.values()) terminal.close()
  }
  extend(): void {
    this.calls.push('extend')
    if (this.#view.extensionsLeft === 0)
      throw new ReaderError('no-extension-left', 'The lab cannot be extended again.', { status: 409 })
    this.change({ extensionsLeft: this.#view.extensionsLeft - 1 })
  }
  lastInputAt = 0
  lastUntil(time: number): void {
    this.change({ expiresAt: time })
  }
  openUpTo(steps: number | null): void {
    this.calls.push(`openUpTo ${steps}`)
  }
  async reset(): Promise<void> {
    this.calls.push('reset')
  }
  skip(step: string): void {
    this.calls.push(`skip ${step}`)
  }
  restart(step: string): void {
    this.calls.push(`restart ${step}`)
  }
  catchUp(step: string): void {
    this.calls.push(`catchUp ${step}`)
  }
  async openShell(): Promise<ShellView> {
    this.calls.push('openShell')
    return this.addShell()
  }
  async closeShell(id: number): Promise<void> {
    this.calls.push(`closeShell ${id}`)
    const found = this.shells.get(id)
    if (!found) throw new ReaderError('unknown-shell', 'There is no such terminal in this lab.', { status: 404 })
    found.terminal.close()
    this.shells.delete(id)
  }
  /** What previews reach, as a test puts it there. */
  cluster: ReturnType<Session['reach']>
  reach(): ReturnType<Session['reach']> {
    return this.#view.status.state === 'ready' ? this.cluster : undefined
  }
  /** What the home answers to a script, as a test says. */
  runInHome: RunInHome = () => Promise.reject(new Error('there is no home'))
  home(): HomeFiles {
    return homeFiles((...call) => this.runInHome(...call))
  }
  touch(): void {
    this.calls.push('touch')
  }
  terminal(shell: number): Terminal | undefined {
    return this.shells.get(shell)?.terminal
  }
}

export class FakeSessions implements Sessions, RoomSessions {
  readonly all = new Map<string, FakeSession>()
  readonly labs: ReadonlySet<string>
  most = Number.POSITIVE_INFINITY
  /** Thrown by the next start. */
  breaks: Error | undefined
  readonly #clock: Clock
  readonly #ids: Ids

  constructor(options: { labs: string[]; clock: Clock; ids: Ids }) {
    this.labs = new Set(options.labs)
    this.#clock = options.clock
    this.#ids = options.ids
  }

  start(request: StartRequest): FakeSession {
    if (this.breaks) throw this.breaks
    if (!this.labs.has(request.lab)) throw new ReaderError('unknown-lab', 'There is no such lab.', { status: 404 })
    const live = this.of(request.reader).find((session) => session.view().lab === request.lab)
    if (live) return live
    if (this.all.size >= this.most) {
      throw new ReaderError('too-many-sessions', 'All labs are taken; try again in half a minute.', {
        status: 429,
        retryAfter: 30,
      })
    }
    const session = new FakeSession({
      id: this.#ids.secret(),
      reader: request.reader,
      lab: request.lab,
      ...(request.room ? { room: request.room.id } : {}),
      clock: this.#clock,
      ids: this.#ids,
    })
    this.all.set(session.id, session)
    return session
  }
  get(reader: string, id: string): FakeSession {
    const session = this.all.get(id)
    if (session?.reader !== reader) throw new ReaderError('unknown-session', 'You have no such lab.', { status: 404 })
    return session
  }
  of(reader: string): FakeSession[] {
    return [...this.all.values()].filter(
      (session) => session.reader === reader && session.view().status.state !== 'ended',
    )
  }
  ofRooms(): RoomSession[] {
    return [...this.all.values()].filter((session) => session.room !== '' && session.view().status.state !== 'ended')
  }
  keepFree(): void {}
  keepWarm(): void {}
  /** Clusters that wait. */
  warm = 0
  warmFor(): number {
    return this.warm
  }
  readonly providers = ['fake']
  get counts() {
    return { queued: 0, preparing: 0, ready: this.all.size, pooled: 1 }
  }
}
