import { spawn } from 'node-pty'
import type { Shell, TerminalSize } from '../provider.ts'
import type { Command } from './sandbox/home.ts'

/** Output kept for a hub that attaches late, in bytes; a shell that nobody looks at then waits. */
const KEPT = 64 * 1024

/** A shell on a pseudo-terminal of this machine. */
export function ptyShell(id: number, command: Command, { cols, rows }: TerminalSize, onOver: () => void): Shell {
  const pty = spawn(command.file, command.args, {
    name: 'xterm-256color',
    cols,
    rows,
    cwd: command.cwd ?? '/',
    env: command.env,
    encoding: null,
  })
  let kept: Buffer[] = []
  let bytes = 0
  let handlers: Parameters<Shell['attach']>[0] | undefined
  let exit: { code: number } | undefined

  pty.onData((text) => {
    // Without an encoding it is bytes, whatever the types say
    const data = text as unknown as Buffer
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
