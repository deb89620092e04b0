import type { Process, Program } from '../../containers/contract.ts'
import { linesOf, messageOf, readAll } from '../programs/io.ts'
import { formatted, raw } from './format.ts'
import { bytesOf, fromUtf8, inlineWords, RedisConnection, type Reply } from './resp.ts'
import { REDIS_VERSION } from './version.ts'

interface CliOptions {
  host: string
  port: number
  database: number
  user?: string
  password?: string
  raw?: boolean
  version: 2 | 3
  repeat: number
  /** Seconds. */
  interval: number
  readLast: boolean
  /** Ends with 1 after an error. */
  failing: boolean
  /** A password was on the command line. */
  warns: boolean
  scan?: string
  words: string[]
}

/** Milliseconds of CPU to start it. */
const COST = 3

export const redisCli: Program = async (process) => {
  const options = parse(process)
  if (typeof options === 'string') {
    await (options.startsWith('redis-cli ') ? process.stdout : process.stderr).write(options)
    return options.startsWith('redis-cli ') ? 0 : 1
  }
  await process.compute(COST)
  const cli = new Cli(process, options)
  try {
    if (options.scan !== undefined) return await cli.scan(options.scan)
    if (options.readLast) options.words.push(await readAll(process))
    if (options.words.length > 0) return await cli.once(options.words.map(fromUtf8))
    return process.terminal === undefined ? await cli.lines() : await cli.talk()
  } finally {
    cli.close()
  }
}

function parse(process: Process): CliOptions | string {
  const password = process.env.get('REDISCLI_AUTH')
  const options: CliOptions = {
    host: '127.0.0.1',
    port: 6379,
    database: 0,
    version: 2,
    repeat: 1,
    interval: 0,
    readLast: false,
    failing: false,
    warns: false,
    words: [],
    ...(password !== undefined && { password }),
  }
  const args = process.argv.slice(1)
  let silent = false
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as string
    const next = () => args[++index] ?? ''
    if (!arg.startsWith('-')) {
      options.words = args.slice(index)
      break
    }
    switch (arg) {
      case '-h':
        if (index + 1 >= args.length) return usage()
        options.host = next()
        break
      case '-p':
        options.port = Number(next())
        break
      case '-n':
        options.database = Number(next())
        break
      case '-a':
      case '--pass':
        options.password = next()
        options.warns = true
        break
      case '--user':
        options.user = next()
        break
      case '-u': {
        const url = URL.parse(next().replace(/^rediss?:/, 'http:'))
        if (url === null) return 'Invalid URI scheme\n'
        options.host = url.hostname
        options.port = Number(url.port || '6379')
        if (url.password !== '') {
          options.password = decodeURIComponent(url.password)
          options.warns = true
        }
        if (url.username !== '') options.user = decodeURIComponent(url.username)
        if (url.pathname.length > 1) options.database = Number(url.pathname.slice(1))
        break
      }
      case '-r':
        options.repeat = Number(next())
        break
      case '-i':
        options.interval = Number(next())
        break
      case '-2':
        options.version = 2
        break
      case '-3':
        options.version = 3
        break
      case '-x':
        options.readLast = true
        break
      case '--raw':
        options.raw = true
        break
      case '--no-raw':
        options.raw = false
        break
      case '--no-auth-warning':
        silent = true
        break
      case '-e':
        options.failing = true
        break
      case '--scan':
        options.scan = '*'
        break
      case '--pattern':
        options.scan = next()
        break
      case '--version':
      case '-v':
        return `redis-cli ${REDIS_VERSION}\n`
      case '--help':
        return usage()
      default:
        return `Unrecognized option or bad number of args for: '${arg}'\n`
    }
  }
  if (silent) options.warns = false
  return options
}

const usage = () => `redis-cli ${REDIS_VERSION}\n\nUsage: redis-cli [OPTIONS] [cmd [arg [arg ...]]]\n`

class Cli {
  readonly #process: Process
  readonly #options: CliOptions
  readonly #raw: boolean
  #connection: RedisConnection | undefined
  #database: number
  #queued = false

  constructor(process: Process, options: CliOptions) {
    this.#process = process
    this.#options = options
    this.#database = options.database
    // Into a pipe, values go as they are; on a terminal they are shown.
    this.#raw = options.raw ?? process.terminal === undefined
  }

  close(): void {
    this.#connection?.close()
  }

