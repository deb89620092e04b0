import type { Socket } from '../../network/contract.ts'
import { ByteReader } from '../../network/http/byte-reader.ts'
import { bytesOf, encodeReply, ProtocolError, type Reply, readCommand } from './resp.ts'

/** One connection to the server, and what it has set for itself. */
export class Client {
  readonly id: number
  readonly socket: Socket
  readonly since: number
  version: 2 | 3 = 2
  database = 0
  name = ''
  authenticated: boolean
  /** Commands that EXEC will run; undefined outside MULTI. */
  queued: string[][] | undefined
  /** A queued command was wrong: EXEC will refuse. */
  spoilt = false
  /** Keys that WATCH looks at, with their versions. */
  readonly watched = new Map<string, number>()
  readonly channels = new Set<string>()
  readonly patterns = new Set<string>()
  monitoring = false
  last = ''
  readonly #reader: ByteReader
  #sending: Promise<void> = Promise.resolve()

  constructor(id: number, socket: Socket, since: number, authenticated: boolean) {
    this.id = id
    this.socket = socket
    this.since = since
    this.authenticated = authenticated
    this.#reader = new ByteReader(socket)
  }

  get subscribed(): boolean {
    return this.channels.size + this.patterns.size > 0
  }

  /** Runs commands until the client goes. Never rejects. */
  async serve(run: (words: readonly string[]) => Promise<Reply | undefined>): Promise<void> {
    try {
      for (;;) {
        const words = await readCommand(this.#reader)
        if (words === null) break
        if (words.length === 0) continue
        const reply = await run(words)
        if (reply !== undefined) await this.send(reply)
        if (words[0]?.toUpperCase() === 'QUIT') break
      }
      this.socket.end()
    } catch (error) {
      if (error instanceof ProtocolError) await this.send({ error: `ERR ${error.message}` }).catch(() => {})
    } finally {
      this.socket.destroy()
    }
  }

  send(reply: Reply): Promise<void> {
    const bytes = bytesOf(encodeReply(reply, this.version))
    this.#sending = this.#sending.then(() => this.socket.write(bytes))
    this.#sending.catch(() => {})
    return this.#sending
  }
}
