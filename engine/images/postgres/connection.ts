/** The client's side of the protocol. */
import type { Process } from '../../containers/contract.ts'
import type { Socket } from '../../network/contract.ts'
import { ByteReader } from '../../network/http/byte-reader.ts'
import { messageOf } from '../programs/io.ts'
import {
  type Column,
  columnsOf,
  type Fields,
  fieldsOf,
  int32,
  message,
  PROTOCOL_3,
  readMessage,
  textsOf,
  valuesOf,
  view,
} from './wire.ts'

export interface Target {
  /** Undefined: this Pod's own server, as by its socket. */
  readonly host: string | undefined
  readonly port: number
  readonly user: string
  readonly database: string
  readonly password: string | undefined
}

/** Parts of what a server answers to statements. */
export type Part =
  | { readonly kind: 'rows'; readonly columns: readonly Column[]; readonly rows: (string | null)[][] }
  | { readonly kind: 'done'; readonly tag: string }
  | { readonly kind: 'notice' | 'error'; readonly fields: Fields }

export class ConnectFault extends Error {
  /** A password is wanted and was not given. */
  readonly wantsPassword: boolean

  constructor(text: string, wantsPassword = false) {
    super(text)
    this.wantsPassword = wantsPassword
  }
}

export class Connection {
  readonly target: Target
  readonly #socket: Socket
  readonly #reader: ByteReader
  readonly parameters = new Map<string, string>()
  /** `I` idle, `T` in a transaction, `E` in a failed one. */
  status = 'I'

  private constructor(target: Target, socket: Socket) {
    this.target = target
    this.#socket = socket
    this.#reader = new ByteReader(socket)
  }

  /** Throws ConnectFault. */
  static async open(process: Process, target: Target): Promise<Connection> {
    const where = whereIs(target)
    let socket: Socket
    try {
      socket = await process.network.connect(target.host ?? '127.0.0.1', target.port, { signal: process.signal })
    } catch (error) {
      if (process.signal.aborted) throw error
      if (target.host === undefined) {
        throw new ConnectFault(
          `${where} failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?`,
        )
      }
      const unknown =
        error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN')
      if (unknown)
        throw new ConnectFault(`could not translate host name "${target.host}" to address: ${messageOf(error)}`)
      throw new ConnectFault(
        `${where} failed: ${messageOf(error)}\n\tIs the server running on that host and accepting TCP/IP connections?`,
      )
    }
    const connection = new Connection(target, socket)
    try {
      await connection.#greet()
      return connection
    } catch (error) {
      socket.destroy()
      if (error instanceof ConnectFault || process.signal.aborted) throw error
      throw new ConnectFault(`${where} failed: server closed the connection unexpectedly`)
    }
  }

  async #greet(): Promise<void> {
    const { user, database, password } = this.target
    const where = whereIs({ ...this.target, address: this.#socket.remote.address })
    await this.#socket.write(
      message(
        '',
        int32(PROTOCOL_3),
        'user',
        user,
        'database',
        database,
        'application_name',
        'psql',
        'client_encoding',
        'UTF8',
        Uint8Array.of(0),
      ),
    )
    for (;;) {
      const next = await readMessage(this.#reader)
      switch (next?.type) {
        case 'R': {
          const kind = view(next.body).getInt32(0)
          if (kind === 3) {
            if (password === undefined)
              throw new ConnectFault(`${where} failed: fe_sendauth: no password supplied`, true)
            await this.#socket.write(message('p', password))
          } else if (kind !== 0) throw new ConnectFault(`${where} failed: authentication method ${kind} not supported`)
          break
        }
        case 'S': {
          const [name = '', value = ''] = textsOf(next.body)
          this.parameters.set(name, value)
          break
        }
        case 'E': {
          const fields = fieldsOf(next.body)
          throw new ConnectFault(`${where} failed: ${fields.get('S')}:  ${fields.get('M')}`)
        }
        case 'Z':
          return
        case undefined:
          throw new Error('closed')
      }
    }
  }

  /** Statements, and parts of their answer as they come. Throws when the connection breaks. */
  async *ask(sql: string): AsyncGenerator<Part> {
    await this.#socket.write(message('Q', sql))
    let columns: Column[] = []
    let rows: (string | null)[][] = []
    for (;;) {
      const next = await readMessage(this.#reader)
      switch (next?.type) {
        case 'T':
          columns = columnsOf(next.body)
          rows = []
          break
        case 'D':
          rows.push(valuesOf(next.body))
          break
        case 'C': {
          const tag = textsOf(next.body)[0] ?? ''
          if (columns.length > 0 || /^(?:SELECT|FETCH|SHOW|EXPLAIN)/.test(tag)) yield { kind: 'rows', columns, rows }
          yield { kind: 'done', tag }
          columns = []
          break
        }
        case 'N':
          yield { kind: 'notice', fields: fieldsOf(next.body) }
          break
        case 'E':
          yield { kind: 'error', fields: fieldsOf(next.body) }
          break
        case 'Z':
          this.status = String.fromCharCode(next.body[0] ?? 73)
          return
        case undefined:
          throw new Error('server closed the connection unexpectedly')
      }
    }
  }

  /** Rows of one statement; what went wrong as an Error. */
  async rows(sql: string): Promise<{ columns: readonly Column[]; rows: (string | null)[][] }> {
    let found: { columns: readonly Column[]; rows: (string | null)[][] } = { columns: [], rows: [] }
    let fault: Fields | undefined
    for await (const part of this.ask(sql)) {
      if (part.kind === 'rows') found = part
      else if (part.kind === 'error') fault ??= part.fields
    }
    if (fault !== undefined) throw new Error(`${fault.get('S')}:  ${fault.get('M')}`)
    return found
  }

  close(): void {
    this.#socket.write(message('X')).catch(() => {})
    this.#socket.end()
    this.#socket.destroy()
  }
}

function whereIs({ host, port, address }: Target & { readonly address?: string }): string {
  if (host === undefined) return `connection to server on socket "/var/run/postgresql/.s.PGSQL.${port}"`
  const shown = address === undefined || address === host ? '' : ` (${address})`
  return `connection to server at "${host}"${shown}, port ${port}`
}
