/** The image's entry point and the server that it ends in. */
import type { Process, Program, Signal } from '../../containers/contract.ts'
import { messageOf } from '../programs/io.ts'
import { DataDirectory, DirectoryFault } from './data-directory.ts'
import { Engine, identifier, literal } from './engine.ts'
import { loadPglite } from './pglite.ts'
import { PostgresServer } from './server.ts'
import { POSTGRES_VERSION } from './version.ts'

const PORT = 5432
/** Where its scripts are, for a new database. */
const SCRIPTS = '/docker-entrypoint-initdb.d'
/** Settings that `-c` may change here: of others the engine has its own. */
const SETTABLE: ReadonlySet<string> = new Set([
  'timezone',
  'datestyle',
  'work_mem',
  'search_path',
  'log_statement',
  'log_min_duration_statement',
  'client_min_messages',
  'default_transaction_isolation',
])

export const entrypoint: Program = async (process) => {
  const args = process.argv.slice(1)
  const [first = 'postgres'] = args
  if (!first.startsWith('-') && first !== 'postgres') return process.exec(args)
  return new Main(process, first === 'postgres' ? args.slice(1) : args).run()
}

/** `postgres` without the entry point's preparations. */
export const postgres: Program = async (process) => {
  const args = process.argv.slice(1)
  if (args[0] === '--version' || args[0] === '-V') {
    await process.stdout.write(`postgres (PostgreSQL) ${POSTGRES_VERSION}\n`)
    return 0
  }
  return new Main(process, args).run()
}

type Ending = { readonly by: 'signal'; readonly signal: Signal } | { readonly by: 'failure'; readonly error: unknown }

class Main {
  readonly #process: Process
  readonly #settings: readonly string[]
  readonly #data: string
  #engine: Engine | undefined
  #ended: (ending: Ending) => void = () => {}
  readonly #ending: Promise<Ending>

