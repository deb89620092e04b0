import type { ProcessResult } from '../../api/http.ts'
import type { Container } from '../../containers/contract.ts'

/** Bytes of output that are looked at: upstream's for probes. */
const MOST_OUTPUT = 10 * 1024

export interface Ran {
  readonly result: ProcessResult
  readonly output: string
  readonly stderr: string
}

/** Runs a command in a container to its end, with nothing to read. The signal ends it. */
export async function runCommand(container: Container, command: readonly string[], signal: AbortSignal): Promise<Ran> {
  const all = new Collected()
  const errors = new Collected()
  const result = await container.exec(
    command,
    { tty: false, stdin: false },
    {
      stdin: nothing(),
      sizes: nothing(),
      signal,
      stdout: async (chunk) => all.add(chunk),
      async stderr(chunk) {
        all.add(chunk)
        errors.add(chunk)
      },
    },
  )
  return { result, output: all.text(), stderr: errors.text() }
}

class Collected {
  readonly #parts: Uint8Array[] = []
  #size = 0

  add(chunk: Uint8Array): void {
    const part = chunk.subarray(0, MOST_OUTPUT - this.#size)
    if (part.length === 0) return
    this.#parts.push(part.slice())
    this.#size += part.length
  }

  text(): string {
    const decoder = new TextDecoder()
    return this.#parts.map((part) => decoder.decode(part, { stream: true })).join('') + decoder.decode()
  }
}

async function* nothing(): AsyncGenerator<never> {}
