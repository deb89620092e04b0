import type { Process } from '../../containers/contract.ts'
import type { Socket } from '../../network/contract.ts'
import { type Engine, identifier, literal } from './engine.ts'
import { Session } from './session.ts'

export interface Role {
  readonly mayLogIn: boolean
  /** What pg_authid keeps of it. */
  readonly password: string | undefined
}

/** Milliseconds of CPU that a batch of messages takes. */
const COST = 0.4
/** Milliseconds: no sleep of a statement takes longer. */
const LONGEST_SLEEP = 3_600_000

/**
 * Sessions over one engine. They take turns: by statement, or by transaction where one is open. The engine has one session of its own,
 * which is made a client's when its turn comes: its user, its settings at connect, its database.
 */
export class PostgresServer {
  readonly process: Process
  /** Everybody is let in without a password. */
  readonly trusting: boolean
  readonly sessions = new Set<Session>()
  state: 'starting' | 'ready' | 'ending' = 'starting'
  readonly #engine: Engine
  readonly #tell: (line: string) => void
  readonly #failed: (error: unknown) => void
  #current: Session | undefined
  #turn: Promise<void> = Promise.resolve()
  #ids = 100

  constructor(
    process: Process,
    engine: Engine,
    options: { trusting: boolean; log(line: string): void; failed(error: unknown): void },
  ) {
    this.process = process
    this.#engine = engine
    this.trusting = options.trusting
    this.#tell = options.log
    this.#failed = options.failed
  }

  log(line: string): void {
    this.#tell(line)
  }

  accept(socket: Socket): void {
    const session = new Session(this, socket, ++this.#ids)
    this.sessions.add(session)
    void session.run().finally(() => this.sessions.delete(session))
  }

  /** The engine, for this session alone until what is returned is called. */
  async take(session: Session | undefined): Promise<() => void> {
    let done = () => {}
    const before = this.#turn
    this.#turn = new Promise((resolve) => {
      done = resolve
    })
    await before
    try {
      if (session !== undefined && this.#current !== session) await this.#become(session)
    } catch (error) {
      done()
      throw error
    }
    return done
  }

  async #become(session: Session): Promise<void> {
    this.#current = undefined
    await this.#engine.open(session.database)
    await this.#engine.asSuperuser()
    await this.#engine.query(`RESET ALL; SET SESSION AUTHORIZATION ${identifier(session.user)}`)
    for (const [name, value] of session.settings) {
      await this.#engine.query(`SET ${identifier(name)} TO ${literal(value)}`).catch(() => {})
    }
    this.#current = session
  }

  /** To the engine that the session has taken. What the volume refuses ends the server. */
  async send(batch: Uint8Array): Promise<Uint8Array[]> {
    try {
      await this.process.compute(COST)
      const answer = await this.#engine.send(batch)
      this.process.setMemory(this.#engine.memory())
      return answer
    } catch (error) {
      this.#failed(error)
      throw error
    }
  }

  /** As the superuser, between the turns of the sessions. */
  async #ask(sql: string): Promise<readonly (readonly (string | null)[])[]> {
    const done = await this.take(undefined)
    try {
      if (this.#engine.database === '') await this.#engine.open('postgres')
      this.#current = undefined
      await this.#engine.asSuperuser()
      return (await this.#engine.query(sql)).rows
    } finally {
      done()
    }
  }

  async roleOf(name: string): Promise<Role | undefined> {
    const [row] = await this.#ask(
      `SELECT rolcanlogin, rolpassword FROM pg_catalog.pg_authid WHERE rolname = ${literal(name)}`,
    )
    return row === undefined ? undefined : { mayLogIn: row[0] === 't', password: row[1] ?? undefined }
  }

  async hasDatabase(name: string): Promise<boolean> {
    const rows = await this.#ask(
      `SELECT 1 FROM pg_catalog.pg_database WHERE datname = ${literal(name)} AND datallowconn`,
    )
    return rows.length > 0
  }

  async parameters(session: Session, names: readonly string[]): Promise<[string, string][]> {
    const done = await this.take(session)
    try {
      const list = names.map((name) => `current_setting(${literal(name)})`).join(', ')
      const { rows } = await this.#engine.query(
        `SELECT ${list}, (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = session_user)`,
      )
      const values = rows[0] ?? []
      return [
        ...names.map((name, index): [string, string] => [name, values[index] ?? '']),
        ['is_superuser', values.at(-1) === 't' ? 'on' : 'off'],
        ['session_authorization', session.user],
        ['application_name', session.settings.get('application_name') ?? ''],
      ]
    } finally {
      done()
    }
  }

  /** A statement that sleeps: its time passes by the cluster's clock, and the engine's own sleep takes none. */
  async wait(sql: string): Promise<void> {
    let seconds = 0
    for (const [, text] of sql.matchAll(/\bpg_sleep\s*\(\s*(\d+(?:\.\d+)?)\s*(?:::[\w ]+)?\)/gi))
      seconds += Number(text)
    if (seconds > 0) await this.process.sleep(Math.min(seconds * 1000, LONGEST_SLEEP))
  }

  /** The session has ended: nothing of it stays in the engine. */
  async forget(session: Session): Promise<void> {
    if (this.#current !== session) return
    const done = await this.take(undefined)
    try {
      if (this.#current !== session) return
      this.#current = undefined
      await this.#engine.asSuperuser()
      await this.#engine.query('DISCARD ALL')
    } finally {
      done()
    }
  }

  /** Waits until the engine is nobody's. */
  async idle(): Promise<void> {
    await this.#turn
  }

  disconnect(): void {
    for (const session of this.sessions) session.socket.destroy()
  }
}
