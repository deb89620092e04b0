/** The shells of one session: those that run, and the last output of some that have exited. */
import type { Logger } from 'pino'
import type { ShellView } from '../../protocol/session.ts'
import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { Ids } from '../ids.ts'
import type { Cluster, Shell, TerminalSize } from '../providers/provider.ts'
import type { createTerminal } from '../terminal/create-terminal.ts'
import type { Terminal } from '../terminal/terminal.ts'

export interface SessionShellsOptions {
  clock: Clock
  ids: Ids
  log: Logger
  createTerminal: typeof createTerminal
  /** That run at the same time. */
  most: number
  onInput(): void
  onBytes(count: number): void
  /** Another view is to be had. */
  onChange(): void
}

export class SessionShells {
  readonly #options: SessionShellsOptions
  readonly #terminals = new Map<number, Terminal>()
  /** Shells that are being opened at this moment. */
  #openings = 0

  constructor(options: SessionShellsOptions) {
    this.#options = options
  }

  get views(): ShellView[] {
    return [...this.#terminals].map(([id, terminal]) => ({ id, state: terminal.exited ? 'exited' : 'running' }))
  }

  terminal(id: number): Terminal | undefined {
    return this.#terminals.get(id)
  }

  add(shell: Shell): void {
    const { clock, ids, log, createTerminal, onInput, onBytes, onChange } = this.#options
    const terminal = createTerminal({
      shell,
      clock,
      ids,
      onInput,
      onBytes,
      onExit: (code) => {
        log.info({ shell: shell.id, code }, 'shell exited')
        onChange()
      },
    })
    this.#terminals.set(shell.id, terminal)
    this.#forgetExited()
  }

  /**
   * @param stillWanted asked once the shell is there: it is not added if the session is over by then
   * @throws {ReaderError} too-many-shells (429)
   */
  async open(cluster: Cluster, size: TerminalSize, stillWanted: () => void): Promise<ShellView> {
    const { most } = this.#options
    const running = this.views.filter(({ state }) => state === 'running').length
    if (running + this.#openings >= most) {
      throw new ReaderError('too-many-shells', `A lab has at most ${most} shells: close one first.`, { status: 429 })
    }
    this.#openings++
    try {
      const shell = await cluster.openShell(size)
      stillWanted()
      this.add(shell)
      return { id: shell.id, state: 'running' }
    } finally {
      this.#openings--
    }
  }

  /**
   * Pages see it no more; its program is the caller's to end.
   * @throws {ReaderError} unknown-shell (404)
   */
  close(id: number): void {
    const terminal = this.#terminals.get(id)
    if (!terminal) throw new ReaderError('unknown-shell', 'There is no such shell.', { status: 404 })
    this.#terminals.delete(id)
    terminal.close()
  }

  closeAll(): void {
    for (const terminal of this.#terminals.values()) terminal.close()
    this.#terminals.clear()
  }

  /** Shells that have exited keep their last output, but no more of them than may run. */
  #forgetExited(): void {
    const exited = [...this.#terminals].filter(([, terminal]) => terminal.exited)
    for (const [id, terminal] of exited.slice(0, Math.max(0, exited.length - this.#options.most))) {
      terminal.close()
      this.#terminals.delete(id)
    }
  }
}
