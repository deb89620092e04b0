import type { GroupResource } from '../objects/types.ts'
import { type Cluster, CONTROLLER_MANAGER, type Controller, follow } from './cluster.ts'
import { isActive, NAMESPACES, orElse } from './namespaces.ts'
import { WorkQueue } from './work-queue.ts'
import { Writer } from './writer.ts'

const SERVICE_ACCOUNTS: GroupResource = { group: '', resource: 'serviceaccounts' }
const NAME = 'default'

/** Gives each namespace the account that Pods have if they name no other: the service account controller (1.34). */
export class DefaultServiceAccount implements Controller {
  readonly #cluster: Cluster
  readonly #writer: Writer
  readonly #queue: WorkQueue
  #ends: readonly (() => void)[] = []

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    this.#cluster = cluster
    this.#writer = new Writer(cluster.backend, CONTROLLER_MANAGER)
    this.#queue = new WorkQueue({ clock: cluster.backend.clock, sync: (name) => this.#sync(name), report })
  }

  start(): void {
    const { backend } = this.#cluster
    const namespaces = backend.store.collection(NAMESPACES)
    const accounts = backend.store.collection(SERVICE_ACCOUNTS)
    if (namespaces === undefined || accounts === undefined || this.#ends.length > 0) return
    this.#ends = [
      follow(namespaces, backend, ({ type, object }) => {
        if (type !== 'DELETED') this.#queue.add(object.metadata.name)
      }),
      follow(accounts, backend, ({ type, object }) => {
        if (type === 'DELETED') this.#queue.add(object.metadata.namespace ?? '')
      }),
    ]
  }

  stop(): void {
    for (const end of this.#ends) end()
    this.#ends = []
    this.#queue.clear()
  }

  #sync(namespace: string): void {
    const { backend } = this.#cluster
    const accounts = backend.store.collection(SERVICE_ACCOUNTS)
    if (!isActive(backend.store.collection(NAMESPACES)?.get(undefined, namespace))) return
    if (accounts === undefined || accounts.get(namespace, NAME) !== undefined) return
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace } }
    orElse(() => this.#writer.create(SERVICE_ACCOUNTS, account, { namespace }), 'AlreadyExists')
  }
}
