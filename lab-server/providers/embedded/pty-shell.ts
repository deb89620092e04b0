import { SCROLLBACK } from '../../terminal/flow.ts'
import { Scrollback } from '../../terminal/scrollback.ts'
import type { Shell } from '../provider.ts'
import type { LaunchedTerminal } from './launcher/launcher.ts'
import { over } from './scripts.ts'

/** Output kept for a hub that attaches late, in bytes; a shell that nobody looks at then waits. */
const KEPT = 64 * 1024
/** As shells say of what a signal has ended, and of what could not be started. */
const KILLED = 129
const NOT_STARTED = 127

export interface PtyShell extends Shell {
  /** A copy of its last output. */
  output(): Uint8Array
}

export interface PtyShellOptions {
  /** Of the shell in whose place it is: comes before its own. */
  earlier?: Uint8Array
  onInput(data: Uint8Array): void
  onOutput(): void
  onOver(): void
}

/** A shell on a pseudo-terminal of this machine. */
export function ptyShell(
  id: number,
  opening: Promise<LaunchedTerminal>,
  { earlier, onInput, onOutput, onOver }: PtyShellOptions,
): PtyShell {
  const scrollback = new Scrollback(SCROLLBACK)
  let kept: Uint8Array[] = []
  if (earlier !== undefined) {
    scrollback.append(earlier)
    kept.push(earlier)
  }
  let bytes = 0
  let handlers: Parameters<Shell['attach']>[0] | undefined
  let exit: { code: number } | undefined

  let terminal: LaunchedTerminal | undefined
  /** What was asked before it was there. */
  let asked: ((terminal: LaunchedTerminal) => void)[] = []
  const when = (work: (terminal: LaunchedTerminal) => void) => {
    if (terminal) work(terminal)
    else asked.push(work)
  }
  const ended = (code: number) => {
    asked = []
    exit = { code }
    handlers?.onExit(code)
    onOver()
  }
  const begin = async () => {
    const opened = await opening
    const [stream] = opened.streams
    stream?.on('data', (data: Buffer) => {
      scrollback.append(data)
      onOutput()
      if (handlers) return handlers.onData(data)
      kept.push(data)
      bytes += data.length
      if (bytes > KEPT) stream.pause()
    })
    terminal = opened
    for (const work of asked.splice(0)) work(opened)
    const [code] = await Promise.all([opened.exited, over(stream)])
    ended(code ?? KILLED)
  }
  begin().catch(() => ended(NOT_STARTED))

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
      if (bytes > KEPT) when(({ streams }) => streams[0]?.resume())
      kept = []
      if (exit) to.onExit(exit.code)
    },
    write(data) {
      onInput(data)
      if (!exit) when(({ streams }) => streams[0]?.write(data))
      return true
    },
    drained: async () => {},
    pause: () => when(({ streams }) => streams[0]?.pause()),
    resume: () => when(({ streams }) => streams[0]?.resume()),
    async resize({ cols, rows }) {
      if (!exit) when((opened) => opened.resize(cols, rows))
    },
    async close() {
      if (!exit) when((opened) => opened.kill('SIGHUP'))
    },
  }
}
