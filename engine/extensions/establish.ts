import type { Backend } from '../admission/plugin.ts'
import type { ResourceHost } from '../api/served.ts'
import { Writer } from '../controllers/writer.ts'
import { deepEqual } from '../objects/equal.ts'
import { formatTime } from '../objects/time.ts'
import type { ApiObject } from '../objects/types.ts'
import type { CustomGroupVersion } from '../schema/openapi.ts'
import type { ObjectEvent } from '../storage/event.ts'
import { follow } from '../storage/follow.ts'
import { customResource, type Surroundings } from './custom-resource.ts'
import {
  CLEANUP_FINALIZER,
  conditionOf,
  DEFINITIONS,
  type Definition,
  type DefinitionCondition,
  isTrue,
} from './definition.ts'
import { acceptNames, approvalCondition } from './names.ts'
import { groupVersionsOf, type Shown } from './openapi.ts'

type NewCondition = Omit<DefinitionCondition, 'lastTransitionTime'>

const ESTABLISHED: NewCondition = {
  type: 'Established',
  status: 'True',
  reason: 'InitialNamesAccepted',
  message: 'the initial names have been accepted',
}
const NOT_ACCEPTED: NewCondition = {
  type: 'Established',
  status: 'False',
  reason: 'NotAccepted',
  message: 'not all names are accepted',
}

/**
 * Follows CustomResourceDefinitions: names are accepted, what is established is served, what is deleted is taken away with its objects. What upstream's naming,
 * establishing, approval and finalizing controllers do in turn is one step here, at once.
 */
export class Establisher {
  readonly #host: ResourceHost
  readonly #backend: Backend
  readonly #surroundings: Surroundings
  /** What each served definition was made of, by name. */
  readonly #served = new Map<string, Shown>()
  #groupVersions: readonly CustomGroupVersion[] | undefined

  constructor(host: ResourceHost, backend: Backend, surroundings: Surroundings) {
    this.#host = host
    this.#backend = backend
    this.#surroundings = surroundings
  }

  /** Serves what there is and follows what comes; returns what ends it. */
  start(): () => void {
    const collection = this.#backend.store.collection(DEFINITIONS)
    if (collection === undefined) throw new Error('There is no collection of CustomResourceDefinitions.')
    // When the store was restored, what is served is made anew of what is there now.
    return follow(collection, (event) => this.#changed(event), { closed: () => this.#forgetMissing() })
  }

  /** What `/openapi/v3` shows; the same list until something changes. */
  groupVersions(): readonly CustomGroupVersion[] {
    this.#groupVersions ??= groupVersionsOf(this.#served.values())
    return this.#groupVersions
  }

  #forgetMissing(): void {
    for (const [name, { definition }] of this.#served) {
      if (this.#backend.registry(DEFINITIONS)?.collection.get(undefined, name) === undefined) this.#withdraw(definition)
    }
  }

  #changed({ type, object }: ObjectEvent): void {
    const definition = object as Definition
    if (type === 'DELETED') {
      this.#withdraw(definition)
      this.#reconsider(definition)
      return
    }
    if (definition.metadata.deletionTimestamp !== undefined) this.#finish(definition)
    else this.#settle(definition)
  }

