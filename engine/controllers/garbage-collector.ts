import { deepEqual } from '../objects/equal.ts'
import type { ApiObject, OwnerReference } from '../objects/types.ts'
import type { Collection } from '../storage/collection.ts'
import { FOREGROUND, ORPHAN } from '../storage/deletion.ts'
import type { ObjectEvent } from '../storage/event.ts'
import { withMetadata } from '../storage/metadata.ts'
import type { Registry } from '../storage/registry.ts'
import { type Cluster, follow } from './cluster.ts'
import { orElse } from './namespaces.ts'
import {
  blocks,
  classify,
  holds,
  isBeingDeleted,
  kindOf,
  orphansDependents,
  policyOf,
  waitsForDependents,
} from './ownership.ts'
import { type Followed, QueueController } from './queue-controller.ts'

/** Upstream asks for an owner once more over the wire before it lets it go; in ms. */
const ASKED_AGAIN = 5

interface Item {
  readonly registry: Registry
  readonly namespace: string | undefined
  readonly name: string
  readonly uid: string
}

/**
 * Removes what has lost its owners, waits with owners for what blocks their deletion, and lets go of orphans: the garbage collector (1.34). Upstream
 * keeps a graph of what it has heard of; here the store itself is asked, whose index by owner is never behind.
 */
