import { StatusError, type StatusReason } from '../objects/status-error.ts'
import type { GroupResource } from '../objects/types.ts'
import type { ObjectEvent } from '../storage/event.ts'
import { type Cluster, CONTROLLER_MANAGER, type Controller, follow } from './cluster.ts'
import { type Backoff, WorkQueue } from './work-queue.ts'
import { Writer } from './writer.ts'

/** A resource that a controller follows, and what it does when an object of it changes: mostly, put a key into its queue. */
export interface Followed {
  readonly resource: GroupResource
  told(event: ObjectEvent): void
}

export interface QueueControllerOptions {
  /** Who it writes as. */
  readonly manager?: string
  readonly backoff?: Backoff
  /** Hears of what went wrong and is tried again; not of what the API has refused, which its events and conditions tell. */
  readonly report?: ((error: unknown) => void) | undefined
}

/** A quota that is used up, an account that is not there yet, somebody who was faster. Not objects that are none. */
const REFUSALS: ReadonlySet<StatusReason> = new Set([
  'Forbidden',
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'TooManyRequests',
])
const isRefusal = (error: unknown): boolean => error instanceof StatusError && REFUSALS.has(error.reason)

/** The shape of nearly every controller: it follows some resources, gathers keys of what may have work, and syncs one key after the other. */
export abstract class QueueController implements Controller {
  protected readonly cluster: Cluster
  protected readonly writer: Writer
  protected readonly queue: WorkQueue
  #ends: readonly (() => void)[] = []

  constructor(cluster: Cluster, { manager = CONTROLLER_MANAGER, backoff, report }: QueueControllerOptions = {}) {
    this.cluster = cluster
    this.writer = new Writer(cluster.backend, manager)
    this.queue = new WorkQueue({
      clock: cluster.backend.clock,
      sync: (key) => this.sync(key),
      report: (error) => {
        if (!isRefusal(error)) report?.(error)
      },
      ...(backoff === undefined ? {} : { backoff }),
    })
  }

  /** Asked once at each start. What is not served is left out. */
  protected abstract follows(): readonly Followed[]

  /** Brings the world in line with the key's object, which may be gone. What it throws makes it be called again, later. */
  protected abstract sync(key: string): void

  start(): void {
    if (this.#ends.length > 0) return
    const { backend } = this.cluster
    this.#ends = this.follows().flatMap(({ resource, told }) => {
      const collection = backend.store.collection(resource)
      return collection === undefined ? [] : [follow(collection, backend, told)]
    })
  }

  stop(): void {
    for (const end of this.#ends) end()
    this.#ends = []
    this.queue.clear()
  }
}
