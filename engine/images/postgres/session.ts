/** One client's conversation with the server, from its greeting to its farewell. */
import type { Socket } from '../../network/contract.ts'
import { ByteReader } from '../../network/http/byte-reader.ts'
import { join } from '../../objects/bytes.ts'
import { joinedMessages } from './engine.ts'
import { passwordFits } from './password.ts'
import type { PostgresServer } from './server.ts'
import {
  CANCEL_REQUEST,
  errorMessage,
  GSS_REQUEST,
  int32,
  type Message,
  message,
  PROTOCOL_3,
  readMessage,
  readStartup,
  SSL_REQUEST,
  textsOf,
} from './wire.ts'

/** Milliseconds that a client may take to say who it is. */
const AUTHENTICATION_TIMEOUT = 60_000
/** Parameters of a connection that are no settings. */
const NO_SETTINGS: ReadonlySet<string> = new Set(['user', 'database', 'options', 'replication'])
const REPORTED = [
  'server_version',
  'server_encoding',
  'client_encoding',
  'DateStyle',
  'TimeZone',
  'integer_datetimes',
  'standard_conforming_strings',
]

export class Session {
  readonly id: number
  readonly socket: Socket
  readonly #server: PostgresServer
  readonly #reader: ByteReader
  user = ''
  database = ''
  settings: ReadonlyMap<string, string> = new Map()
  #pending: Uint8Array[] = []
  /** It holds the engine: a transaction is open, or messages are under way. */
  #release: (() => void) | undefined

  constructor(server: PostgresServer, socket: Socket, id: number) {
    this.#server = server
    this.socket = socket
    this.#reader = new ByteReader(socket)
    this.id = id
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      const cancel = this.#server.process.clock.after(AUTHENTICATION_TIMEOUT, () => this.socket.destroy())
      let greeted: boolean
      try {
        greeted = await this.#greet()
      } finally {
        cancel()
      }
      while (greeted) {
        const next = await readMessage(this.#reader)
        if (next === null || next.type === 'X') break
        await this.#take(next)
      }
      this.socket.end()
    } catch {
      // The client has gone, or spoke something else.
    } finally {
      await this.#leave()
      this.socket.destroy()
    }
  }

  async #greet(): Promise<boolean> {
    for (;;) {
      const { code, body } = await readStartup(this.#reader)
      if (code === SSL_REQUEST || code === GSS_REQUEST) {
        await this.socket.write(Uint8Array.of(78))
        continue
      }
      if (code === CANCEL_REQUEST) return false
      if (code >> 16 !== PROTOCOL_3 >> 16) {
        await this.#refuse(
          '0A000',
          `unsupported frontend protocol ${code >> 16}.${code & 0xffff}: server supports 3.0 to 3.2`,
        )
        return false
      }
      const texts = textsOf(body)
      const parameters = new Map(
        texts.flatMap((text, index) => (index % 2 === 0 ? [[text, texts[index + 1] ?? ''] as const] : [])),
      )
      this.user = parameters.get('user') ?? ''
      this.database = parameters.get('database') || this.user
      this.settings = new Map([...parameters].filter(([name]) => !NO_SETTINGS.has(name) && !name.startsWith('_pq_')))
      return this.#admit()
    }
  }

  async #admit(): Promise<boolean> {
    const server = this.#server
    if (server.state !== 'ready') {
      await this.#refuse(
        '57P03',
        server.state === 'starting' ? 'the database system is starting up' : 'the database system is shutting down',
      )
      return false
    }
    const role = await server.roleOf(this.user)
    if (!isLocal(this.socket) && !server.trusting) {
      await this.socket.write(message('R', 3))
      const answer = await readMessage(this.#reader)
      if (answer?.type !== 'p') return false
      const [password = ''] = textsOf(answer.body)
      if (role?.password === undefined || !(await passwordFits(password, role.password))) {
        await this.#refuse('28P01', `password authentication failed for user "${this.user}"`)
        return false
      }
    }
    if (role === undefined) {
      await this.#refuse('28000', `role "${this.user}" does not exist`)
      return false
    }
    if (!role.mayLogIn) {
      await this.#refuse('28000', `role "${this.user}" is not permitted to log in`)
      return false
    }
    if (!(await server.hasDatabase(this.database))) {
      await this.#refuse('3D000', `database "${this.database}" does not exist`)
      return false
    }
    const parameters = await server.parameters(this, REPORTED)
    await this.socket.write(
      join([
        message('R', 0),
        ...parameters.map(([name, value]) => message('S', name, value)),
        message('K', int32(this.id), int32(Math.floor(server.process.random() * 2 ** 31))),
        message('Z', new TextEncoder().encode('I')),
      ]),
    )
    return true
  }

  async #refuse(code: string, text: string): Promise<void> {
    this.#server.log(`FATAL:  ${text}`)
    await this.socket.write(errorMessage('FATAL', code, text))
    this.socket.end()
  }

  async #take({ type, body }: Message): Promise<void> {
    this.#pending.push(message(type, body))
    // Until one of these, an answer is not due.
    if (type !== 'Q' && type !== 'S' && type !== 'H' && type !== 'F') return
    const batch = join(this.#pending)
    this.#pending = []
    if (type === 'Q') {
      const sql = textsOf(body)[0] ?? ''
      await this.#server.wait(sql)
      if (COPY_IN.test(sql)) {
        await this.socket.write(
          join([
            errorMessage('ERROR', '0A000', 'COPY FROM STDIN is not supported by this server'),
            message('Z', new TextEncoder().encode('I')),
          ]),
        )
        return
      }
    }
    this.#release ??= await this.#server.take(this)
    const answer = await this.#server.send(batch)
    let status = 'I'
    for (const part of joinedMessages(answer)) if (part.type === 'Z') status = String.fromCharCode(part.body[0] ?? 73)
    if (status === 'I' && type !== 'H') this.#letGo()
    for (const part of answer) await this.socket.write(part)
  }

  #letGo(): void {
    this.#release?.()
    this.#release = undefined
  }

  async #leave(): Promise<void> {
    if (this.#release !== undefined) {
      await this.#server.send(join([message('S'), message('Q', 'ROLLBACK')])).catch(() => {})
      this.#letGo()
    }
    await this.#server.forget(this).catch(() => {})
  }
}

const COPY_IN = /^\s*copy\b[\s\S]*\bfrom\s+stdin\b/i

/** As pg_hba.conf of the image has it: who comes from the same Pod's loopback is trusted. */
const isLocal = ({ remote }: Socket): boolean => remote.address.startsWith('127.') || remote.address === '::1'
