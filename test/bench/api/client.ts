import { connect, type TLSSocket } from 'node:tls'

/** How to reach an API server on this machine. Whose certificate it shows is not what is measured. */
export type Access = { readonly port: number } & (
  | { readonly token: string }
  | { readonly certificate: string; readonly key: string }
)

export interface Answered {
  readonly status: number
  readonly bytes: number
  /** Head left out, marks of chunks left in; made when it is asked for. */
  readonly text: string
}

const HEAD_END = Buffer.from('\r\n\r\n')
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/**
 * A client over its own connections that does next to nothing: Node's own one takes as long for a request as the server, and then it is the client
 * that is measured. One request at a time on each connection; more wait.
 */
export class Client {
  readonly #access: Access
  readonly #free: TLSSocket[] = []
  readonly #waiting: ((socket: TLSSocket) => void)[] = []
  readonly #head: string
  #left: number

  constructor(access: Access, connections: number) {
    this.#access = access
    this.#left = connections
    this.#head = `Host: localhost\r\nAccept: application/json\r\n${'token' in access ? `Authorization: Bearer ${access.token}\r\n` : ''}`
  }

  async ask(method: string, path: string, body = ''): Promise<Answered> {
    const socket = await this.#socket()
    try {
      const answered = await whole(socket, this.#request(method, path, body))
      this.#release(socket)
      return answered
    } catch (error) {
      this.#left++
      throw error
    }
  }

  /** Counts the lines of an answer that does not end, until `stop` is called. */
  async watch(path: string, line: () => void): Promise<{ stop(): void }> {
    const socket = await this.#socket()
    await new Promise<void>((resolve, reject) => {
      let head = true
      socket.on('data', (part: Buffer) => {
        // Its chunks' own lines hold no JSON.
        if (head) resolve()
        head = false
        for (let at = part.indexOf('}\n'); at !== -1; at = part.indexOf('}\n', at + 1)) line()
      })
      socket.on('error', reject)
      socket.write(this.#request('GET', path, ''))
    })
    return { stop: () => void socket.destroy() }
  }

  close(): void {
    for (const socket of this.#free) socket.destroy()
  }

  #request(method: string, path: string, body: string): string {
    const content =
      body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
    return `${method} ${path} HTTP/1.1\r\n${this.#head}${content}\r\n${body}`
  }

  #socket(): Promise<TLSSocket> {
    const free = this.#free.pop()
    if (free !== undefined) return Promise.resolve(free)
    if (this.#left === 0) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#left--
    const access = this.#access
    const socket = connect({
      host: '127.0.0.1',
      port: access.port,
      rejectUnauthorized: false,
      ...('token' in access ? {} : { cert: access.certificate, key: access.key }),
    })
    return new Promise((resolve, reject) => {
      socket.once('secureConnect', () => resolve(socket))
      socket.once('error', (error) => {
        this.#left++
        reject(error)
      })
    })
  }

  #release(socket: TLSSocket): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(socket)
    else next(socket)
  }
}

/** Sends a request and reads its answer to the end, by its length or its last chunk. */
function whole(socket: TLSSocket, request: string): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    let end: number | 'chunks' | undefined
    let status = 0
    const over = (): boolean => {
      if (end === undefined) {
        const soFar = Buffer.concat(parts)
        const head = soFar.indexOf(HEAD_END)
        if (head === -1) return false
        const text = soFar.toString('latin1', 0, head)
        status = Number(text.slice(9, 12))
        const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
        end = length === undefined ? 'chunks' : head + HEAD_END.length + Number(length)
      }
      return end === 'chunks' ? endsWith(parts, LAST_CHUNK) : size >= end
    }
    const settle = (): void => {
      socket.off('data', take)
      socket.off('error', fail)
      socket.off('close', fail)
    }
    const take = (part: Buffer): void => {
      parts.push(part)
      size += part.length
      if (!over()) return
      settle()
      resolve({
        status,
        bytes: size,
        get text() {
          const all = Buffer.concat(parts)
          return all.toString('utf8', all.indexOf(HEAD_END) + HEAD_END.length)
        },
      })
    }
    const fail = (error?: unknown): void => {
      settle()
      reject(error instanceof Error ? error : new Error('the server closed the connection'))
    }
    socket.on('data', take)
    socket.on('error', fail)
    socket.on('close', fail)
    socket.write(request)
  })
}

function endsWith(parts: readonly Buffer[], ending: Buffer): boolean {
  const tail = Buffer.concat(parts.slice(-2))
  return tail.subarray(-ending.length).equals(ending)
}
