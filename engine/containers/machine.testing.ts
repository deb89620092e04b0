import type { ProcessIo, ProcessResult } from '../api/http.ts'
import { Random } from '../clock/random.ts'
import { VirtualClock } from '../clock/virtual-clock.ts'
import type { PodNetwork } from '../network/contract.ts'
import { loopback } from '../network/http/loopback.testing.ts'
import { decode, encode } from '../objects/bytes.ts'
import type { Container, ContainerOptions, ExecIo, Image, Machine, Sandbox } from './contract.ts'
import { createMachine } from './machine.ts'

/** A machine whose time stands until it is stepped, for tests of what runs in containers. */
export class TestBench {
  readonly clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  readonly network: PodNetwork = loopback()
  readonly machine: Machine
  #containers = 0

  constructor({ cores = 4, memory = 8 * 1024 ** 3 } = {}) {
    this.machine = createMachine({ clock: this.clock, random: new Random('bench'), cores, memory })
  }

  sandbox(shareProcesses = false): Sandbox {
    const { network } = this
    return this.machine.sandbox({
      namespace: 'default',
      name: 'web',
      uid: 'uid',
      hostname: 'web',
      network,
      shareProcesses,
    })
  }

  /** A container that is created, and what it has written. */
  container(image: Image, options: Partial<ContainerOptions> = {}, sandbox: Sandbox = this.sandbox()): Held {
    const written = { stdout: '', stderr: '' }
    this.#containers++
    const container = sandbox.create({
      name: 'main',
      id: String(this.#containers).padStart(64, '0'),
      image,
      env: new Map(),
      readOnlyRoot: false,
      mounts: [],
      tty: false,
      stdin: false,
      stdinOnce: false,
      log: (stream, bytes) => {
        written[stream] += decode(bytes)
      },
      ...options,
    })
    return { container, written }
  }

  /** Time goes on until it is done, at most so many simulated milliseconds. */
  async until<T>(promise: Promise<T>, most = 120_000): Promise<T> {
    let done = false
    const noted = promise.finally(() => {
      done = true
    })
    noted.catch(() => {})
    const end = this.clock.now() + most
    await this.clock.step(0)
    // Some of the platform's own work, as compressing, takes turns of the event loop and no simulated time.
    for (let idle = 0; !done && idle < 10_000 && this.clock.now() < end; ) {
      const due = this.clock.next
      idle = due === undefined ? idle + 1 : 0
      await this.clock.step(due === undefined ? 0 : Math.max(0, due - this.clock.now()))
    }
    if (!done) throw new Error('It was not done in time.')
    return noted
  }

  /** Begins a command in a running container. */
  exec(container: Container, command: readonly string[], options: Partial<ExecIo> & { stdin?: boolean } = {}): Client {
    const client = new Client()
    client.result = container.exec(command, { tty: false, stdin: false, ...options }, client)
    return client
  }
}

export interface Held {
  readonly container: Container
  readonly written: { stdout: string; stderr: string }
}

/** The client's side of an exec. */
export class Client implements ProcessIo {
  out = ''
  err = ''
  result: Promise<ProcessResult> = Promise.resolve({ exitCode: 0 })
  readonly #gone = new AbortController()
  readonly #input = new Channel<Uint8Array>()
  readonly #sizes = new Channel<{ width: number; height: number }>()

  get stdin(): AsyncIterable<Uint8Array> {
    return this.#input
  }

  get sizes(): AsyncIterable<{ width: number; height: number }> {
    return this.#sizes
  }

  get signal(): AbortSignal {
    return this.#gone.signal
  }

  type(text: string | Uint8Array): void {
    this.#input.push(typeof text === 'string' ? encode(text) : text)
  }

  endInput(): void {
    this.#input.end()
  }

  resize(width: number, height: number): void {
    this.#sizes.push({ width, height })
  }

  leave(): void {
    this.#gone.abort()
  }

  async stdout(chunk: Uint8Array): Promise<void> {
    this.out += decode(chunk)
  }

  async stderr(chunk: Uint8Array): Promise<void> {
    this.err += decode(chunk)
  }
}

class Channel<T> implements AsyncIterable<T> {
  readonly #items: T[] = []
  #ended = false
  #wake: (() => void) | undefined

  push(item: T): void {
    this.#items.push(item)
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return {
      next: async () => {
        for (;;) {
          const item = this.#items.shift()
          if (item !== undefined) return { done: false, value: item }
          if (this.#ended) return { done: true, value: undefined }
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
        }
      },
      return: async () => {
        this.end()
        return { done: true, value: undefined }
      },
    }
  }
}
