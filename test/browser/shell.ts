/** Real bash on a real pseudo-terminal, in a home of its own: what a reader's terminal is on any provider. */
import { spawn } from 'node-pty'
import type { Shell, TerminalSize } from '../../lab-server/providers/provider.ts'

/** Bytes kept for a server that takes the shell up again. */
const KEPT = 256 * 1024

export class BashShell implements Shell {
  readonly id: number
  readonly #pty: ReturnType<typeof spawn>
  #kept = Buffer.alloc(0)
  #handlers: Parameters<Shell['attach']>[0] | undefined
  #exit: { code: number } | undefined

  constructor(id: number, home: string, environment: Record<string, string>) {
    this.id = id
    const variables = { ...environment, HOME: home, TERM: 'xterm-256color', LANG: 'C.UTF-8' }
    this.#pty = spawn(
      '/usr/bin/env',
      ['-i', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`), 'bash', '--rcfile', '.rc'],
      { cwd: home, encoding: null },
    )
    this.#pty.onData((text) => {
      const data = text as unknown as Buffer
      this.#kept = Buffer.concat([this.#kept, data]).subarray(-KEPT)
      this.#handlers?.onData(data)
    })
    this.#pty.onExit(({ exitCode }) => {
      this.#exit = { code: exitCode }
      this.#handlers?.onExit(exitCode)
    })
  }

  async attach(handlers: Parameters<Shell['attach']>[0]): Promise<void> {
    this.#handlers = handlers
    if (this.#kept.length > 0) handlers.onData(this.#kept)
    if (this.#exit) handlers.onExit(this.#exit.code)
  }

  write(data: Uint8Array): boolean {
    this.#pty.write(Buffer.from(data) as unknown as string)
    return true
  }

  async drained(): Promise<void> {}

  pause(): void {
    this.#pty.pause()
  }

  resume(): void {
    this.#pty.resume()
  }

  async resize({ cols, rows }: TerminalSize): Promise<void> {
    if (!this.#exit) this.#pty.resize(cols, rows)
  }

  async close(): Promise<void> {
    this.#handlers = undefined
    if (!this.#exit) this.#pty.kill('SIGHUP')
  }
}
