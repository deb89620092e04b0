import type { GroupResource } from '../objects/types.ts'
import type { Cluster } from './cluster.ts'
import { isActive, NAMESPACES, orElse } from './namespaces.ts'
import { type Followed, QueueController } from './queue-controller.ts'

const SERVICE_ACCOUNTS: GroupResource = { group: '', resource: 'serviceaccounts' }
const NAME = 'default'

/** Gives each namespace the account that Pods have if they name no other: the service account controller (1.34). */
export class DefaultServiceAccount extends QueueController {
  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
  }

  protected follows(): readonly Followed[] {
    return [
      {
        resource: NAMESPACES,
        told: ({ type, object }) => {
          if (type !== 'DELETED') this.queue.add(object.metadata.name)
        },
      },
      {
        resource: SERVICE_ACCOUNTS,
        told: ({ type, object }) => {
          if (type === 'DELETED') this.queue.add(object.metadata.namespace ?? '')
        },
      },
    ]
  }

  protected sync(namespace: string): void {
    const { backend } = this.cluster
    const accounts = backend.store.collection(SERVICE_ACCOUNTS)
    if (!isActive(backend.store.collection(NAMESPACES)?.get(undefined, namespace))) return
    if (accounts === undefined || accounts.get(namespace, NAME) !== undefined) return
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: NAME, namespace } }
    orElse(() => this.writer.create(SERVICE_ACCOUNTS, account, { namespace }), 'AlreadyExists')
  }
}
