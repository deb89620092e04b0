import type { Clock } from '../clock/clock.ts'
import type { Ids } from '../clock/ids.ts'
import { deepEqual } from '../objects/equal.ts'
import { type FieldError, invalidValue, requiredValue } from '../objects/field-error.ts'
import {
  alreadyExists,
  badRequest,
  conflict,
  generateNameConflict,
  invalid,
  notFound,
  StatusError,
  unclassified,
} from '../objects/status-error.ts'
import { formatTime } from '../objects/time.ts'
import type { ApiObject, GroupKind, NewObject } from '../objects/types.ts'
import type { Collection } from './collection.ts'
import {
  beginGrace,
  collectorFinalizers,
  type DeleteOptions,
  endsWith,
  markAsDeleting,
  validateDeleteOptions,
} from './deletion.ts'
import { keyOf, keyOfObject } from './key.ts'
import type { ListOptions } from './list.ts'
import { keepSystemFields, withMetadata } from './metadata.ts'
import { metadataErrors, metadataUpdateErrors, pathSegmentNameErrors } from './metadata-errors.ts'
import { checkBeforeDelete, checkStored, type Preconditions } from './preconditions.ts'
import type { Strategy } from './strategy.ts'
import { parseVersion, wrongVersion } from './version.ts'

export interface CreateOptions {
  /** The namespace that the request names. */
  readonly namespace?: string | undefined
  readonly dryRun?: boolean
  /** Admission that only looks; throws to refuse. */
  readonly admit?: (object: ApiObject) => void
}

export interface UpdateOptions {
  readonly dryRun?: boolean
  readonly preconditions?: Preconditions
  /** Create what is not there, whatever the kind says: server-side apply. */
  readonly forceCreate?: boolean
  /** The last word before validation by others: keeps managed fields' times where nothing else has changed. */
  readonly finish?: (object: ApiObject, old: ApiObject) => ApiObject
  readonly admit?: (object: ApiObject, old: ApiObject | undefined) => void
}

export interface Updated {
  readonly object: ApiObject
  readonly created: boolean
  /** The update was the last that a finalizer held back, and the object is gone. */
  readonly removed: boolean
}

export interface Deleted {
  /** The last state, or the state in which it now waits for its end. */
  readonly object: ApiObject
  /** False while it waits for its grace period or its finalizers. */
  readonly removed: boolean
}

/** Names that are tried for a generateName before giving up: upstream's. */
const NAME_ATTEMPTS = 8
/** A generated name has at most 63 characters, five of them random. */
const LONGEST_BASE = 58
const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again'

/** Writes to one resource by its kind's rules: apiserver's generic registry (1.34), without HTTP. All calls are synchronous. */
export class Registry {
  readonly collection: Collection
  readonly strategy: Strategy
  readonly #clock: Clock
  readonly #ids: Ids
  readonly #kind: GroupKind

