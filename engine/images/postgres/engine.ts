/** One running database engine over a data directory: it serves one database at a time and changes to another when it is asked to. */
import type { DataDirectory } from './data-directory.ts'
import { type Instance, type Pglite, startParams } from './pglite.ts'
import { columnsOf, fieldsOf, message, messagesOf, valuesOf } from './wire.ts'

export interface EngineOptions {
  readonly pglite: Pglite
  readonly directory: DataDirectory
  /** `name=value`, after the engine's own. */
  readonly settings?: readonly string[]
  /** A line of the server's log. */
  log(line: string): void
}

export interface Rows {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** A sleep in the engine would stop all that runs in this thread: it takes no time there, and is waited for outside. */
const QUIET_SLEEP = `DO $$ BEGIN
  IF to_regprocedure('pg_catalog.pg_sleep_in_engine(double precision)') IS NULL THEN
    ALTER FUNCTION pg_catalog.pg_sleep(double precision) RENAME TO pg_sleep_in_engine;
    CREATE FUNCTION pg_catalog.pg_sleep(double precision) RETURNS void LANGUAGE sql AS '';
  END IF;
END $$`

/** What the engine answers to a statement that fails. */
export class StatementError extends Error {
  readonly code: string

  constructor(code: string, text: string) {
    super(text)
    this.code = code
  }
}

/** Bytes: WebAssembly memory that every engine begins with. */
const FIRST_MEMORY = 128 * 1024 * 1024

export class Engine {
  readonly #options: EngineOptions
  #instance: Instance | undefined
  #database = ''
  /** Who the engine is when it is nobody else. */
  superuser = 'postgres'

  constructor(options: EngineOptions) {
    this.#options = options
  }

  get database(): string {
    return this.#database
  }

  /** Serves this database from now on. A database that does not exist makes it throw, and serve none. */
  async open(database: string): Promise<void> {
    if (this.#instance !== undefined && this.#database === database) return
    await this.close()
    const { pglite, directory, log, settings = [] } = this.#options
    const told = (line: string) => {
      if (/^\d{4}-.*? \[\d+\] /.test(line)) log(line)
      return false
    }
    this.#instance = await pglite.PGlite.create({
      database,
      fs: directory.filesystem(pglite),
      startParams: [...startParams(pglite.PGlite), ...settings.flatMap((setting) => ['-c', setting])],
      onStderr: told,
      onStdout: () => false,
    })
    this.#database = database
    this.superuser = (await this.query('SELECT current_user')).rows[0]?.[0] ?? 'postgres'
    await this.query(QUIET_SLEEP)
  }

  /** Messages of a client in, messages to it out; what they changed is on the volume then. Throws FileError ENOSPC. */
  async send(messages: Uint8Array): Promise<Uint8Array[]> {
    const parts: Uint8Array[] = []
    const { directory } = this.#options
    if (this.#instance === undefined) throw new Error('no database is open')
    await this.#instance.execProtocolRawStream(messages, {
      syncToFs: false,
      onRawData: (data) => parts.push(data.slice()),
    })
    directory.flush()
    return parts
  }

  /** Runs statements and gives the rows of the last. Throws StatementError. */
  async query(sql: string): Promise<Rows> {
    let columns: string[] = []
    let rows: (string | null)[][] = []
    let fault: StatementError | undefined
    const parts = await this.send(message('Q', sql))
    for (const part of joinedMessages(parts)) {
      if (part.type === 'T') {
        columns = columnsOf(part.body).map(({ name }) => name)
        rows = []
      } else if (part.type === 'D') rows.push(valuesOf(part.body))
      else if (part.type === 'E') {
        const fields = fieldsOf(part.body)
        fault ??= new StatementError(fields.get('C') ?? '', fields.get('M') ?? '')
      }
    }
    if (fault !== undefined) throw fault
    return { columns, rows }
  }

  /** RESET would leave the engine who it is: it has no client whose name it was greeted with. */
  async asSuperuser(): Promise<void> {
    await this.query(`SET SESSION AUTHORIZATION ${identifier(this.superuser)}`)
  }

  /** Bytes of memory beyond what an engine has at rest. */
  memory(): number {
    const heap = this.#instance?.Module.HEAPU8.length ?? FIRST_MEMORY
    return heap - FIRST_MEMORY + this.#options.directory.held()
  }

  /** Writes a checkpoint and lets the memory go. */
  async close(): Promise<void> {
    const instance = this.#instance
    this.#instance = undefined
    if (instance === undefined) return
    await instance.close()
    this.#options.directory.flush()
  }

  /** Lets the memory go, and what is not on the volume with it: as a process that is killed. */
  abandon(): void {
    this.#instance = undefined
  }
}

/** Messages of answers that came in pieces. */
export function joinedMessages(parts: readonly Uint8Array[]) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return messagesOf(whole)
}

/** A name or a text as SQL has it. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const literal = (text: string): string =>
  text.includes('\\') ? ` E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'` : `'${text.replaceAll("'", "''")}'`
