import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'

/** How to reach an API server on this machine. Whose certificate it shows is not what is measured. */
export type Access = { readonly port: number } & (
  | { readonly token: string }
  | { readonly certificate: string; readonly key: string }
)

export interface Answered {
  readonly status: number
  readonly bytes: number
  readonly text: string
}

/** A client that does little itself, so that the server is what is measured. */
export class Client {
  readonly #access: Access
  readonly #agent: Agent

  constructor(access: Access, connections: number) {
    this.#access = access
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, rejectUnauthorized: false })
  }

  async ask(method: string, path: string, body?: string): Promise<Answered> {
    const response = await this.#open(method, path, body)
    const parts: Buffer[] = []
    for await (const part of response as AsyncIterable<Buffer>) parts.push(part)
    const whole = Buffer.concat(parts)
    return { status: response.statusCode ?? 0, bytes: whole.length, text: whole.toString() }
  }

  /** Counts the lines of an answer that does not end, until `stop` is called. */
  async watch(path: string, line: () => void): Promise<{ stop(): void }> {
    const response = await this.#open('GET', path)
    response.on('data', (part: Buffer) => {
      for (let at = part.indexOf(10); at !== -1; at = part.indexOf(10, at + 1)) line()
    })
    response.on('error', () => undefined)
    return { stop: () => void response.destroy() }
  }

  close(): void {
    this.#agent.destroy()
  }

  #open(method: string, path: string, body?: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const access = this.#access
      const asked: ClientRequest = request({
        host: '127.0.0.1',
        port: access.port,
        method,
        path,
        agent: this.#agent,
        ...('token' in access ? {} : { cert: access.certificate, key: access.key }),
        headers: {
          accept: 'application/json',
          ...('token' in access ? { authorization: `Bearer ${access.token}` } : {}),
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
        },
      })
      asked.on('response', resolve)
      asked.on('error', reject)
      asked.end(body)
    })
  }
}
