import { deepEqual } from '../objects/equal.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { withMetadata } from '../storage/metadata.ts'
import type { Cluster } from './cluster.ts'
import { isActive, NAMESPACES, orElse } from './namespaces.ts'
import { type Followed, QueueController } from './queue-controller.ts'

const CONFIG_MAPS: GroupResource = { group: '', resource: 'configmaps' }
const NAME = 'kube-root-ca.crt'
const DESCRIPTION = 'kubernetes.io/description'
/** What a real cluster's says, as clients see it. */
const DESCRIBED =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. ' +
  'No other usage is guaranteed across distributions of Kubernetes clusters.'

/** Puts the certificate authority's certificate into each namespace, and keeps it as it is: the root CA publisher (1.34). */
export class RootCaPublisher extends QueueController {
  readonly #data: Readonly<Record<string, string>>

  /** `certificate` is PEM. */
  constructor(cluster: Cluster, certificate: string, report?: (error: unknown) => void) {
    super(cluster, { report })
    this.#data = { 'ca.crt': certificate }
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
        resource: CONFIG_MAPS,
        told: ({ type, object: { metadata } }) => {
          if (type !== 'ADDED' && metadata.name === NAME) this.queue.add(metadata.namespace ?? '')
        },
      },
    ]
  }

  protected sync(namespace: string): void {
    const { backend } = this.cluster
    const configMaps = backend.store.collection(CONFIG_MAPS)
    if (configMaps === undefined || !isActive(backend.store.collection(NAMESPACES)?.get(undefined, namespace))) return
    const existing = configMaps.get(namespace, NAME)
    if (existing === undefined) {
      const metadata = { name: NAME, namespace, annotations: { [DESCRIPTION]: DESCRIBED } }
      const created = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: this.#data }
      orElse(() => this.writer.create(CONFIG_MAPS, created, { namespace }), 'AlreadyExists')
    } else if (!this.#isRight(existing)) {
      const place = { resource: CONFIG_MAPS, namespace, name: NAME }
      orElse(() => this.writer.update(place, (now) => this.#right(now)), 'NotFound')
    }
  }

  #isRight(configMap: ApiObject): boolean {
    return deepEqual(configMap.data, this.#data) && (configMap.metadata.annotations?.[DESCRIPTION] ?? '') !== ''
  }

  #right(configMap: ApiObject): ApiObject {
    const annotations = { ...configMap.metadata.annotations, [DESCRIPTION]: DESCRIBED }
    return { ...withMetadata(configMap, { annotations }), data: this.#data }
  }
}