  constructor(process: Process, args: readonly string[]) {
    this.#process = process
    this.#data = process.env.get('PGDATA') ?? '/var/lib/postgresql/data'
    this.#settings = args
      .flatMap((arg, index) => (arg === '-c' ? [args[index + 1] ?? ''] : arg.startsWith('--') ? [arg.slice(2)] : []))
      .filter((setting) => SETTABLE.has(setting.split('=')[0]?.toLowerCase().replaceAll('-', '_') ?? ''))
    this.#ending = new Promise((resolve) => {
      this.#ended = resolve
    })
  }

  async run(): Promise<number> {
    const process = this.#process
    const { files } = process
    const isNew = !DataDirectory.exists(files, this.#data)
    if (isNew) {
      const refusal = this.#refusal()
      if (refusal !== undefined) {
        await process.stderr.write(refusal)
        return 1
      }
    } else {
      await process.stdout.write(
        '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n',
      )
    }
    // Signals that come while it prepares itself are for after that.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) {
      process.on(signal, () => this.#ended({ by: 'signal', signal }))
    }
    process.on('SIGHUP', () => this.#log('LOG:  received SIGHUP, reloading configuration files'))
    const abandon = () => this.#engine?.abandon()
    process.signal.addEventListener('abort', abandon, { once: true })
    try {
      const pglite = await loadPglite()
      if (process.signal.aborted) throw process.signal.reason
      const now = () => process.clock.now()
      const directory = isNew
        ? DataDirectory.create(files, this.#data, pglite.template, now)
        : DataDirectory.open(files, this.#data, pglite.template, now)
      this.#engine = new Engine({ pglite, directory, settings: this.#settings, log: (line) => void this.#write(line) })
      if (isNew && !(await this.#initialise(this.#engine))) return 1
      return await this.#serve(this.#engine)
    } catch (error) {
      if (process.signal.aborted) throw error
      const reason =
        error instanceof DirectoryFault
          ? `database files are incompatible with server: ${error.message}`
          : messageOf(error)
      await this.#write(this.#stamped(`FATAL:  ${reason}`))
      return 1
    } finally {
      process.signal.removeEventListener('abort', abandon)
      this.#engine?.abandon()
    }
  }

  /** Why a new database cannot be made. */
  #refusal(): string | undefined {
    const { files } = this.#process
    if (files.exists(this.#data) && files.list(this.#data).length > 0) {
      const hint = files.exists(`${this.#data}/lost+found`)
        ? 'initdb: detail: It contains a lost+found directory, perhaps due to it being a mount point.\ninitdb: hint: Using a mount point directly as the data directory is not recommended.\nCreate a subdirectory under the mount point.\n'
        : `initdb: hint: If you want to create a new database system, either remove or empty the directory "${this.#data}" or run initdb with an argument other than "${this.#data}".\n`
      return `initdb: error: directory "${this.#data}" exists but is not empty\n${hint}`
    }
    if (this.#variable('POSTGRES_PASSWORD') === '' && !this.#trusting) {
      return `Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.

       See PostgreSQL documentation about "trust":
       https://www.postgresql.org/docs/current/auth-trust.html
`
    }
    return undefined
  }

  get #trusting(): boolean {
    return this.#process.env.get('POSTGRES_HOST_AUTH_METHOD') === 'trust'
  }

  /** From the environment, or from the file that the variable with `_FILE` names. */
  #variable(name: string): string {
    const { env, files } = this.#process
    const path = env.get(`${name}_FILE`)
    if (path === undefined || path === '') return env.get(name) ?? ''
    return files.readText(path).replace(/\n+$/, '')
  }

  async #initialise(engine: Engine): Promise<boolean> {
    const { stdout, env } = this.#process
    const user = this.#variable('POSTGRES_USER') || 'postgres'
    const password = this.#variable('POSTGRES_PASSWORD')
    const database = this.#variable('POSTGRES_DB') || user
    env.set('PGUSER', user)
    await stdout.write(
      `The files belonging to this database system will be owned by user "postgres".\n\nfixing permissions on existing directory ${this.#data} ... ok\ncreating subdirectories ... ok\ncreating configuration files ... ok\nperforming post-bootstrap initialization ... ok\nsyncing data to disk ... ok\n\n\nSuccess. You can now start the database server using:\n\n    pg_ctl -D ${this.#data} -l logfile start\n\n`,
    )
    await engine.open('postgres')
    if (user !== 'postgres') await renameSuperuser(engine, user)
    if (password !== '') await engine.query(`ALTER ROLE ${identifier(user)} PASSWORD ${literal(password)}`)
    await stdout.write('waiting for server to start.... done\nserver started\n')
    if (database !== 'postgres') {
      await engine.query(`CREATE DATABASE ${identifier(database)} STRATEGY FILE_COPY`)
      await stdout.write('CREATE DATABASE\n')
    }
    const done = await this.#runScripts(engine, user, database)
    env.delete('PGUSER')
    if (!done) return false
    await stdout.write('\nPostgreSQL init process complete; ready for start up.\n\n')
    return true
  }

  async #runScripts(engine: Engine, user: string, database: string): Promise<boolean> {
    const process = this.#process
    const { files, stdout } = process
    const scripts = files.exists(SCRIPTS) ? files.list(SCRIPTS).filter((name) => !name.startsWith('.')) : []
    if (scripts.length === 0) {
      await stdout.write(`\n/usr/local/bin/docker-entrypoint.sh: ignoring ${SCRIPTS}/*\n`)
      return true
    }
    const server = this.#server(engine)
    const listener = process.network.listen(PORT, (socket) => server.accept(socket), { host: '127.0.0.1' })
    server.state = 'ready'
    try {
      for (const name of scripts) {
        const path = `${SCRIPTS}/${name}`
        const argv = name.endsWith('.sql')
          ? ['psql', '-v', 'ON_ERROR_STOP=1', '--no-password', '--no-psqlrc', '-U', user, '-d', database, '-f', path]
          : name.endsWith('.sh')
            ? ['bash', path]
            : undefined
        if (argv === undefined) {
          if (!name.startsWith('..')) await stdout.write(`\n/usr/local/bin/docker-entrypoint.sh: ignoring ${path}\n`)
          continue
        }
        await stdout.write(`\n/usr/local/bin/docker-entrypoint.sh: running ${path}\n`)
        const env = new Map([
          ...process.env,
          ['PGUSER', user],
          ['POSTGRES_USER', user],
          ['POSTGRES_DB', database],
        ] as const)
        const { code } = await process.spawn(argv, { env }).ended
        if (code !== 0) return false
      }
    } finally {
      listener.close()
      server.disconnect()
      await server.idle()
    }
    await stdout.write('\nwaiting for server to shut down.... done\nserver stopped\n')
    return true
  }

  #server(engine: Engine): PostgresServer {
    return new PostgresServer(this.#process, engine, {
      trusting: this.#trusting,
      log: (line) => this.#log(line),
      failed: (error) => this.#ended({ by: 'failure', error }),
    })
  }

  async #serve(engine: Engine): Promise<number> {
    const process = this.#process
    const server = this.#server(engine)
    this.#log(`LOG:  starting PostgreSQL ${POSTGRES_VERSION} on x86_64-pc-linux-gnu, compiled by gcc, 64-bit`)
    let listener: { close(): void } | undefined
    const end = () => {
      listener?.close()
      server.disconnect()
    }
    process.signal.addEventListener('abort', end, { once: true })
    try {
      try {
        listener = process.network.listen(PORT, (socket) => server.accept(socket))
      } catch (error) {
        this.#log(`LOG:  could not bind IPv4 address "0.0.0.0": ${messageOf(error)}`)
        this.#log('FATAL:  could not create any TCP/IP sockets')
        return 1
      }
      this.#log(`LOG:  listening on IPv4 address "0.0.0.0", port ${PORT}`)
      this.#log(`LOG:  listening on IPv6 address "::", port ${PORT}`)
      this.#log(`LOG:  listening on Unix socket "/var/run/postgresql/.s.PGSQL.${PORT}"`)
      await engine.open(engine.database || 'postgres')
      process.setMemory(engine.memory())
      server.state = 'ready'
      this.#log('LOG:  database system is ready to accept connections')
      return await this.#shutDown(server, engine, () => listener?.close())
    } finally {
      process.signal.removeEventListener('abort', end)
      end()
    }
  }

  async #shutDown(server: PostgresServer, engine: Engine, stopListening: () => void): Promise<number> {
    const ending = await this.#ending
    server.state = 'ending'
    if (ending.by === 'failure') {
      this.#log(`PANIC:  could not write to file: ${messageOf(ending.error)}`)
      return 1
    }
    switch (ending.signal) {
      case 'SIGQUIT':
        this.#log('LOG:  received immediate shutdown request')
        this.#log('LOG:  database system is shut down')
        return 1
      case 'SIGTERM':
        this.#log('LOG:  received smart shutdown request')
        // New clients are told so; those that are there may finish.
        while (server.sessions.size > 0) await this.#process.sleep(100)
        break
      default:
        this.#log('LOG:  received fast shutdown request')
        this.#log('LOG:  aborting any active transactions')
        server.disconnect()
    }
    stopListening()
    await server.idle()
    this.#log('LOG:  shutting down')
    await engine.close()
    this.#log('LOG:  database system is shut down')
    return 0
  }

  #log(line: string): void {
    void this.#write(this.#stamped(line))
  }

  #stamped(line: string): string {
    const time = new Date(this.#process.clock.now()).toISOString().replace('T', ' ').replace('Z', '')
    return `${time} UTC [${this.#process.pid}] ${line}`
  }

  /** The engine's lines say its own time and process: here they get the cluster's. */
  async #write(line: string): Promise<void> {
    const own = /^\d{4}-\d\d-\d\d \S+ UTC \[\d+\] ([\s\S]*)$/.exec(line)?.[1]
    const text = own === undefined ? line : this.#stamped(own)
    await this.#process.stderr.write(`${text}\n`).catch(() => {})
  }
}

/** Nobody renames himself: another superuser does it, for as long as that takes. */
async function renameSuperuser(engine: Engine, name: string): Promise<void> {
  await engine.query('CREATE ROLE renaming SUPERUSER')
  await engine.query(`SET SESSION AUTHORIZATION renaming; ALTER ROLE postgres RENAME TO ${identifier(name)}`)
  engine.superuser = name
  await engine.asSuperuser()
  await engine.query('DROP ROLE renaming')
}
