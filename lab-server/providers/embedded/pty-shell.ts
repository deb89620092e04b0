import { spawn } from 'node-pty'
import { SCROLLBACK } from '../../terminal/flow.ts'
import { Scrollback } from '../../terminal/scrollback.ts'
import type { Shell, TerminalSize } from '../provider.ts'
import type { Command } from './sandbox/home.ts'

/** Output kept for a hub that attaches late, in bytes; a shell that nobody looks at then waits. */
const KEPT = 64 * 1024

export interface PtyShell extends Shell {
  /** A copy of its last output. */
  output(): Uint8Array
}

export interface PtyShellOptions {
  /** Of the shell in whose place it is: comes before its own. */
  earlier?: Uint8Array
  onOutput(): void
  onOver(): void
}

/** A shell on a pseudo-terminal of this machine. */
export function ptyShell(
  id: number,
  command: Command,
  { cols, rows }: TerminalSize,
  { earlier, onOutput, onOver }: PtyShellOptions,
): PtyShell {
  const scrollback = new Scrollback(SCROLLBACK)
  const pty = spawn(command.file, command.args, {
    name: 'xterm-256color',
    cols,
    rows,
    cwd: command.cwd ?? '/',
    env: command.env,
    encoding: null,
  })
  let kept: Uint8Array[] = []
  if (earlier !== undefined) {
    scrollback.append(earlier)
    kept.push(earlier)
  }
  let bytes = 0
  let handlers: Parameters<Shell['attach']>[0] | undefined
  let exit: { code: number } | undefined

  pty.onData((text) => {
    // Without an encoding it is bytes, whatever the types say
    const data = text as unknown as Buffer
    scrollback.append(data)
    onOutput()
    if (handlers) return handlers.onData(data)
    kept.push(data)
    bytes += data.length
    if (bytes > KEPT) pty.pause()
  })
  pty.onExit(({ exitCode }) => {
    exit = { code: exitCode }
    handlers?.onExit(exitCode)
    onOver()
  })

  return {
    id,
    output() {
      const from = scrollback.safeStart()
      const bytes = new Uint8Array(scrollback.end - from)
      scrollback.copy(from, bytes)
      return bytes
    },
    async attach(to) {
      handlers = to
      for (const data of kept) to.onData(data)
      if (bytes > KEPT) pty.resume()
      kept = []
      if (exit) to.onExit(exit.code)
    },
    write(data) {
      if (!exit) pty.write(Buffer.from(data) as unknown as string)
      return true
    },
    drained: async () => {},
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    async resize(size) {
      if (!exit) pty.resize(size.cols, size.rows)
    },
    async close() {
      if (!exit) pty.kill('SIGHUP')
    },
  }
}
