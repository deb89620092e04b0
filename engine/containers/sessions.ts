import type { ProcessIo } from '../api/http.ts'
import { toBytes } from '../objects/bytes.ts'
import type { ExecIo, Input, Output, Signal } from './contract.ts'
import { EMPTY_INPUT, Pipe } from './streams/pipe.ts'
import { Tty } from './terminal/tty.ts'

/** A client's streams, as the process at the other end has them. */
export interface Session {
  readonly streams: {
    readonly stdin: Input
    readonly stdout: Output
    readonly stderr: Output
    readonly tty: Tty | undefined
  }
  /** Calls once when the client has gone. */
  onGone(call: () => void): void
  /** Nothing is read from the client any more. */
  close(): void
  /** All that was written has been taken. */
  readonly drained: Promise<void>
}

export function session(
  { tty: wantsTty, stdin: wantsInput }: ExecIo,
  io: ProcessIo,
  signal: (group: number, signal: Signal) => void,
): Session {
  const writes = new WritesInOrder()
  const toClient = (send: (chunk: Uint8Array) => Promise<void>): Output => ({
    write: (bytes) => writes.add(() => send(toBytes(bytes))),
    close() {},
  })
  const stdout = toClient((chunk) => io.stdout(chunk))
  const tty = wantsTty ? new Tty({ write: (bytes) => Promise.resolve(stdout.write(bytes)), signal }) : undefined
  const ends: (() => void)[] = []
  let stdin: Input = EMPTY_INPUT
  if (tty !== undefined) {
    stdin = tty.input
    if (wantsInput)
      ends.push(
        pump(
          io.stdin,
          async (chunk) => tty.type(chunk),
          () => tty.hangUp(),
        ),
      )
    ends.push(
      pump(
        io.sizes,
        async (size) => tty.resize(size),
        () => {},
      ),
    )
  } else if (wantsInput) {
    const pipe = new Pipe()
    stdin = pipe.openReader()
    const writer = pipe.openWriter()
    ends.push(
      pump(
        io.stdin,
        (chunk) => writer.write(chunk),
        () => writer.close(),
      ),
    )
  }
  const gone = new Set<() => void>()
  const aborted = () => {
    for (const call of gone) call()
  }
  io.signal.addEventListener('abort', aborted, { once: true })
  return {
    streams: {
      stdin,
      stdout: tty === undefined ? stdout : tty.output,
      stderr: tty === undefined ? toClient((chunk) => io.stderr(chunk)) : tty.output,
      tty,
    },
    onGone(call) {
      gone.add(call)
      if (io.signal.aborted) call()
    },
    close() {
      io.signal.removeEventListener('abort', aborted)
      for (const end of ends.splice(0)) end()
      stdin.close()
    },
    get drained() {
      return writes.done
    },
  }
}

/** One after the other, as a connection takes them; a client that has gone takes no more. */
class WritesInOrder {
  #last: Promise<void> = Promise.resolve()

  add(write: () => Promise<void>): Promise<void> {
    const next = this.#last.then(write)
    this.#last = next.catch(() => {})
    return next
  }

  get done(): Promise<void> {
    return this.#last
  }
}

/** Passes on what comes until it is told to end. */
export function pump<T>(from: AsyncIterable<T>, take: (item: T) => Promise<void>, ended: () => void): () => void {
  const iterator = from[Symbol.asyncIterator]()
  let open = true
  const run = async () => {
    while (open) {
      const { done, value } = await iterator.next()
      if (done || !open) break
      await take(value)
    }
  }
  run()
    .catch(() => {})
    .finally(() => {
      if (open) ended()
      open = false
    })
  return () => {
    if (!open) return
    open = false
    iterator.return?.()?.catch(() => {})
  }
}
