import { join } from '../../objects/bytes.ts'
import type { Input, Output } from '../contract.ts'

/** The stream behind what a process has: what its children get, for they outlive it. */
export const INNER: unique symbol = Symbol('inner')

export function innerOf<Stream extends Input | Output>(stream: Stream): Stream {
  return (stream as { [INNER]?: Stream })[INNER] ?? stream
}

/** A stream whose readers can give back what they did not need, for whoever reads next. */
export class BufferedInput implements Input {
  readonly #inner: Input
  #back: Uint8Array | undefined

  constructor(inner: Input) {
    this.#inner = inner
  }

  async read(signal?: AbortSignal): Promise<Uint8Array | null> {
    const back = this.#back
    this.#back = undefined
    return back ?? this.#inner.read(signal)
  }

  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#back = this.#back === undefined ? bytes : join([bytes, this.#back])
  }

  close(): void {
    this.#inner.close()
  }
}

export function buffered(input: Input): BufferedInput {
  const inner = innerOf(input)
  return inner instanceof BufferedInput ? inner : new BufferedInput(inner)
}

export interface Given {
  readonly stdin: BufferedInput
  readonly stdout: Output
  readonly stderr: Output
}

/** The streams that a process is given, freed of those who had them before. */
export const givenOf = ({ stdin, stdout, stderr }: { stdin: Input; stdout: Output; stderr: Output }): Given => ({
  stdin: buffered(stdin),
  stdout: innerOf(stdout),
  stderr: innerOf(stderr),
})