  async once(words: readonly string[]): Promise<number> {
    const { repeat, interval } = this.#options
    let code = 0
    for (let round = 0; repeat < 0 || round < repeat; round++) {
      if (round > 0 && interval > 0) await this.#process.sleep(interval * 1000)
      code = await this.#run(words)
      if (code !== 0 && this.#connection === undefined) return code
    }
    return code
  }

  async lines(): Promise<number> {
    let code = 0
    for await (const line of linesOf(this.#process.stdin)) {
      const words = this.#words(fromUtf8(line.trim()))
      if (words === undefined) await this.#process.stdout.write('Invalid argument(s)\n')
      else if (words.length > 0) code = await this.#run(words)
    }
    return code
  }

  async talk(): Promise<number> {
    const { stdout } = this.#process
    await this.#connect().catch((error: unknown) => stdout.write(`${this.#refused(error)}\n`))
    await stdout.write(this.#prompt())
    for await (const line of linesOf(this.#process.stdin)) {
      const words = this.#words(fromUtf8(line.trim()))
      const [first] = words ?? []
      if (words === undefined) await stdout.write('Invalid argument(s)\n')
      else if (first !== undefined) {
        const word = first.toLowerCase()
        if (word === 'quit' || word === 'exit') return 0
        if (word === 'clear') await stdout.write('\u001b[H\u001b[2J')
        else if (word === 'help' || word === '?')
          await stdout.write(`redis-cli ${REDIS_VERSION}\nType: "quit" to exit\n`)
        else await this.#run(words)
      }
      await stdout.write(this.#prompt())
    }
    await stdout.write('\n')
    return 0
  }

  async scan(pattern: string): Promise<number> {
    const connection = await this.#connect().catch((error: unknown) => this.#refused(error))
    if (typeof connection === 'string') {
      await this.#process.stderr.write(`${connection}\n`)
      return 1
    }
    for (let cursor = '0'; ; ) {
      const reply = await connection.ask(['SCAN', cursor, 'MATCH', fromUtf8(pattern)])
      if (!Array.isArray(reply)) {
        await this.#show(reply)
        return 1
      }
      const [next, keys] = reply as [string, string[]]
      for (const key of keys) await this.#process.stdout.write(bytesOf(`${key}\n`))
      if (next === '0') return 0
      cursor = next
    }
  }

  #words(line: string): string[] | undefined {
    try {
      return inlineWords(line)
    } catch {
      return undefined
    }
  }

  #prompt(): string {
    const { host, port } = this.#options
    if (this.#connection === undefined) return 'not connected> '
    return `${host}:${port}${this.#database === 0 ? '' : `[${this.#database}]`}${this.#queued ? '(TX)' : ''}> `
  }

  async #run(words: readonly string[]): Promise<number> {
    const name = words[0]?.toUpperCase() ?? ''
    let reply: Reply
    try {
      const connection = await this.#connect()
      reply = await connection.ask(words)
      if (name === 'SUBSCRIBE' || name === 'PSUBSCRIBE' || name === 'MONITOR')
        return await this.#listen(connection, reply)
    } catch (error) {
      if (this.#process.signal.aborted) throw error
      const lost = this.#connection !== undefined
      this.#connection?.close()
      this.#connection = undefined
      if (lost && (name === 'SHUTDOWN' || name === 'QUIT')) return 0
      await (this.#process.terminal === undefined ? this.#process.stderr : this.#process.stdout).write(
        lost ? 'Error: Server closed the connection\n' : `${this.#refused(error)}\n`,
      )
      return 1
    }
    const failed = reply !== null && typeof reply === 'object' && 'error' in reply
    if (!failed) {
      if (name === 'SELECT') this.#database = Number(words[1])
      if (name === 'MULTI') this.#queued = true
      if (name === 'EXEC' || name === 'DISCARD') this.#queued = false
    }
    await this.#show(reply, name)
    return failed && this.#options.failing ? 1 : 0
  }

  async #listen(connection: RedisConnection, first: Reply): Promise<number> {
    if (!this.#raw)
      await this.#process.stdout.write('Reading messages... (press Ctrl-C to quit or any key to type command)\n')
    await this.#show(first)
    for (;;) await this.#show(await connection.next())
  }

  async #show(reply: Reply, name = ''): Promise<void> {
    const plain = this.#raw || ['INFO', 'LOLWUT'].includes(name) || (name === 'CLIENT' && typeof reply === 'string')
    await this.#process.stdout.write(bytesOf(`${plain ? raw(reply) : formatted(reply)}\n`))
  }

  async #connect(): Promise<RedisConnection> {
    if (this.#connection !== undefined) return this.#connection
    const { host, port, user, password, version } = this.#options
    const socket = await this.#process.network.connect(host, port, { signal: this.#process.signal })
    const connection = new RedisConnection(socket)
    if (password !== undefined) {
      if (this.#options.warns) {
        await this.#process.stderr.write(
          "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n",
        )
      }
      const reply = await connection.ask(['AUTH', ...[...(user === undefined ? [] : [user]), password].map(fromUtf8)])
      if (reply !== null && typeof reply === 'object' && 'error' in reply) {
        await this.#process.stderr.write(`AUTH failed: ${reply.error}\n`)
      }
    }
    if (version === 3) await connection.ask(['HELLO', '3'])
    if (this.#database !== 0) await connection.ask(['SELECT', String(this.#database)])
    this.#connection = connection
    return connection
  }

  #refused(error: unknown): string {
    const { host, port } = this.#options
    return `Could not connect to Redis at ${host}:${port}: ${messageOf(error)}`
  }
}
