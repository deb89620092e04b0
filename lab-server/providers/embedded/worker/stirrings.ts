import type { Cluster } from '../../../../engine/cluster.ts'

/** Written every few seconds by each node, and of no interest after a restart. */
const BEATS = new Set(['leases'])

/** What a cluster must be followed by to know whether anything has happened in it that is worth writing down. */
type Followed = Pick<Cluster, 'workloads'> & {
  readonly api: {
    readonly backend: {
      readonly store: {
        readonly version: number
        readonly collections: readonly { readonly resource: { readonly resource: string }; readonly changed: number }[]
      }
    }
  }
}

/**
 * Counts what happens in a cluster that is worth writing down: writes to its objects, and to what no object tells of, files and logs. Cheap: asked
 * every second, of all clusters.
 */
export class Stirrings {
  #cluster: Followed | undefined
  #count = 0
  #version = 0
  /** The newest of the objects that count, as of that version of all. */
  #newest = 0

  follow(cluster: Followed): void {
    this.#cluster = cluster
  }

  /** Something has changed that shows neither in objects nor in what workloads count. */
  stir(): void {
    this.#count++
  }

  get mark(): string {
    if (this.#cluster === undefined) return ''
    const { store } = this.#cluster.api.backend
    if (store.version !== this.#version) {
      this.#version = store.version
      this.#newest = store.collections.reduce(
        (newest, { resource, changed }) => (BEATS.has(resource.resource) ? newest : Math.max(newest, changed)),
        0,
      )
    }
    return `${this.#newest} ${this.#cluster.workloads?.stirs} ${this.#count}`
  }
}
