/** What the HTTP side asks of sessions. */
import type { MapEvent } from '../../protocol/map.ts'
import type { EndReason, SessionView, ShellView } from '../../protocol/session.ts'
import type { HomeFiles } from '../providers/home-files.ts'
import type { Cluster, TerminalSize } from '../providers/provider.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** What a session of a workshop's seat gets from its room, in place of the limits that readers have. */
export interface Room {
  /** The workshop's id. */
  id: string
  /** When its sessions end; milliseconds since the epoch. */
  endsAt: number
}

/** Told to participants whose lab runs when their workshop ends. */
export const ROOM_OVER = 'The workshop is over.'

export interface StartRequest {
  reader: string
  lab: string
  /** The client's address, for limits per address. */
  address: string
  /** The name of the provider that the reader chose; left out, the first that has room. */
  provider?: string | undefined
  /** Set for a workshop's seat. */
  room?: Room
}

export interface Sessions {
  /**
   * Starts a lab for a reader, or gives back the reader's live session of the same lab.
   * @throws {ReaderError} unknown-lab (404), unknown-provider (404), too-many-sessions (429 with retryAfter), unavailable (503), shutting-down (503)
   */
  start(request: StartRequest): Session
  /** @throws {ReaderError} unknown-session (404), the same whether it does not exist or belongs to someone else */
  get(reader: string, id: string): Session
  /** The reader's sessions that have not ended, newest first. */
  of(reader: string): Session[]
  /** Numbers for /metrics and /readyz. */
  readonly counts: { queued: number; preparing: number; ready: number; pooled: number }
}

/** What workshops ask of sessions. */
export interface RoomSessions extends Pick<Sessions, 'start'> {
  /** Those of workshops' seats that have not ended. */
  ofRooms(): RoomSession[]
  /** So many places of each provider are for workshops' seats alone. */
  keepFree(places: ReadonlyMap<string, number>): void
  /** So many clusters are made beforehand for those who will come, beside what is kept warm anyway; replaces what was asked before. */
  keepWarm(wishes: readonly WarmWish[]): void
  /** Clusters that are ready for this lab on this provider. */
  warmFor(lab: string, provider: string): number
  /** The names of what makes clusters here. */
  readonly providers: readonly string[]
}

export interface WarmWish {
  lab: string
  provider: string
  clusters: number
}

export interface RoomSession extends Session {
  /** The workshop's id. */
  readonly room: string
  readonly reader: string
  /** When something was last typed; milliseconds since the epoch. */
  readonly lastInputAt: number
  /** The room ends then; milliseconds since the epoch. */
  lastUntil(time: number): void
  /** Steps after so many are locked until the host opens them; null: none are. */
  openUpTo(steps: number | null): void
}

export interface Session {
  readonly id: string
  view(): SessionView
  /** Calls with the whole view on each change; the function returned ends it. After an end no call comes but the one that tells of it. */
  subscribe(listener: (view: SessionView) => void): () => void
  /** Calls at once with what is known of the cluster, then with what changes in it; the function returned ends it. */
  watchMap(listener: (event: MapEvent) => void): () => void
  /** Idempotent; resolves at once, the cluster is removed in the background. */
  end(reason: EndReason, /** One sentence for the reader, where there is more to say. */ message?: string): void
  /** @throws {ReaderError} no-extension-left (409), not-ready (409) */
  extend(): void
  /** Puts the lab's objects and the home folder back to their first state and forgets the progress. @throws {ReaderError} not-ready (409) */
  reset(): Promise<void>
  /** Marks an open step as skipped and opens the next. @throws {ReaderError} unknown-step (404), step-not-open (409) */
  skip(step: string): void
  /**
   * Sets out back to the start of a step that is open or done; the view says where it is and how it went.
   * @throws {ReaderError} unknown-step (404), step-locked (409), step-ahead (409), not-ready (409)
   */
  restart(step: string): void
  /**
   * Sets out to a later step, doing those before it by their solutions; the view says where it is and how it went.
   * @throws {ReaderError} unknown-step (404), step-not-locked (409), step-ahead (409), not-ready (409)
   */
  catchUp(step: string): void
  /** @throws {ReaderError} not-ready (409), too-many-shells (429) */
  openShell(size: TerminalSize): Promise<ShellView>
  /** @throws {ReaderError} unknown-shell (404) */
  closeShell(id: number): Promise<void>
  /** Its cluster, for what goes to it on the reader's behalf; undefined while it is not ready. */
  reach(): Pick<Cluster, 'admin' | 'forward'> | undefined
  /** The reader's home folder. @throws {ReaderError} not-ready (409) */
  home(): HomeFiles
  /** The reader is there: puts the idle end off. */
  touch(): void
  /** Undefined if there is no such shell. A shell that has exited still shows its last output. */
  terminal(shell: number): Terminal | undefined
}
