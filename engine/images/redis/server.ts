import type { Process } from '../../containers/contract.ts'
import type { Socket } from '../../network/contract.ts'
import { messageOf } from '../programs/io.ts'
import { connectionCommands, type ServerCommand } from './administration.ts'
import { Client } from './client.ts'
import { type Command, type CommandContext, CommandError } from './command.ts'
import type { Config } from './config.ts'
import { Database } from './database.ts'
import { hashCommands } from './hashes.ts'
import { keyCommands } from './keys.ts'
import { listCommands } from './lists.ts'
import { AppendOnlyFile, readCommands, snapshot } from './persistence.ts'
import { type Reply, toUtf8 } from './resp.ts'
import { setCommands } from './sets.ts'
import { sortedSetCommands } from './sorted-sets.ts'
import { stringCommands } from './strings.ts'

export const dataCommands: Readonly<Record<string, Command>> = {
  ...keyCommands,
  ...stringCommands,
  ...listCommands,
  ...hashCommands,
  ...setCommands,
  ...sortedSetCommands,
}

/** Milliseconds of CPU that a command takes. */
const COST = 0.02
/** Bytes that the server has besides its data. */
export const MEMORY_AT_REST = 9 * 1024 * 1024

/** What a subscriber may still say in RESP2. */
const WHILE_SUBSCRIBED: ReadonlySet<string> = new Set([
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'PSUBSCRIBE',
  'PUNSUBSCRIBE',
  'PING',
  'QUIT',
  'RESET',
])
/** Commands that say who one is. */
const BEFORE_AUTH: ReadonlySet<string> = new Set(['AUTH', 'HELLO', 'QUIT', 'RESET'])
/** Not kept for EXEC. */
const NOT_QUEUED: ReadonlySet<string> = new Set(['EXEC', 'DISCARD', 'MULTI', 'WATCH', 'QUIT', 'RESET'])

/** The state of a server, and how commands change it. */
export class RedisServer {
  readonly process: Process
  readonly config: Config
  readonly databases: readonly Database[]
  readonly clients = new Set<Client>()
  readonly started: number
  readonly log: (mark: string, text: string) => Promise<void>
  /** Ends the program with a code. */
  readonly stop: (code: number) => void
  appendOnly: AppendOnlyFile | undefined
  commands = 0
  connections = 0
  /** Changes since the last snapshot. */
  dirty = 0
  /** Called on each change. */
  stirred = () => {}
  lastSave: number
  #ids = 0
  #memory = 0
  #cancelSave = () => {}

  constructor(process: Process, config: Config, log: RedisServer['log'], stop: (code: number) => void) {
    this.process = process
    this.config = config
    this.log = log
    this.stop = stop
    this.started = process.clock.now()
    this.lastSave = this.started
    const count = Math.max(1, Math.min(64, Number(config.get('databases'))))
    this.databases = Array.from({ length: count }, () => new Database(() => process.clock.now()))
  }

