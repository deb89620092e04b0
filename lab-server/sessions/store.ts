/**
 * What the lab server must still know after it was killed: its own identity, every cluster that it set out to make, every
 * session. SQLite, written before the effect, so that a crash at any point leaves something to find.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { EndReason } from '../../protocol/session.ts'
import { HOST_TABLES } from '../host/store.ts'
import type { Ids } from '../ids.ts'
import { WORKSHOP_TABLES } from '../workshops/tables.ts'

export type Progress = Record<string, 'passed' | 'skipped'>

export interface SessionRecord {
  id: string
  /** The opaque id of the reader's cookie. */
  reader: string
  /** The client's address when the session was started. */
  address: string
  lab: string
  /** The name of what makes its cluster. */
  provider: string
  /** The cluster that the session has been given. */
  cluster: string | null
  /** `waiting` until a cluster is handed over and prepared. */
  state: 'waiting' | 'ready' | 'ended'
  reason: EndReason | null
  /** The sentence shown to the reader after the end. */
  message: string | null
  /** All times are milliseconds since the epoch. */
  createdAt: number
  readyAt: number | null
  endedAt: number | null
  expiresAt: number
  lastInputAt: number
  extensionsLeft: number
  progress: Progress
  /** The workshop that it is a seat's session of. */
  room: string | null
}

export interface ClusterRecord {
  id: string
  /** The name of what makes it. */
  provider: string
  workers: number
  /** Whether it was made with an Ingress controller. */
  ingress: boolean
  /** The session that it belongs to; null while it is being made for, or waits in, the pool. */
  session: string | null
  /** Whether it was whole once: only then is it worth adopting. */
  whole: boolean
  createdAt: number
}

export interface Store {
  /** This installation's own folder, private to the user. */
  readonly folder: string
  /** Names what belongs to this installation in Docker; stays the same over restarts. */
  readonly instance: string
  /** Where hosts and workshops keep theirs; the tables are there. */
  readonly database: DatabaseSync
  sessions(): SessionRecord[]
  session(id: string): SessionRecord | undefined
  putSession(session: SessionRecord): void
  /** Forgets sessions that ended before `time`. */
  forgetEndedBefore(time: number): void
  clusters(): ClusterRecord[]
  putCluster(cluster: ClusterRecord): void
  removeCluster(id: string): void
  /** Whether the database answers. */
  healthy(): boolean
  close(): void
}

/** Installations on one machine that share a data folder; more than that is a mistake. */
const MOST_INSTANCES = 32

const SCHEMA_VERSION = 4

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS clusters (
    id TEXT PRIMARY KEY, workers INTEGER NOT NULL, session TEXT, whole INTEGER NOT NULL, created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, reader TEXT NOT NULL, address TEXT NOT NULL, lab TEXT NOT NULL, cluster TEXT,
    state TEXT NOT NULL, reason TEXT, message TEXT, created_at INTEGER NOT NULL, ready_at INTEGER, ended_at INTEGER,
    expires_at INTEGER NOT NULL, last_input_at INTEGER NOT NULL, extensions_left INTEGER NOT NULL, progress TEXT NOT NULL
  ) STRICT;
