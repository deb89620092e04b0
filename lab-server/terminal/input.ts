/** What pages type, on its way to the shell: in order, once, and bounded. */
import type { Shell } from '../providers/provider.ts'

/**
 * Bytes that may wait for a shell that takes nothing. The socket is not simply left unread meanwhile, because the page's
 * acknowledgements come through it: without them the shell's output would be held back, a program that echoes its input
 * would block on its output, and would never take the input that all wait for.
 */
export const MOST_WAITING = 1024 * 1024

export class InputQueue {
  readonly #shell: Pick<Shell, 'write' | 'drained'>
  #waiting: Uint8Array[] = []
  #bytes = 0
  #blocked = false

  constructor(shell: Pick<Shell, 'write' | 'drained'>) {
    this.#shell = shell
  }

  /** False, and nothing is taken, if too much waits already. */
  push(data: Uint8Array): boolean {
    if (!this.#blocked) {
      this.#write(data)
      return true
    }
    if (this.#bytes + data.length > MOST_WAITING) return false
    this.#waiting.push(data)
    this.#bytes += data.length
    return true
  }

  #write(data: Uint8Array): void {
    if (this.#shell.write(data)) return
    this.#blocked = true
    this.#shell.drained().then(
      () => this.#goOn(),
      // The shell is gone, which it tells by itself; what waits for it is of no use.
      () => {
        this.#waiting = []
        this.#bytes = 0
      },
    )
  }

  #goOn(): void {
    this.#blocked = false
    const waiting = this.#waiting
    let written = 0
    while (written < waiting.length && !this.#blocked) {
      const data = waiting[written++] as Uint8Array
      this.#bytes -= data.length
      this.#write(data)
    }
    this.#waiting = waiting.slice(written)
  }
}