export class GarbageCollector extends QueueController {
  /** By uid: what the queue's keys stand for. */
  readonly #items = new Map<string, Item>()
  readonly #followed = new Map<Collection, () => void>()
  /** Owners by the dependent's uid, as last heard of: most changes are of other things. */
  readonly #owners = new Map<string, readonly OwnerReference[]>()
  /** Items of whose owners nobody knows yet what they are: a kind that is not served. */
  readonly #unknown = new Map<string, Item>()
  #running = false
  #generation = -1

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
  }

  override start(): void {
    if (this.#running) return
    this.#running = true
    this.#followAll()
  }

  override stop(): void {
    super.stop()
    this.#running = false
    for (const end of this.#followed.values()) end()
    this.#followed.clear()
    this.#items.clear()
    this.#owners.clear()
    this.#unknown.clear()
    this.#generation = -1
  }

  /** None for good: all that there are, as they come and go. */
  protected follows(): readonly Followed[] {
    return []
  }

  /** Resources come and go with custom definitions; each change of which is heard of as any other. */
  #followAll(): void {
    const { catalogue, backend } = this.cluster
    if (this.#generation === catalogue.generation) return
    this.#generation = catalogue.generation
    const current = new Map<Collection, Registry>()
    for (const { definition, registry } of catalogue) {
      // Nobody owns by an Event, and there are many.
      if (definition.resource.resource !== 'events') current.set(registry.collection, registry)
    }
    for (const [collection, end] of this.#followed) {
      if (current.has(collection)) continue
      end()
      this.#followed.delete(collection)
    }
    for (const [collection, registry] of current) {
      if (this.#followed.has(collection)) continue
      this.#followed.set(collection, () => {})
      const end = follow(collection, backend, (event) => this.#hear(event, registry))
      this.#followed.set(collection, end)
    }
    for (const item of this.#unknown.values()) this.#add(item)
    this.#unknown.clear()
  }

  #hear({ type, object }: ObjectEvent, registry: Registry): void {
    this.#followAll()
    const { uid, namespace, ownerReferences: owners = [] } = object.metadata
    const before = this.#owners.get(uid) ?? []
    if (type === 'DELETED') {
      this.#owners.delete(uid)
      for (const dependent of this.#dependents(uid)) this.#add(dependent.item)
      this.#askWaiting(before, namespace)
      return
    }
    const changed = !deepEqual(owners, before)
    if (changed) {
      if (owners.length > 0) this.#owners.set(uid, owners)
      else this.#owners.delete(uid)
      this.#askWaiting([...before, ...owners], namespace)
    }
    const owned = changed && owners.length > 0
    if (owned || waitsForDependents(object) || orphansDependents(object)) this.#add(itemOf(object, registry))
  }

  /** Owners that wait for their dependents may wait no longer. */
  #askWaiting(owners: readonly OwnerReference[], namespace: string | undefined): void {
    for (const reference of owners) {
      const owner = this.#owner(reference, namespace)
      if (typeof owner === 'object' && waitsForDependents(owner.object)) this.#addSoon(owner.item)
    }
  }

  #add(item: Item): void {
    this.#items.set(item.uid, item)
    this.queue.add(item.uid)
  }

  /** An owner's controller hears of what it has lost, and says so in its status, before the owner goes. */
  #addSoon(item: Item): void {
    this.#items.set(item.uid, item)
    this.queue.addAfter(item.uid, ASKED_AGAIN)
  }

  protected sync(uid: string): void {
    const item = this.#items.get(uid)
    if (item === undefined) return
    const object = item.registry.collection.get(item.namespace, item.name)
    // Its own settling may put it back
    this.#items.delete(uid)
    try {
      if (object !== undefined && object.metadata.uid === uid) this.#settle(item, object)
    } catch (error) {
      this.#items.set(uid, item)
      throw error
    }
  }

  #settle(item: Item, object: ApiObject): void {
    if (orphansDependents(object)) this.#orphan(item)
    else if (waitsForDependents(object)) this.#waitForDependents(item)
    else if (!isBeingDeleted(object)) this.#keepOrDelete(item, object)
  }

  #keepOrDelete(item: Item, object: ApiObject): void {
    const references = object.metadata.ownerReferences ?? []
    if (references.length === 0) return
    const owners = classify(references, (reference) => {
      const owner = this.#owner(reference, item.namespace)
      return typeof owner === 'object' ? owner.object : owner
    })
    if (owners === undefined) {
      this.#unknown.set(item.uid, item)
    } else if (owners.solid.length > 0) {
      const lost = [...owners.dangling, ...owners.waiting].map((reference) => reference.uid)
      if (lost.length > 0) this.#dropOwners(item, new Set(lost))
    } else if (owners.waiting.length > 0 && this.#dependents(item.uid).length > 0) {
      const circle = this.#dependents(item.uid).some((dependent) => waitsForDependents(dependent.object))
      if (circle) this.#unblockOwners(item)
      this.#delete(item, 'Foreground')
    } else {
      this.#delete(item, policyOf(object))
    }
  }

  #orphan(item: Item): void {
    const dependents = this.#dependents(item.uid)
    for (const dependent of dependents) this.#dropOwners(dependent.item, new Set([item.uid]))
    if (dependents.length > 0) this.#addSoon(item)
    else this.#removeFinalizer(item, ORPHAN)
  }

  #waitForDependents(item: Item): void {
    const blocking = this.#dependents(item.uid).filter(({ object }) => blocks(object, item.uid))
    if (blocking.length === 0) {
      this.#removeFinalizer(item, FOREGROUND)
      return
    }
    for (const dependent of this.#dependents(item.uid)) {
      if (!waitsForDependents(dependent.object)) this.#add(dependent.item)
    }
  }

  #dependents(uid: string): readonly { readonly item: Item; readonly object: ApiObject }[] {
    const found: { item: Item; object: ApiObject }[] = []
    for (const collection of this.#followed.keys()) {
      const objects = collection.byIndex('owner', uid)
      if (objects.length === 0) continue
      const registry = this.cluster.backend.registry(collection.resource)
      if (registry === undefined) continue
      for (const object of objects) found.push({ item: itemOf(object, registry), object })
    }
    return found
  }

  /** `namespace` is the dependent's: an owner is in the same one, or in none. */
  #owner(reference: OwnerReference, namespace: string | undefined) {
    const known = this.cluster.catalogue.ofKind(kindOf(reference))
    if (known === undefined) return 'unknown' as const
    const { namespaced } = known.definition
    // What is in no namespace cannot be owned by what is in one.
    if (namespaced && (namespace === undefined || namespace === '')) return 'unknown' as const
    const object = known.registry.collection.get(namespaced ? namespace : undefined, reference.name)
    return object === undefined ? undefined : { object, item: itemOf(object, known.registry) }
  }

  #dropOwners(item: Item, uids: ReadonlySet<string>): void {
    this.#change(item, (object) => {
      const left = (object.metadata.ownerReferences ?? []).filter(({ uid }) => !uids.has(uid))
      return withMetadata(object, { ownerReferences: left.length === 0 ? undefined : left })
    })
  }

  #unblockOwners(item: Item): void {
    this.#change(item, (object) => {
      const ownerReferences = (object.metadata.ownerReferences ?? []).map((reference) =>
        reference.blockOwnerDeletion === true ? { ...reference, blockOwnerDeletion: false } : reference,
      )
      return withMetadata(object, { ownerReferences })
    })
  }

  #removeFinalizer(item: Item, finalizer: string): void {
    this.#change(item, (object) => {
      if (!holds(object, finalizer)) return object
      const left = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer)
      return withMetadata(object, { finalizers: left.length === 0 ? undefined : left })
    })
  }

  #change({ registry, namespace, name, uid }: Item, change: (object: ApiObject) => ApiObject): void {
    const { resource } = registry.collection
    orElse(() => this.writer.update({ resource, namespace, name }, change, { preconditions: { uid } }), 'NotFound')
  }

  #delete({ registry, namespace, name, uid }: Item, propagationPolicy: string): void {
    orElse(() => registry.delete(namespace, name, { propagationPolicy, preconditions: { uid } }), 'NotFound')
  }
}

function itemOf({ metadata }: ApiObject, registry: Registry): Item {
  return { registry, namespace: metadata.namespace, name: metadata.name, uid: metadata.uid }
}
