/**
 * Starts processes for the server by another one, which is small. To start one, a process makes a copy of itself, in which each page of its memory
 * is written down: with 200 simulated labs that takes the server a tenth of a second, and nobody's terminal is served meanwhile.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from '../sandbox/home.ts'
import { type FromLauncher, HEAD, type ToLauncher } from './messages.ts'

/** A process. */
export interface Launched {
  /** The server's ends of its streams; undefined where none was asked for. */
  readonly streams: readonly (Socket | undefined)[]
  /** Its code; null where a signal ended it. */
  readonly exited: Promise<number | null>
  kill(signal: NodeJS.Signals): void
}

/** Starts a process; of each stream from the first it is said whether the server has its other end. */
export type Start = (command: Command, streams: readonly boolean[]) => Promise<Launched>

/** A process on a pseudo-terminal, whose bytes are its stream. */
export interface LaunchedTerminal extends Launched {
  resize(cols: number, rows: number): void
}

interface Begun {
  readonly streams: (Socket | undefined)[]
  /** Streams that are not there yet. */
  missing: number
  /** All streams are there. */
  readonly ready: PromiseWithResolvers<void>
  readonly exited: PromiseWithResolvers<number | null>
}

/** As shells say of what they could not start. */
const NOT_STARTED = 127

export class Launcher {
  #child: ChildProcess | undefined
  #server: Server | undefined
  #starting: Promise<void> | undefined
  #closed = false
  #ids = 0
  readonly #begun = new Map<number, Begun>()

  readonly spawn: Start = async (command, streams) => {
    const { id, launched } = await this.#launch(streams, (id) => ({ kind: 'spawn', id, command, streams }))
    // Nothing comes from there that would tell that it is over
    void launched.exited.then(() => launched.streams[0]?.destroy())
    return { ...launched, kill: (signal) => this.#send({ kind: 'kill', id, signal }) }
  }

  async terminal(command: Command, { cols, rows }: { cols: number; rows: number }): Promise<LaunchedTerminal> {
    const { id, launched } = await this.#launch([true], (id) => ({ kind: 'terminal', id, command, cols, rows }))
    return {
      ...launched,
      resize: (cols, rows) => this.#send({ kind: 'resize', id, cols, rows }),
      kill: (signal) => this.#send({ kind: 'kill', id, signal }),
    }
  }

  /** What it has started and what ends with its terminal or its parent is over, too. */
  close(): void {
    this.#closed = true
    if (this.#child?.connected) this.#child.disconnect()
    this.#over()
  }

  async #launch(
    streams: readonly boolean[],
    order: (id: number) => ToLauncher,
  ): Promise<{ id: number; launched: Pick<Launched, 'streams' | 'exited'> }> {
    if (this.#closed) throw new Error('the launcher was closed')
    this.#starting ??= this.#start()
    await this.#starting
    const id = ++this.#ids
    const begun: Begun = {
      streams: streams.map(() => undefined),
      missing: streams.filter((wanted) => wanted).length,
      ready: Promise.withResolvers(),
      exited: Promise.withResolvers(),
    }
    this.#begun.set(id, begun)
    if (begun.missing === 0) begun.ready.resolve()
    this.#send(order(id))
    await begun.ready.promise
    return { id, launched: { streams: begun.streams, exited: begun.exited.promise } }
  }

  #send(message: ToLauncher): void {
    if (this.#child?.connected) this.#child.send(message, () => {})
  }

  /** Once, when it is first needed; and again after it has ended. */
  async #start(): Promise<void> {
    // Of this user alone; a socket's path has to be short
    const folder = mkdtempSync(join(tmpdir(), 'quayside-launcher-'))
    const path = join(folder, 'streams')
    const server = createServer({ pauseOnConnect: true }, (socket) => this.#take(socket))
    server.unref()
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
    const child = fork(join(import.meta.dirname, 'program.ts'), [path], {
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#server = server
    this.#child = child
    child.unref()
    child.channel?.unref()
    child.on('message', (message: FromLauncher) => this.#hear(message))
    const over = () => {
      if (this.#child === child) this.#over()
    }
    child.on('error', over)
    child.on('exit', over)
  }

  #over(): void {
    this.#server?.close()
    this.#server = undefined
    this.#child = undefined
    this.#starting = undefined
    for (const { ready, exited } of this.#begun.values()) {
      ready.reject(new Error('the process that starts others has ended'))
      exited.resolve(null)
    }
    this.#begun.clear()
  }

  #hear(message: FromLauncher): void {
    const begun = this.#begun.get(message.id)
    this.#begun.delete(message.id)
    if (message.kind === 'failed') begun?.ready.reject(new Error(message.message))
    // It may be over before the server has seen its streams: they come nevertheless
    begun?.exited.resolve(message.kind === 'exit' ? message.code : NOT_STARTED)
    if (begun !== undefined && begun.missing > 0) this.#begun.set(message.id, begun)
  }

  #take(socket: Socket): void {
    socket.on('error', () => socket.destroy())
    const read = () => {
      const head = socket.read(HEAD) as Buffer | null
      if (head === null) return
      socket.off('readable', read)
      const id = head.readUInt32BE(0)
      const begun = this.#begun.get(id)
      if (begun === undefined) {
        socket.destroy()
        return
      }
      begun.streams[head.readUInt32BE(4)] = socket
      if (--begun.missing === 0) begun.ready.resolve()
    }
    socket.on('readable', read)
  }
}
