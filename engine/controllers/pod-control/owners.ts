import { deepEqual } from '../../objects/equal.ts'
import type { LabelSelector } from '../../objects/label-selector.ts'
import type { ApiObject, GroupKind, GroupResource } from '../../objects/types.ts'
import type { ObjectEvent } from '../../storage/event.ts'
import { keyOfObject } from '../../storage/key.ts'
import type { Cluster } from '../cluster.ts'
import { kindOf } from '../ownership.ts'
import { controllerChanged } from './claims.ts'
import { controllerOf } from './controller-ref.ts'

/** A kind that owns. */
export interface OwnerKind {
  readonly kind: GroupKind
  readonly resource: GroupResource
}

export interface OwnersOptions extends OwnerKind {
  readonly selectorOf: (owner: ApiObject) => LabelSelector
  /** Hears of an owner that may have work, with its key (`namespace/name`). */
  readonly add: (key: string, owner: ApiObject) => void
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
      const before = ownerOf(this.#cluster, this.#options, previous)
      if (before !== undefined) add(keyOfObject(before), before)
    }
    if (controllerOf(object) !== undefined) {
      const owner = ownerOf(this.#cluster, this.#options, object)
      if (owner !== undefined) add(keyOfObject(owner), owner)
      return
    }
    if (type === 'DELETED' || object.metadata.deletionTimestamp !== undefined) return
    const relabelled = !deepEqual(object.metadata.labels, previous?.metadata.labels)
    if (type === 'ADDED' || changed || relabelled)
      for (const owner of this.matching(object)) add(keyOfObject(owner), owner)
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
}

/** The controller of an object if it is of this kind, and still the one that is meant. */
export function ownerOf({ backend }: Cluster, { kind, resource }: OwnerKind, object: ApiObject): ApiObject | undefined {
  const reference = controllerOf(object)
  if (reference === undefined) return undefined
  const named = kindOf(reference)
  if (named.kind !== kind.kind || named.group !== kind.group) return undefined
  const owner = backend.store.collection(resource)?.get(object.metadata.namespace, reference.name)
  return owner?.metadata.uid === reference.uid ? owner : undefined
}
