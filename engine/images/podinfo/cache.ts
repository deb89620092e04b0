import type { Process } from '../../containers/contract.ts'
import { messageOf } from '../programs/io.ts'
import { binary, bytesOf, fromUtf8, RedisConnection, type Reply } from '../redis/resp.ts'
import type { Log } from './log.ts'

/** Milliseconds between what podinfo writes of itself. */
const PERIOD = 30_000
const LIFETIME_SECONDS = '60'

/** A Redis server, on a connection that is made when it is needed and made anew when it broke. */
export class Cache {
  readonly #process: Process
  readonly #url: URL
  #connection: Promise<RedisConnection> | undefined
  /** What was asked before is answered before. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(process: Process, address: string) {
    this.#process = process
    this.#url = new URL(address.replace(/^\w+:/, 'http:'))
  }

  async set(key: string, value: Uint8Array): Promise<void> {
    await this.#ask('SET', fromUtf8(key), binary(value))
  }

  async delete(key: string): Promise<void> {
    await this.#ask('DEL', fromUtf8(key))
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const value = await this.#ask('GET', fromUtf8(key))
    return typeof value === 'string' ? bytesOf(value) : undefined
  }

  /** Says each half minute which version this host has, as long as the process lives. */
  announce(version: string, log: Log): () => void {
    const { hostname, clock, env } = this.#process
    const tell = () => {
      this.#ask('SET', fromUtf8(hostname), version, 'EX', LIFETIME_SECONDS).catch(async (error: unknown) => {
        if (this.#process.signal.aborted) return
        const server = env.get('PODINFO_CACHE_SERVER') ?? `tcp://${this.#url.host}`
        await log('warn', 'http/cache.go:157', 'cache server is offline', { error: messageOf(error), server })
      })
    }
    tell()
    return clock.every(PERIOD, tell)
  }

  close(): void {
    void this.#connection?.then((connection) => connection.close()).catch(() => {})
    this.#connection = undefined
  }

  #ask(...words: string[]): Promise<Reply> {
    const answer = this.#last.then(() => this.#askAgain(words))
    this.#last = answer.catch(() => {})
    return answer
  }

  async #askAgain(words: readonly string[]): Promise<Reply> {
    // A connection that was idle may have been closed by the server: it is worth a second try.
    const had = this.#connection !== undefined
    try {
      return await this.#askOnce(words)
    } catch (error) {
      this.close()
      if (!had || this.#process.signal.aborted || error instanceof Refused) throw error
      try {
        return await this.#askOnce(words)
      } catch (again) {
        this.close()
        throw again
      }
    }
  }

  async #askOnce(words: readonly string[]): Promise<Reply> {
    this.#connection ??= this.#connect()
    return accepted(await (await this.#connection).ask(words))
  }

  async #connect(): Promise<RedisConnection> {
    const { hostname, port, username, password } = this.#url
    const socket = await this.#process.network.connect(hostname, Number(port || '80'), { signal: this.#process.signal })
    const connection = new RedisConnection(socket)
    if (password !== '') {
      const credentials = [...(username === '' ? [] : [username]), password].map(decodeURIComponent).map(fromUtf8)
      accepted(await connection.ask(['AUTH', ...credentials]))
    }
    return connection
  }
}

class Refused extends Error {}

function accepted(reply: Reply): Reply {
  if (reply !== null && typeof reply === 'object' && 'error' in reply) throw new Refused(reply.error)
  return reply
}