  /** Names and conditions, then the resource itself. */
  #settle(definition: Definition): void {
    const { spec, status } = definition
    const naming = acceptNames(definition, this.#others(definition))
    const approval = approvalCondition(definition)
    const established =
      isTrue(definition, 'Established') || naming.condition.status === 'True' ? ESTABLISHED : NOT_ACCEPTED
    const conditions = [naming.condition, established, ...(approval === undefined ? [] : [approval])]
    const next = conditions.reduce((all, condition) => this.#with(all, condition), status.conditions ?? [])
    if (deepEqual(next, status.conditions ?? []) && deepEqual(naming.names, status.acceptedNames)) {
      if (isTrue(definition, 'Established')) this.#serve(definition)
      return
    }
    const released = !deepEqual(naming.names, status.acceptedNames) && status.acceptedNames.plural !== ''
    this.#write(definition, (existing) => ({
      ...existing,
      status: { ...status, conditions: next, acceptedNames: naming.names },
    }))
    if (released) this.#reconsider({ ...definition, spec })
  }

  #others({ spec, metadata }: Definition): readonly Definition[] {
    return this.#all().filter((other) => other.spec.group === spec.group && other.metadata.name !== metadata.name)
  }

  #all(): readonly Definition[] {
    const items = this.#backend.registry(DEFINITIONS)?.collection.list({}).items ?? []
    return items as readonly Definition[]
  }

  /** A name is free again: others of the group may have it. */
  #reconsider(definition: Definition): void {
    for (const other of this.#others(definition)) {
      if (conditionOf(other, 'NamesAccepted')?.status === 'False') this.#settle(other)
    }
  }

  #with(all: readonly DefinitionCondition[], wanted: NewCondition): readonly DefinitionCondition[] {
    const known = all.find(({ type }) => type === wanted.type)
    const { lastTransitionTime, ...before } = known ?? {}
    if (known !== undefined && deepEqual(before, wanted)) return all
    const time =
      known?.status === wanted.status && lastTransitionTime !== undefined
        ? lastTransitionTime
        : formatTime(this.#backend.clock.now())
    const next: DefinitionCondition = { ...wanted, lastTransitionTime: time }
    return known === undefined ? [...all, next] : all.map((condition) => (condition === known ? next : condition))
  }

  #serve(definition: Definition): void {
    const { name } = definition.metadata
    const before = this.#served.get(name)?.definition
    if (before !== undefined && sameResource(before, definition)) return
    const { resource, custom } = customResource(definition, this.#surroundings)
    if (before === undefined) this.#host.addResource(resource, custom)
    else this.#host.changeResource(resource, custom)
    this.#served.set(name, { definition, custom })
    this.#groupVersions = undefined
  }

  #withdraw({ metadata, spec }: Definition): void {
    if (!this.#served.delete(metadata.name)) return
    this.#groupVersions = undefined
    this.#host.removeResource({ group: spec.group, resource: spec.names.plural })
  }

  /** The definition's objects go first; then its finalizer. */
  #finish(definition: Definition): void {
    const { name, finalizers = [] } = definition.metadata
    if (!finalizers.includes(CLEANUP_FINALIZER)) return
    if (this.#served.has(name)) this.#serve(definition)
    const resource = { group: definition.spec.group, resource: definition.spec.names.plural }
    const registry = this.#served.has(name) ? this.#backend.registry(resource) : undefined
    registry?.deleteCollection({})
    const left = registry?.collection.size ?? 0
    if (left > 0 && registry !== undefined) {
      this.#waitFor(registry.collection, name)
      return
    }
    this.#write(definition, (existing) => ({
      ...existing,
      metadata: {
        ...existing.metadata,
        finalizers: finalizers.filter((finalizer) => finalizer !== CLEANUP_FINALIZER),
      },
    }))
  }

  /** Objects with finalizers of their own hold their definition back. */
  #waitFor(collection: NonNullable<ReturnType<Backend['store']['collection']>>, name: string): void {
    const stop = collection.subscribe(
      {},
      {
        event: ({ type }) => {
          if (type !== 'DELETED' || collection.size > 0) return
          stop()
          const definition = this.#all().find(({ metadata }) => metadata.name === name)
          if (definition !== undefined) this.#finish(definition)
        },
      },
    )
  }

  #write(definition: Definition, change: (existing: ApiObject) => ApiObject): void {
    const registry = this.#backend.registry(DEFINITIONS)
    const existing = registry?.collection.get(undefined, definition.metadata.name)
    if (registry === undefined || existing === undefined) return
    const changed = change(existing)
    const { finalizers = [] } = changed.metadata
    const ends = existing.metadata.deletionTimestamp !== undefined && finalizers.length === 0
    if (ends) registry.collection.remove(existing.metadata.name)
    else new Writer(this.#backend, 'kube-apiserver').put(DEFINITIONS, existing, changed, 'status')
  }
}

function sameResource(one: Definition, other: Definition): boolean {
  return (
    deepEqual(one.spec, other.spec) &&
    deepEqual(one.status.acceptedNames, other.status.acceptedNames) &&
    one.metadata.deletionTimestamp === other.metadata.deletionTimestamp
  )
}
