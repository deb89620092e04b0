import { notFound } from '../objects/status-error.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import type { Store } from '../storage/store.ts'

export const PODS: GroupResource = { group: '', resource: 'pods' }
export const NODES: GroupResource = { group: '', resource: 'nodes' }
export const LEASES: GroupResource = { group: 'coordination.k8s.io', resource: 'leases' }
const CORE = (resource: string): GroupResource => ({ group: '', resource })
export const CONFIG_MAPS = CORE('configmaps')
export const SECRETS = CORE('secrets')
const SERVICES = CORE('services')
const CLAIMS = CORE('persistentvolumeclaims')
const VOLUMES = CORE('persistentvolumes')

/** What kubelets keep themselves is not found under another name than what they ask for. */
const CACHED: ReadonlyMap<GroupResource, GroupResource> = new Map([
  [CONFIG_MAPS, CORE('configmap')],
  [SECRETS, CORE('secret')],
])

export interface ConfigMap extends ApiObject {
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
}

export interface Secret extends ApiObject {
  /** Base64. */
  readonly data?: Readonly<Record<string, string>>
}

/** What kubelets read of the API. */
export class ClusterObjects {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Throws 404. */
  configMap(namespace: string, name: string): ConfigMap {
    return this.#get(CONFIG_MAPS, namespace, name)
  }

  /** Throws 404. */
  secret(namespace: string, name: string): Secret {
    return this.#get(SECRETS, namespace, name)
  }

  /** Throws 404. */
  claim(namespace: string, name: string): ApiObject {
    return this.#get(CLAIMS, namespace, name)
  }

  /** Throws 404. */
  volume(name: string): ApiObject {
    return this.#get(VOLUMES, undefined, name)
  }

  services(namespace: string): readonly ApiObject[] {
    return this.#store.collection(SERVICES)?.list({ namespace }).items ?? []
  }

  service(namespace: string, name: string): ApiObject | undefined {
    return this.#store.collection(SERVICES)?.get(namespace, name)
  }

  pod(namespace: string | undefined, name: string): ApiObject | undefined {
    return this.#store.collection(PODS)?.get(namespace, name)
  }

  node(name: string): ApiObject | undefined {
    return this.#store.collection(NODES)?.get(undefined, name)
  }

  #get<T extends ApiObject>(resource: GroupResource, namespace: string | undefined, name: string): T {
    const object = this.#store.collection(resource)?.get(namespace, name)
    if (object === undefined) throw notFound(CACHED.get(resource) ?? resource, name)
    return object as T
  }
}