  accept(socket: Socket): void {
    this.connections++
    const client = new Client(++this.#ids, socket, this.process.clock.now(), this.config.get('requirepass') === '')
    this.clients.add(client)
    void client.serve((words) => this.run(client, words)).finally(() => this.clients.delete(client))
  }

  close(): void {
    this.#cancelSave()
    for (const client of this.clients) client.socket.destroy()
  }

  async run(client: Client, words: readonly string[]): Promise<Reply | undefined> {
    const [given = '', ...args] = words
    const name = given.toUpperCase()
    client.last = name.toLowerCase()
    await this.process.compute(COST)
    try {
      return await this.#run(client, name, given, args)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      if (client.queued !== undefined && !NOT_QUEUED.has(name)) client.spoilt = true
      return { error: error.message }
    }
  }

  async #run(client: Client, name: string, given: string, args: readonly string[]): Promise<Reply | undefined> {
    const command: Command | ServerCommand | undefined = dataCommands[name] ?? connectionCommands[name]
    if (!client.authenticated && !BEFORE_AUTH.has(name)) throw new CommandError('NOAUTH Authentication required.')
    if (command === undefined) {
      const shown = args
        .slice(0, 8)
        .map((arg) => `'${arg.slice(0, 128)}' `)
        .join('')
      throw new CommandError(`ERR unknown command '${given.slice(0, 128)}', with args beginning with: ${shown}`)
    }
    const count = args.length + 1
    if (command.arity > 0 ? count !== command.arity : count < -command.arity) {
      throw new CommandError(`ERR wrong number of arguments for '${name.toLowerCase()}' command`)
    }
    if (client.subscribed && client.version === 2 && !WHILE_SUBSCRIBED.has(name)) {
      throw new CommandError(
        `ERR Can't execute '${name.toLowerCase()}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
      )
    }
    this.commands++
    for (const other of this.clients) if (other.monitoring) this.#monitored(other, client, [given, ...args])
    if (client.queued !== undefined && !NOT_QUEUED.has(name)) {
      client.queued.push([name, ...args])
      return { simple: 'QUEUED' }
    }
    if (name === 'EXEC') return this.#exec(client)
    const data = dataCommands[name]
    return data === undefined
      ? (command as ServerCommand).run(this, client, args)
      : this.change(client.database, [[name, ...args]])[0]
  }

  #monitored(other: Client, client: Client, words: readonly string[]): void {
    const seconds = (this.process.clock.now() / 1000).toFixed(6)
    const { address, port } = client.socket.remote
    const shown = words.map((word) => `"${word.replace(/["\\]/g, '\\$&')}"`).join(' ')
    other.send({ simple: `${seconds} [${client.database} ${address}:${port}] ${shown}` }).catch(() => {})
  }

  #exec(client: Client): Reply {
    const { queued, spoilt, watched } = client
    if (queued === undefined) throw new CommandError('ERR EXEC without MULTI')
    client.queued = undefined
    client.spoilt = false
    const untouched = [...watched].every(([key, version]) => this.database(client.database).versionOf(key) === version)
    watched.clear()
    if (spoilt) throw new CommandError('EXECABORT Transaction discarded because of previous errors.')
    if (!untouched) return { nothing: true }
    return queued.map(([name = '', ...args]): Reply => {
      const own = connectionCommands[name]
      if (own === undefined) return this.change(client.database, [[name, ...args]])[0] ?? null
      try {
        const reply = own.run(this, client, args)
        return reply instanceof Promise || reply === undefined ? { simple: 'OK' } : reply
      } catch (error) {
        if (!(error instanceof CommandError)) throw error
        return { error: error.message }
      }
    })
  }

  database(index: number): Database {
    return this.databases[index] as Database
  }

  /** Runs commands on data, one after the other, and writes down what changed. Errors are answers. */
  change(index: number, commands: readonly (readonly string[])[], logged = true): Reply[] {
    const { process } = this
    const db = this.database(index)
    const context: CommandContext = { db, now: () => process.clock.now(), random: () => process.random() }
    const done: (readonly string[])[] = []
    const replies = commands.map((words): Reply => {
      const [name = '', ...args] = words
      const command = dataCommands[name]
      if (command === undefined) return { error: `ERR unknown command '${name}'` }
      if (command.write && logged && this.#full() && !SHRINKS.has(name)) {
        return { error: "OOM command not allowed when used memory > 'maxmemory'." }
      }
      try {
        const reply = command.run(context, args)
        if (name === 'FLUSHALL') for (const other of this.databases) other.clear()
        if (name === 'GET' || name === 'HGET') {
          if (reply === null) db.misses++
          else db.hits++
        }
        if (command.write) done.push(deterministic(words, reply, context))
        return reply
      } catch (error) {
        if (!(error instanceof CommandError)) throw error
        return { error: error.message }
      }
    })
    if (done.length > 0 && logged) this.#changed(index, done)
    return replies
  }

  #full(): boolean {
    const limit = Number(this.config.get('maxmemory'))
    if (limit === 0 || this.dataBytes() + MEMORY_AT_REST / 8 <= limit) return false
    const policy = this.config.get('maxmemory-policy')
    if (policy === 'noeviction') return true
    for (const db of this.databases) {
      for (const key of db.keys()) {
        if (policy.startsWith('volatile') && db.expires(key) === undefined) continue
        db.delete(key)
        if (this.dataBytes() + MEMORY_AT_REST / 8 <= limit) return false
      }
    }
    return true
  }

  dataBytes(): number {
    return this.databases.reduce((sum, db) => sum + (db.size === 0 ? 0 : db.bytes()), 0)
  }

  #changed(index: number, commands: readonly (readonly string[])[]): void {
    this.dirty += commands.length
    this.stirred()
    this.tellMemory(commands)
    try {
      this.appendOnly?.append(index, commands)
    } catch (error) {
      void this.log('#', `Error writing to the AOF file: ${messageOf(error)}`)
      this.stop(1)
    }
    this.planSave()
  }

  /** Tells how much memory there is, when it may have changed by much. */
  tellMemory(commands: readonly (readonly string[])[] = []): void {
    this.#memory += commands.reduce((sum, words) => sum + words.reduce((length, word) => length + word.length, 64), 0)
    if (commands.length > 0 && this.#memory < 64 * 1024) return
    this.#memory = 0
    this.process.setMemory(this.dataBytes())
  }

  /** A snapshot when enough has changed: one timer, while there is something to save. */
  planSave(): void {
    this.#cancelSave()
    const points = this.config.savePoints.filter(({ changes }) => this.dirty >= changes)
    if (points.length === 0) return
    const seconds = Math.min(...points.map((point) => point.seconds))
    const point = points.find((candidate) => candidate.seconds === seconds)
    const wait = Math.max(0, this.lastSave + seconds * 1000 - this.process.clock.now())
    this.#cancelSave = this.process.clock.after(wait, () => {
      void this.log('*', `${point?.changes} changes in ${seconds} seconds. Saving...`)
      void this.saveInBackground()
    })
  }

  async saveInBackground(): Promise<void> {
    await this.log('*', `Background saving started by pid ${this.process.pid + 20}`)
    const fault = this.save()
    await (fault === undefined
      ? this.log('*', 'Background saving terminated with success')
      : this.log('#', `Background saving error: ${fault}`))
  }

  /** Writes the snapshot; what went wrong, if it did. */
  save(): string | undefined {
    const path = `${this.config.get('dir')}/${this.config.get('dbfilename')}`
    try {
      this.process.files.write(`${path}.tmp`, snapshot(this.databases))
      this.process.files.rename(`${path}.tmp`, path)
    } catch (error) {
      return messageOf(error)
    }
    this.dirty = 0
    this.lastSave = this.process.clock.now()
    this.#cancelSave()
    return undefined
  }

  /** What an earlier server left; false when it cannot be read. */
  async load(): Promise<boolean> {
    const { files } = this.process
    const directory = this.config.get('dir')
    const log = new AppendOnlyFile(
      files,
      `${directory}/${this.config.get('appenddirname')}`,
      this.config.get('appendfilename'),
    )
    const dump = `${directory}/${this.config.get('dbfilename')}`
    const keeps = this.config.get('appendonly') === 'yes'
    const started = this.process.clock.now()
    if (keeps && log.exists()) {
      if (!(await this.#replay(log.read(), log.path))) return false
      await this.log(
        '*',
        `DB loaded from append only file: ${((this.process.clock.now() - started) / 1000).toFixed(3)} seconds`,
      )
      this.appendOnly = log
    } else {
      if (files.exists(dump)) {
        if (!(await this.#replay(files.read(dump), dump))) return false
        await this.log('*', `DB loaded from disk: ${((this.process.clock.now() - started) / 1000).toFixed(3)} seconds`)
      }
      if (keeps) this.startLog(log)
    }
    this.dirty = 0
    this.tellMemory()
    return true
  }

  startLog(log?: AppendOnlyFile): void {
    const directory = `${this.config.get('dir')}/${this.config.get('appenddirname')}`
    const created = log ?? new AppendOnlyFile(this.process.files, directory, this.config.get('appendfilename'))
    created.create(this.databases)
    this.appendOnly = created
  }

  async #replay(bytes: Uint8Array, path: string): Promise<boolean> {
    const commands = await readCommands(bytes)
    if (commands === undefined) {
      await this.log('#', `Bad file format reading ${path}: this server reads what it has written itself`)
      return false
    }
    let database = 0
    for (const [name = '', ...args] of commands) {
      if (name === 'SELECT') database = Math.min(this.databases.length - 1, Number(args[0]))
      else this.change(database, [[name, ...args]], false)
    }
    return true
  }

  /** To whom a channel's message goes; how many there were. */
  publish(channel: string, message: string, matches: (pattern: string) => boolean): number {
    let count = 0
    for (const client of this.clients) {
      if (client.channels.has(channel)) {
        client.send({ push: ['message', channel, message] }).catch(() => {})
        count++
      }
      for (const pattern of client.patterns) {
        if (!matches(pattern)) continue
        client.send({ push: ['pmessage', pattern, channel, message] }).catch(() => {})
        count++
      }
    }
    return count
  }

  describe(client: Client): string {
    const { address, port } = client.socket.remote
    const age = Math.floor((this.process.clock.now() - client.since) / 1000)
    return `id=${client.id} addr=${address}:${port} laddr=${client.socket.local.address}:${client.socket.local.port} name=${toUtf8(client.name)} age=${age} idle=0 flags=N db=${client.database} sub=${client.channels.size} psub=${client.patterns.size} multi=${client.queued?.length ?? -1} cmd=${client.last} user=default resp=${client.version}`
  }
}

/** What helps when memory is short. */
const SHRINKS: ReadonlySet<string> = new Set([
  'DEL',
  'UNLINK',
  'FLUSHDB',
  'FLUSHALL',
  'EXPIRE',
  'PEXPIRE',
  'LPOP',
  'RPOP',
  'SPOP',
  'SREM',
  'HDEL',
  'ZREM',
  'LTRIM',
])

/** As it is written down: what depends on time or chance by its outcome. */
function deterministic(words: readonly string[], reply: Reply, { db }: CommandContext): readonly string[] {
  const [name = '', key = ''] = words
  if (/^(?:P?EXPIRE(?:AT)?|GETEX)$/.test(name)) {
    const at = db.expires(key)
    return at === undefined
      ? db.get(key) === undefined
        ? ['DEL', key]
        : ['PERSIST', key]
      : ['PEXPIREAT', key, String(at)]
  }
  if (/^(?:SET|SETEX|PSETEX|GETSET|INCRBYFLOAT)$/.test(name)) {
    const value = db.get(key)
    const at = db.expires(key)
    if (value?.type === 'string') return ['SET', key, value.text, ...(at === undefined ? [] : ['PXAT', String(at)])]
  }
  if (name === 'SPOP') {
    const gone =
      typeof reply === 'string'
        ? [reply]
        : reply !== null && typeof reply === 'object' && 'set' in reply
          ? reply.set
          : []
    return ['SREM', key, ...gone.map(String)]
  }
  return words
}
