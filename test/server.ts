/** The real lab server as a process of its own, for tests that start, use, kill and restart it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../lab-server/port.ts'
import type { ErrorBody, SessionView } from '../protocol/session.ts'

export interface TestServer {
  readonly url: string
  readonly data: string
  readonly pid: number
  /** Everything that it wrote to its two outputs. */
  readonly output: () => string
  /** SIGKILL: nothing is told, nothing is closed. Resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGTERM. */
  stop(): Promise<number | null>
}

export interface ServerOptions {
  /** Variables without their prefix: `{ POOL: '0' }`. */
  settings?: Record<string, string>
  /** The data folder of an earlier server, to start as its successor. */
  data?: string
  port?: number
}

const root = join(import.meta.dirname, '..')

/** How long a start may take: what an earlier process left is taken up first. */
const START_TIMEOUT_MS = 60_000

export async function startServer({ settings = {}, data, port }: ServerOptions = {}): Promise<TestServer> {
  const folder = data ?? mkdtempSync(join(tmpdir(), 'quayside-data-'))
  const chosen = port ?? (await freePort())
  const image = process.env.TEST_NODE_IMAGE
  // What the tests themselves are told is no setting of the server.
  const { QUAYSIDE_KIND_LABS: _, ...surroundings } = process.env
  const env: Record<string, string | undefined> = {
    ...surroundings,
    QUAYSIDE_PORT: String(chosen),
    QUAYSIDE_DATA: folder,
    ...(image ? { QUAYSIDE_NODE_IMAGE: image } : {}),
  }
  for (const [name, value] of Object.entries(settings)) env[`QUAYSIDE_${name}`] = value
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'lab-server/main.ts'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk
    })
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = `http://127.0.0.1:${chosen}`
  try {
    await answering(url, child)
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`the server did not start: ${(error as Error).message}\n${output}`)
  }
  return {
    url,
    data: folder,
    pid: child.pid as number,
    output: () => output,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    async stop() {
      child.kill('SIGTERM')
      return exited
    },
  }
}

export function removeData(data: string): void {
  rmSync(data, { recursive: true, force: true })
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  for (const start = Date.now(); Date.now() - start < START_TIMEOUT_MS; ) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    const answer = await fetch(`${url}/healthz`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`no answer within ${START_TIMEOUT_MS} ms`)
}

/** A reader without a browser: keeps its cookie, says its Origin. */
export class Reader {
  readonly #url: string
  cookie: string

  /** @param cookie of an earlier reader, to go on as the same */
  constructor(url: string, cookie = '') {
    this.#url = url
    this.cookie = cookie
  }

  async request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(this.#url + path, {
      method,
      headers: {
        origin: this.#url,
        'x-quayside': '1',
        ...(this.cookie ? { cookie: this.cookie } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const cookie = answer.headers.getSetCookie()[0]
    if (cookie) this.cookie = cookie.split(';')[0] as string
    const text = await answer.text()
    return { status: answer.status, body: text ? JSON.parse(text) : undefined }
  }

  /** @throws {Error} with the server's sentence */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.request(method, path, body)
    if (answer.status >= 400) throw new Error(`${answer.status}: ${(answer.body as ErrorBody).error.message}`)
    return answer.body as T
  }

  start(lab: string): Promise<SessionView> {
    return this.ask('POST', '/api/sessions', { lab })
  }

  session(id: string): Promise<SessionView> {
    return this.ask('GET', `/api/sessions/${id}`)
  }

  /** Waits until the session is as wanted. @throws {Error} if it ends otherwise, or the time is over */
  async until(id: string, wanted: (view: SessionView) => boolean, timeoutMs: number): Promise<SessionView> {
    let view = await this.session(id)
    for (const start = Date.now(); !wanted(view); view = await this.session(id)) {
      if (view.status.state === 'ended') throw new Error(`the session ended: ${view.status.message}`)
      if (Date.now() - start > timeoutMs)
        throw new Error(`not within ${timeoutMs} ms: ${JSON.stringify(view, null, 2)}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    return view
  }
}