  constructor(
    collection: Collection,
    strategy: Strategy,
    { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
  ) {
    this.collection = collection
    this.strategy = strategy
    this.#clock = clock
    this.#ids = ids
    this.#kind = { group: collection.resource.group, kind: strategy.kind }
  }

  /** The newest state, whatever older version is asked for. Throws 404, and 504 for versions that have not been. */
  get(namespace: string | undefined, name: string, resourceVersion?: string): ApiObject {
    const version = parseVersion(resourceVersion)
    if (typeof version !== 'number') throw unclassified(wrongVersion(resourceVersion, version.wrong))
    this.collection.mustReach(version)
    const object = this.collection.get(namespace, name)
    if (object === undefined) throw notFound(this.collection.resource, name)
    return object
  }

  /** Throws 409 if the name is taken, 422 if it is invalid. */
  create(object: NewObject, options: CreateOptions = {}): ApiObject {
    const { name, generateName } = object.metadata
    if (name !== undefined && name !== '') return this.#create(object, options)
    if (generateName === undefined || generateName === '') {
      throw invalid(this.#kind, '', [requiredValue('metadata.name', 'name or generateName is required')])
    }
    for (let attempt = 1; ; attempt++) {
      const generated = generateName.slice(0, LONGEST_BASE) + this.#ids.suffix()
      try {
        return this.#create({ ...object, metadata: { ...object.metadata, name: generated } }, options)
      } catch (error) {
        if (attempt === NAME_ATTEMPTS || !(error instanceof StatusError) || error.reason !== 'AlreadyExists')
          throw error
      }
    }
  }

  /**
   * Stores what `change` makes of the existing object, undefined if there is none. Its resourceVersion, where it has one, must be the existing
   * object's (409). What comes out the same as it was is not written: the version stays.
   */
  update(
    namespace: string | undefined,
    name: string,
    change: (existing: ApiObject | undefined) => NewObject,
    options: UpdateOptions = {},
  ): Updated {
    const { resource } = this.collection
    const existing = this.collection.get(namespace, name)
    if (existing === undefined) {
      if (!this.strategy.createOnUpdate && !options.forceCreate) throw notFound(resource, name)
      return this.#createByUpdate(namespace, name, change(undefined), options)
    }
    this.#mustHold(existing, options.preconditions)
    const wanted = change(existing)
    const { uid } = wanted.metadata
    if (uid !== undefined && uid !== '') this.#mustHold(existing, { uid })
    this.#mustBeCurrent(wanted, existing)
    const object = this.#prepareUpdate(inNamespace(wanted, namespace), existing, options)
    options.admit?.(object, existing)
    if (endsWith(object, existing) && (this.strategy.mayRemove?.(object, existing) ?? true)) {
      if (!options.dryRun) this.collection.remove(keyOfObject(existing))
      return { object, created: false, removed: true }
    }
    if (options.dryRun || deepEqual(object, existing)) {
      return { object: deepEqual(object, existing) ? existing : object, created: false, removed: false }
    }
    return { object: this.collection.put(object), created: false, removed: false }
  }

  /** Removes an object, or marks it so that its grace period runs or its finalizers are served. Throws 404, 409 and 422. */
  delete(namespace: string | undefined, name: string, options: DeleteOptions = {}): Deleted {
    const existing = this.get(namespace, name)
    const preconditions = options.preconditions ?? {}
    const now = this.#clock.now()
    validateDeleteOptions(options)
    const failed = checkBeforeDelete(this.#kind, existing, preconditions)
    if (failed !== undefined) throw failed
    const grace = beginGrace(this.strategy, existing, options.gracePeriodSeconds, now)
    if (grace.state === 'pending') return { object: existing, removed: false }
    options.admit?.(existing)
    const finalizers = collectorFinalizers(this.strategy, existing, options)
    const held = (finalizers?.length ?? 0) > 0
    const marked = this.#mark(existing, grace.state === 'graceful' ? grace.object : existing, finalizers)
    if (this.strategy.terminate !== undefined) {
      if (existing.metadata.deletionTimestamp === undefined) {
        const ending = this.strategy.terminate(withMetadata(marked, { deletionTimestamp: formatTime(now) }))
        return { object: this.#store(ending, existing, options.dryRun), removed: false }
      }
      if (!(this.strategy.mayRemove?.(existing, existing) ?? true)) return { object: existing, removed: false }
    }
    if (grace.state === 'graceful') {
      const object = this.#store(marked, existing, options.dryRun)
      if (held || grace.seconds > 0) return { object, removed: false }
    } else if (held) {
      return { object: this.#store(markAsDeleting(marked, now), existing, options.dryRun), removed: false }
    }
    if (options.dryRun) return { object: grace.state === 'graceful' ? marked : existing, removed: true }
    return { object: this.collection.remove(keyOf(namespace, name)) ?? existing, removed: true }
  }

  /** Deletes all that a list finds; hands back what was found. An object that is gone meanwhile is no error. */
  deleteCollection(selection: ListOptions, options: DeleteOptions = {}): readonly ApiObject[] {
    const { items } = this.collection.list(selection)
    for (const { metadata } of items) {
      if (this.collection.get(metadata.namespace, metadata.name) === undefined) continue
      this.delete(metadata.namespace, metadata.name, options)
    }
    return items
  }

  #create(given: NewObject, options: CreateOptions): ApiObject {
    const { resource, namespaced } = this.collection
    const namespaceOf = namespaced ? (options.namespace ?? given.metadata.namespace) : ''
    if (namespaced && (namespaceOf === undefined || namespaceOf === '')) {
      throw badRequest('Namespace parameter required.')
    }
    const placed = inNamespace(given, namespaceOf)
    const started = withMetadata(placed, {
      creationTimestamp: formatTime(this.#clock.now()),
      uid: this.#ids.uid(),
      deletionTimestamp: undefined,
      deletionGracePeriodSeconds: undefined,
    })
    const counted = this.strategy.changesGeneration === undefined ? started : withMetadata(started, { generation: 1 })
    const prepared = this.strategy.prepareForCreate?.(counted) ?? counted
    this.#mustBeValid(prepared, this.strategy.validate?.(prepared) ?? [])
    this.#mustBeValid(prepared, this.#metadataErrors(prepared))
    const object = this.strategy.canonicalize?.(prepared) ?? prepared
    options.admit?.(object)
    const { name, namespace, generateName, resourceVersion } = object.metadata
    const version = parseVersion(resourceVersion)
    // The storage's own refusal, which a dry run does not come to
    if (!options.dryRun && typeof version === 'number' && version !== 0) {
      throw unclassified('resourceVersion should not be set on objects to be created')
    }
    const existing = this.collection.get(namespace, name)
    if (existing !== undefined) {
      const taken =
        generateName === undefined || generateName === ''
          ? alreadyExists(resource, name)
          : generateNameConflict(resource, name, 1)
      const ending = existing.metadata.deletionTimestamp !== undefined
      throw ending ? taken.reworded(`object is being deleted: ${taken.message}`) : taken
    }
    if (!options.dryRun) return this.collection.put(object)
    return withMetadata(object, { resourceVersion: version === 0 ? undefined : resourceVersion })
  }

  #createByUpdate(
    namespace: string | undefined,
    name: string,
    wanted: NewObject,
    { dryRun, admit }: UpdateOptions,
  ): Updated {
    const object = this.#create(
      { ...wanted, metadata: { ...wanted.metadata, name: wanted.metadata.name ?? name } },
      {
        namespace,
        ...(dryRun === undefined ? {} : { dryRun }),
        ...(admit === undefined ? {} : { admit: (created) => admit(created, undefined) }),
      },
    )
    return { object, created: true, removed: false }
  }

  #prepareUpdate(wanted: ApiObject, existing: ApiObject, options: UpdateOptions): ApiObject {
    const current = withMetadata(wanted, { resourceVersion: existing.metadata.resourceVersion })
    const guarded = keepSystemFields(current, existing)
    const prepared = this.strategy.prepareForUpdate?.(guarded, existing) ?? guarded
    const { generation = 0 } = existing.metadata
    const counted = this.strategy.changesGeneration?.(prepared, existing)
      ? withMetadata(prepared, { generation: generation + 1 })
      : prepared
    this.#mustBeValid(counted, [
      ...this.#metadataErrors(counted),
      ...metadataUpdateErrors(counted, existing),
      ...(this.strategy.validateUpdate?.(counted, existing) ?? []),
    ])
    const object = this.strategy.canonicalize?.(counted) ?? counted
    return options.finish?.(object, existing) ?? object
  }

