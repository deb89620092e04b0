import { deepEqual } from '../../objects/equal.ts'
import type { LabelSelector } from '../../objects/label-selector.ts'
import type { ApiObject, GroupKind, GroupResource, OwnerReference } from '../../objects/types.ts'
import type { ObjectEvent } from '../../storage/event.ts'
import { keyOfObject } from '../../storage/key.ts'
import type { Cluster } from '../cluster.ts'
import { kindOf } from '../ownership.ts'
import { controllerChanged } from './claims.ts'
import { controllerOf } from './controller-ref.ts'

export interface OwnersOptions {
  /** The kind that owns. */
  readonly kind: GroupKind
  readonly resource: GroupResource
  readonly selectorOf: (owner: ApiObject) => LabelSelector
  /** Hears of an owner's key (`namespace/name`) that may have work. */
  readonly add: (key: string) => void
}

/** Whose work it is when a dependent changes: its controller's, the one that it had before, or those that may adopt it. */
export class Owners {
  readonly #cluster: Cluster
  readonly #options: OwnersOptions

  constructor(cluster: Cluster, options: OwnersOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  /** To be told of each change of a dependent. */
  told({ type, object, previous }: ObjectEvent): void {
    const { add } = this.#options
    const changed = type === 'MODIFIED' && previous !== undefined && controllerChanged(object, previous)
    if (changed) {
      const before = this.#owner(controllerOf(previous), object.metadata.namespace)
      if (before !== undefined) add(keyOfObject(before))
    }
    const reference = controllerOf(object)
    if (reference !== undefined) {
      const owner = this.#owner(reference, object.metadata.namespace)
      if (owner !== undefined) add(keyOfObject(owner))
      return
    }
    if (type === 'DELETED' || object.metadata.deletionTimestamp !== undefined) return
    const relabelled = !deepEqual(object.metadata.labels, previous?.metadata.labels)
    if (type === 'ADDED' || changed || relabelled) for (const owner of this.matching(object)) add(keyOfObject(owner))
  }

  /** The owner of this kind that a reference means; undefined if it is of another kind or gone. */
  of(dependent: ApiObject): ApiObject | undefined {
    return this.#owner(controllerOf(dependent), dependent.metadata.namespace)
  }

  /** Those whose selector matches. */
  matching({ metadata: { namespace, labels } }: ApiObject): ApiObject[] {
    const { resource, selectorOf } = this.#options
    const all = this.#cluster.backend.store.collection(resource)?.list({ namespace }).items ?? []
    return all.filter((owner) => {
      const selector = selectorOf(owner)
      // As upstream: one that selects everything is a mistake, and adopts nothing
      return !selector.isEmpty() && selector.matches(labels)
    })
  }

  #owner(reference: OwnerReference | undefined, namespace: string | undefined): ApiObject | undefined {
    if (reference === undefined) return undefined
    const { kind, resource } = this.#options
    const named = kindOf(reference)
    if (named.kind !== kind.kind || named.group !== kind.group) return undefined
    const owner = this.#cluster.backend.store.collection(resource)?.get(namespace, reference.name)
    return owner?.metadata.uid === reference.uid ? owner : undefined
  }
}
