import type { ApiRequest, ApiResponse, Duplex, StreamingSession } from '../../../../engine/api/http.ts'
import type { Cluster } from '../../../../engine/cluster.ts'
import type { Share } from './turns.ts'

/** Written every few seconds by each node, and of no interest after a restart. */
const BEATS = new Set(['leases'])
/**
 * Milliseconds of work after which something is taken to have changed that shows nowhere else: what a program writes to files of its container, or
 * says in its log. An idle cluster works so much in some minutes, on a machine that is very busy in half of one.
 */
const UNSEEN = 500

/** Whether something has happened in a cluster that is worth writing down. A guess to the safe side, and cheap: asked every second, of all clusters. */
export class Stirrings {
  readonly #share: Pick<Share, 'used'>
  #cluster: Cluster | undefined
  #count = 0
  /** Commands that run in containers for the reader. */
  #open = 0
  #used = 0
  #version = 0
  /** Of the objects, at that version. */
  #objects = ''

  constructor(share: Pick<Share, 'used'>) {
    this.#share = share
  }

  follow(cluster: Cluster): void {
    this.#cluster = cluster
  }

  stir(): void {
    this.#count++
  }

  asked({ method }: ApiRequest): void {
    if (method !== 'GET' && method !== 'HEAD') this.stir()
  }

  /** The answer, in which what is typed into containers stirs too. */
  answered(response: ApiResponse): ApiResponse {
    if (response.kind !== 'upgrade') return response
    this.stir()
    return { ...response, session: this.#watched(response.session) }
  }

  /** All of it is written down. */
  written(): void {
    this.#used = this.#share.used
  }

  get mark(): string {
    if (this.#open > 0 || this.#share.used - this.#used > UNSEEN) this.stir()
    const { store } = this.#cluster?.api.backend ?? {}
    if (store !== undefined && store.version !== this.#version) {
      this.#version = store.version
      let [newest, all] = [0, 0]
      for (const collection of store.collections) {
        if (BEATS.has(collection.resource.resource)) continue
        all += collection.size
        for (const { metadata } of collection) newest = Math.max(newest, Number(metadata.resourceVersion))
      }
      this.#objects = `${newest} ${all}`
    }
    return `${this.#objects} ${this.#count}`
  }

  #watched(session: StreamingSession): StreamingSession {
    if (session.kind === 'portforward') {
      return { ...session, connect: async (port) => this.carried(await session.connect(port)) }
    }
    return {
      ...session,
      start: async (io) => {
        this.#open++
        try {
          return await session.start(io)
        } finally {
          this.#open--
          this.stir()
        }
      },
    }
  }

  /** A connection into the cluster: whatever is sent may change something. */
  carried(port: Duplex): Duplex {
    return {
      incoming: port.incoming,
      write: (chunk) => {
        this.stir()
        return port.write(chunk)
      },
      close: () => port.close(),
    }
  }
}