  /** What is asked of all kinds alike. */
  #metadataErrors({ metadata }: ApiObject): FieldError[] {
    return metadataErrors(metadata, { namespaced: this.collection.namespaced, nameErrors: pathSegmentNameErrors })
  }

  #mustBeValid(object: ApiObject, errors: readonly FieldError[]): void {
    if (errors.length > 0) throw invalid(this.#kind, object.metadata.name, errors)
  }

  #mustHold(existing: ApiObject, preconditions: Preconditions | undefined): void {
    if (preconditions === undefined) return
    const { resource } = this.collection
    const place = `${this.strategy.prefix ?? `/registry/${resource.resource}`}/${keyOfObject(existing)}`
    const failed = checkStored(resource, place, existing, preconditions)
    if (failed !== undefined) throw failed
  }

  #mustBeCurrent(wanted: NewObject, existing: ApiObject): void {
    const { resource } = this.collection
    const { name } = existing.metadata
    const version = parseVersion(wanted.metadata.resourceVersion)
    if (typeof version !== 'number') throw unclassified(version.wrong)
    if (version === 0) {
      if (this.strategy.unconditionalUpdate ?? true) return
      const kind = { group: resource.group, kind: resource.resource }
      throw invalid(kind, name, [invalidValue('metadata.resourceVersion', 0, 'must be specified for an update')])
    }
    if (String(version) !== existing.metadata.resourceVersion) throw conflict(resource, name, MODIFIED)
  }

  #mark(existing: ApiObject, object: ApiObject, finalizers: readonly string[] | undefined): ApiObject {
    if (finalizers === existing.metadata.finalizers) return object
    return withMetadata(object, { finalizers: finalizers?.length === 0 ? undefined : finalizers })
  }

  #store(object: ApiObject, existing: ApiObject, dryRun: boolean | undefined): ApiObject {
    if (deepEqual(object, existing)) return existing
    return dryRun ? object : this.collection.put(object)
  }
}

/** The object in the namespace that the request names, empty for what has none. Throws 400 if it names another one itself. */
function inNamespace(object: NewObject, namespace: string | undefined): ApiObject {
  const { namespace: own, ...metadata } = object.metadata
  if (namespace === undefined || namespace === '') {
    return (own === undefined ? object : { ...object, metadata }) as ApiObject
  }
  if (own === namespace) return object as ApiObject
  if (own !== undefined && own !== '') {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  return { ...object, metadata: { ...metadata, namespace } } as ApiObject
}