`

/** What each version added to the one before it. */
const UPGRADES: Record<number, string> = {
  2: `
    ALTER TABLE clusters ADD COLUMN provider TEXT NOT NULL DEFAULT 'kind';
    ALTER TABLE sessions ADD COLUMN provider TEXT NOT NULL DEFAULT 'kind';
  `,
  3: `
    ALTER TABLE clusters ADD COLUMN ingress INTEGER NOT NULL DEFAULT 0;
  `,
  4: `
    ALTER TABLE sessions ADD COLUMN room TEXT;
    ${HOST_TABLES}
    ${WORKSHOP_TABLES}
  `,
}

/**
 * Opens the first installation under `dataFolder` that no live process holds. The lock is SQLite's own, so it goes with the
 * process, however that ends, and two servers on one machine never take each other's clusters.
 * @throws {Error} with a sentence if the folder cannot be used
 */
export function openStore(dataFolder: string, ids: Ids): Store {
  for (let n = 1; n <= MOST_INSTANCES; n++) {
    const folder = join(dataFolder, `instance-${n}`)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const database = lock(join(folder, 'quayside.db'))
    if (database) return createStore(database, folder, ids)
  }
  throw new Error(
    `All ${MOST_INSTANCES} installations in ${dataFolder} are in use: end one of the servers or set QUAYSIDE_DATA.`,
  )
}

/** Undefined if another process holds the database. */
function lock(file: string): DatabaseSync | undefined {
  const database = new DatabaseSync(file)
  try {
    // The exclusive lock is taken by the first write and kept until the process ends.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE; COMMIT;')
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;')
    return database
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw error
  }
}

/** SQLite's result code for "another connection holds the lock". */
const SQLITE_BUSY = 5

const isBusy = (error: unknown) => error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY

function createStore(database: DatabaseSync, folder: string, ids: Ids): Store {
  database.exec(SCHEMA)
  const version = (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
  if (version > SCHEMA_VERSION) {
    throw new Error(
      `${folder} was written by a newer Quayside (version ${version} of its tables, this one knows ${SCHEMA_VERSION}).`,
    )
  }
  for (let next = Math.max(1, version) + 1; next <= SCHEMA_VERSION; next++) {
    database.exec(`BEGIN; ${UPGRADES[next]} PRAGMA user_version = ${next}; COMMIT`)
  }
  const instance = ensureInstance(database, ids)

  const putSession = database.prepare(`
    INSERT INTO sessions VALUES (:id, :reader, :address, :lab, :cluster, :state, :reason, :message, :createdAt, :readyAt,
      :endedAt, :expiresAt, :lastInputAt, :extensionsLeft, :progress, :provider, :room)
    ON CONFLICT (id) DO UPDATE SET cluster = excluded.cluster, state = excluded.state, reason = excluded.reason,
      message = excluded.message, ready_at = excluded.ready_at, ended_at = excluded.ended_at, expires_at = excluded.expires_at,
      last_input_at = excluded.last_input_at, extensions_left = excluded.extensions_left, progress = excluded.progress`)
  const putCluster = database.prepare(`
    INSERT INTO clusters VALUES (:id, :workers, :session, :whole, :createdAt, :provider, :ingress)
    ON CONFLICT (id) DO UPDATE SET session = excluded.session, whole = excluded.whole`)

  return {
    folder,
    instance,
    database,
    sessions: () => database.prepare('SELECT * FROM sessions ORDER BY created_at').all().map(readSession),
    session(id) {
      const row = database.prepare('SELECT * FROM sessions WHERE id = ?').get(id)
      return row && readSession(row)
    },
    putSession: (session) => void putSession.run({ ...session, progress: JSON.stringify(session.progress) }),
    forgetEndedBefore: (time) =>
      void database.prepare("DELETE FROM sessions WHERE state = 'ended' AND ended_at < ?").run(time),
    clusters: () => database.prepare('SELECT * FROM clusters ORDER BY created_at').all().map(readCluster),
    putCluster: (cluster) =>
      void putCluster.run({ ...cluster, whole: cluster.whole ? 1 : 0, ingress: cluster.ingress ? 1 : 0 }),
    removeCluster: (id) => void database.prepare('DELETE FROM clusters WHERE id = ?').run(id),
    healthy() {
      try {
        database.prepare('SELECT 1').get()
        return true
      } catch {
        return false
      }
    },
    close: () => database.close(),
  }
}

function ensureInstance(database: DatabaseSync, ids: Ids): string {
  const found = database.prepare("SELECT value FROM meta WHERE key = 'instance'").get() as { value: string } | undefined
  if (found) return found.value
  const instance = ids.secret()
  database.prepare("INSERT INTO meta VALUES ('instance', ?)").run(instance)
  return instance
}

function readSession(row: Record<string, unknown>): SessionRecord {
  return {
    id: row.id as string,
    reader: row.reader as string,
    address: row.address as string,
    lab: row.lab as string,
    provider: row.provider as string,
    cluster: row.cluster as string | null,
    state: row.state as SessionRecord['state'],
    reason: row.reason as EndReason | null,
    message: row.message as string | null,
    createdAt: row.created_at as number,
    readyAt: row.ready_at as number | null,
    endedAt: row.ended_at as number | null,
    expiresAt: row.expires_at as number,
    lastInputAt: row.last_input_at as number,
    extensionsLeft: row.extensions_left as number,
    progress: JSON.parse(row.progress as string) as Progress,
    room: row.room as string | null,
  }
}

function readCluster(row: Record<string, unknown>): ClusterRecord {
  return {
    id: row.id as string,
    provider: row.provider as string,
    workers: row.workers as number,
    ingress: row.ingress === 1,
    session: row.session as string | null,
    whole: row.whole === 1,
    createdAt: row.created_at as number,
  }
}
