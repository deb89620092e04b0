import { type MessagePort, Worker } from 'node:worker_threads'
import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import type { Call, Calls, FromThread, ToThread } from './worker/messages.ts'

export interface ThreadOptions {
  /** The program's file. */
  program: string
  clock: Clock
  log: Logger
  /** Most memory for its objects, in MiB; beyond, the thread ends, and nothing else. */
  heapMiB: number
  /** Milliseconds between questions whether it still answers, and until it counts as hung. */
  pingEvery: number
  hungAfter: number
}

interface Waiting {
  resolve(result: never): void
  reject(error: Error): void
  onLines?: (lines: readonly string[]) => void
}

export interface CallOptions {
  signal?: AbortSignal
  onLines?: (lines: readonly string[]) => void
  /** Handed over with the order. */
  transfer?: readonly MessagePort[]
}

/** The thread is over: its clusters with it. */
export class ThreadEnded extends Error {
  override name = 'ThreadEnded'
}

/** A thread that holds clusters, and a watch on whether it still answers. */
export class Thread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #options: ThreadOptions
  #calls = 0
  #over: string | undefined
  #cancelPing: () => void = () => {}
  /** Whoever wants to hear, in a sentence, that it is over. */
  readonly #listeners = new Set<(reason: string) => void>()
  /** Clusters that it holds. */
  load = 0

  constructor(options: ThreadOptions) {
    this.#options = options
    this.#worker = new Worker(options.program, {
      name: 'clusters',
      resourceLimits: { maxOldGenerationSizeMb: options.heapMiB, maxYoungGenerationSizeMb: 48 },
      // Clusters need nothing of what the server was told.
      env: {},
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    this.#worker.unref()
    let reason = 'The part of the server that simulated this cluster has stopped.'
    this.#worker.on('message', (message: FromThread) => this.#hear(message))
    this.#worker.on('error', (error: NodeJS.ErrnoException) => {
      options.log.error({ err: error }, 'a thread of clusters failed')
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
        reason = 'This cluster, or one beside it, grew too large for the server’s memory, and was stopped.'
      }
    })
    this.#worker.on('exit', () => {
      this.#over ??= reason
      this.#cancelPing()
      for (const { reject } of this.#waiting.values()) reject(new ThreadEnded(this.#over))
      this.#waiting.clear()
      for (const listener of this.#listeners) listener(this.#over)
      this.#listeners.clear()
    })
    this.#watch()
  }

  get over(): boolean {
    return this.#over !== undefined
  }

  /** Calls once, with a sentence, when the thread is over, however that came; what is returned takes it back. */
  onEnd(listener: (reason: string) => void): () => void {
    if (this.#over !== undefined) listener(this.#over)
    else this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Rejects with ThreadEnded if the thread ends before the answer. */
  call<C extends Call>(
    kind: C,
    order: Calls[C]['order'],
    { signal, onLines, transfer }: CallOptions = {},
  ): Promise<Calls[C]['result']> {
    if (this.#over !== undefined) return Promise.reject(new ThreadEnded(this.#over))
    if (signal?.aborted) return Promise.reject(signal.reason)
    const call = ++this.#calls
    return new Promise<Calls[C]['result']>((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(call)
        this.#send({ kind: 'abort', call })
        reject(signal?.reason)
      }
      const settle = () => signal?.removeEventListener('abort', abort)
      this.#waiting.set(call, {
        resolve(result: never) {
          settle()
          resolve(result)
        },
        reject(error) {
          settle()
          reject(error)
        },
        ...(onLines && { onLines }),
      })
      signal?.addEventListener('abort', abort, { once: true })
      this.#send({ kind, call, order } as ToThread, transfer)
    })
  }

  /** Ends it at once, whatever it does. */
  async end(reason: string): Promise<void> {
    this.#over ??= reason
    await this.#worker.terminate()
  }

  #send(message: ToThread, transfer: readonly MessagePort[] = []): void {
    this.#worker.postMessage(message, transfer)
  }

  #hear(message: FromThread): void {
    if (message.kind === 'trouble') {
      this.#options.log.warn({ cluster: message.cluster, detail: message.message }, 'trouble in a simulated cluster')
      return
    }
    const waiting = this.#waiting.get(message.call)
    if (message.kind === 'lines') {
      waiting?.onLines?.(message.lines)
      return
    }
    this.#waiting.delete(message.call)
    if (message.kind === 'result') waiting?.resolve(message.result as never)
    else waiting?.reject(new Error(message.message))
  }

  /** Asks again and again; who does not answer in time is ended by force. */
  #watch(): void {
    const { clock, pingEvery, hungAfter, log } = this.#options
    this.#cancelPing = clock.after(pingEvery, () => {
      if (this.over) return
      this.#cancelPing = clock.after(hungAfter, () => {
        log.error({ clusters: this.load }, 'a thread of clusters hangs and is replaced')
        void this.end('This cluster, or one beside it, kept the server busy without an end, and was stopped.')
      })
      const answered = () => {
        this.#cancelPing()
        if (!this.over) this.#watch()
      }
      this.call('ping', null).then(answered, () => {})
    })
  }
}
