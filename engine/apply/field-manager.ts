import { deepEqual } from '../objects/equal.ts'
import { getIn, removeIn, setIn } from '../objects/paths.ts'
import { badRequest } from '../objects/status-error.ts'
import type { ManagedFieldsEntry, TypeSchema } from '../objects/types.ts'
import { configError } from './check-config.ts'
import { compareObjects, fieldSetOf } from './compare.ts'
import { ConflictsFound } from './conflicts.ts'
import type { FieldSet } from './field-set.ts'
import { FieldsPool } from './fields-pool.ts'
import { lastApplied, lastAppliedFor, withLastApplied } from './last-applied.ts'
import { capUpdaters, type Owner, type Owners, OwnersCodec, ownerId } from './owners.ts'
import { emptyOf, type Fields } from './shape.ts'
import { applyConfig, takeChanges, type Versions } from './updater.ts'

/** An object of any kind, as JSON. */
export type Managed = Fields

export interface FieldManagerOptions {
  /** Group and version that the request speaks: `apps/v1`. */
  readonly apiVersion: string
  readonly kind: string
  /** Empty for the object itself. */
  readonly subresource?: string
  readonly schema: TypeSchema
  /** Fields that this endpoint leaves alone, and so nobody owns through it: a Deployment's `status` in its main endpoint. By version. */
  readonly ignored?: (apiVersion: string) => FieldSet | undefined
  /** The kind's other versions, for owners that wrote through them; owners of versions that there are no more are forgotten. */
  readonly otherSchema?: (apiVersion: string) => TypeSchema | undefined
  readonly convert?: (object: Managed, apiVersion: string) => Managed
  /** Shared by all managers of a server, so that equal sets of fields are stored once. */
  readonly pool?: FieldsPool
  /** For custom resources: a null that is applied is stored. */
  readonly keepsNulls?: boolean
  /** A new object of a built-in kind as Go writes it with nothing in it: zeros that are written are nobody's. Else what the schema says of it. */
  readonly empty?: Managed
  /** RFC 3339, to the second. */
  readonly now: () => string
}

/** Who owns an object that was there before anyone applied. */
const beforeFirstApply = 'before-first-apply'
/** The one manager whose applies take over from client-side apply. */
const kubectl = 'kubectl'

/**
 * Keeps an object's `managedFields` through creates, updates and patches, and does server-side apply: apimachinery's `managedfields` (1.34) for one
 * endpoint of one kind. Objects given are left as they are.
 */
export class FieldManager {
  private readonly options: FieldManagerOptions
  private readonly versions: Versions
  private readonly codec: OwnersCodec

  constructor(options: FieldManagerOptions) {
    this.options = options
    this.codec = new OwnersCodec(options.pool ?? new FieldsPool())
    this.versions = {
      apiVersion: options.apiVersion,
      schema: (version) => (version === options.apiVersion ? options.schema : options.otherSchema?.(version)),
      convert: (object, version) => options.convert?.(object, version) ?? object,
      ignored: (version) => options.ignored?.(version),
      keepsNulls: options.keepsNulls ?? false,
      fitting: new WeakSet(),
    }
  }

  /** What a new object is compared with. */
  empty(): Managed {
    const { empty = emptyOf(this.options.schema) } = this.options
    return { ...empty, apiVersion: this.options.apiVersion, kind: this.options.kind }
  }

  /**
   * The new object with the `managedFields` that it has after a create (no live object), update or patch. An empty list of them, or one empty entry,
   * resets them; entries that cannot be read are taken from the live object. Never fails: where fields cannot be told apart, nobody owns any.
   */
  update<T extends Managed>(live: Managed | undefined, next: T, manager: string): T {
    const bare = withoutManagedFields(next)
    try {
      const owners = this.updateOwners(live, bare, this.ownersForUpdate(live, next), manager)
      return withManagedFields(bare, this.codec.encode(owners))
    } catch {
      return bare
    }
  }

  private ownersForUpdate(live: Managed | undefined, next: Managed): Map<string, Owner> {
    if ((this.options.subresource ?? '') !== '') return this.readOrNone(live)
    const given = managedFieldsOf(next)
    if (isReset(given)) return new Map()
    try {
      const owners = this.codec.decode(given)
      if (owners.size > 0) return owners
    } catch {
      // What the client sent cannot be read: the live ones stay.
    }
    return this.readOrNone(live)
  }

  private readOrNone(live: Managed | undefined): Map<string, Owner> {
    try {
      return this.codec.decode(managedFieldsOf(live))
    } catch {
      return new Map()
    }
  }

  private updateOwners(live: Managed | undefined, next: Managed, owners: Owners, manager: string): Owners {
    // An object that nobody has ever managed stays so until someone applies.
    if (owners.size === 0 && live !== undefined) return owners
    return this.trackUpdate(live ?? this.empty(), next, owners, manager)
  }

  private trackUpdate(live: Managed, next: Managed, owners: Owners, manager: string): Owners {
    const self = this.owner(manager, 'Update')
    const result = takeChanges(this.versions, withoutManagedFields(live), next, owners)
    const kept = new Map(result.owners)
    if (!result.taken.isEmpty()) {
      const id = ownerId(self)
      const before = kept.get(id)?.fields
      kept.set(id, { ...self, fields: before === undefined ? result.taken : result.taken.union(before) })
    }
    return capUpdaters(kept)
  }

  private owner(manager: string, operation: Owner['operation']): Omit<Owner, 'fields'> {
    return {
      manager: manager === '' ? 'unknown' : manager,
      operation,
      apiVersion: this.options.apiVersion,
      subresource: this.options.subresource ?? '',
      time: this.options.now(),
    }
  }

  /**
   * The live object (none: a new one) with the configuration applied, before defaulting, `managedFields` included.
   * @throws StatusError 409 with a cause for each conflict, 400 for configurations of another kind or with managedFields; Error, a 500 upstream too,
   * where the configuration does not fit the type.
   */
  apply(live: Managed | undefined, config: Managed, manager: string, force: boolean): Managed {
    this.checkKind(config)
    const before = withoutManagedFields(live ?? this.empty())
    const owners = this.ownersForApply(live, before)
    try {
      return this.finish(this.applyOrTakeOver(before, config, owners, manager, force), config, manager)
    } catch (error) {
      if (error instanceof ConflictsFound) throw error.toStatusError()
      throw error
    }
  }

  private checkKind(config: Managed): void {
    const { apiVersion, kind } = this.options
    if (config.apiVersion !== apiVersion || config.kind !== kind) {
      throw badRequest(`invalid object type: ${versionKind(config)}`)
    }
    const given = getIn(config, ['metadata', 'managedFields'])
    if (given !== undefined && given !== null) throw badRequest('metadata.managedFields must be nil')
  }

  private ownersForApply(live: Managed | undefined, before: Managed): Owners {
    let owners: Owners
    try {
      owners = this.codec.decode(managedFieldsOf(live))
    } catch (error) {
      throw new Error(`failed to decode managed fields: ${(error as Error).message}`)
    }
    if (owners.size > 0) return owners
    return this.trackUpdate(this.empty(), before, owners, beforeFirstApply)
  }

  private applyOrTakeOver(live: Managed, config: Managed, owners: Owners, manager: string, force: boolean): Applied {
    try {
      return this.applyOnce(live, config, owners, manager, force)
    } catch (error) {
      if (manager !== kubectl || !(error instanceof ConflictsFound)) throw error
      const allowed = this.fieldsOfLastApplied(live)
      if (allowed === undefined) throw error
      const conflicts = error.without(allowed)
      if (conflicts.length > 0) throw new ConflictsFound(conflicts)
      return this.applyOnce(live, config, owners, manager, true)
    }
  }

  private applyOnce(live: Managed, config: Managed, owners: Owners, manager: string, force: boolean): Applied {
    const wrong = configError(config, this.options.schema)
    if (wrong !== undefined) throw new Error(`failed to create typed patch object (${describe(config)}): ${wrong}`)
    const self = this.owner(manager, 'Apply')
    return applyConfig(this.versions, live, config, owners, self, force)
  }

  private finish(applied: Applied, config: Managed, manager: string): Managed {
    const { object, owners } = applied
    const synced = manager === kubectl && lastApplied(object) !== undefined ? withLastApplied(object, config) : object
    return withManagedFields(synced, this.codec.encode(owners))
  }

  /** What client-side apply last set and what still has that value; undefined where it left no note that can be read. */
  private fieldsOfLastApplied(live: Managed): FieldSet | undefined {
    const config = lastAppliedFor(live, this.options.apiVersion)
    if (config === undefined || configError(config, this.options.schema) !== undefined) return undefined
    try {
      const { added, removed, modified } = compareObjects(config, live, this.options.schema)
      return fieldSetOf(config, this.options.schema).difference(modified).difference(added).difference(removed)
    } catch {
      return undefined
    }
  }
}

interface Applied {
  readonly object: Managed
  readonly owners: Owners
}

/**
 * What a write that changed nothing but the times of `managedFields` stores: the times from before, so that the object's version can stay as it is.
 */
export function withTimesKept<T extends Managed>(live: Managed, next: T): T {
  const [before, after] = [managedFieldsOf(live), managedFieldsOf(next)]
  if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length || after.length === 0)
    return next
  const kept = after.map((entry: ManagedFieldsEntry, index) => ({
    ...entry,
    time: (before[index] as ManagedFieldsEntry).time,
  }))
  if (!deepEqual(before, kept)) return next
  if (!deepEqual(withoutVersion(withoutManagedFields(live)), withoutVersion(withoutManagedFields(next)))) return next
  return setIn(next, ['metadata', 'managedFields'], before)
}

function withoutVersion(object: Managed): Managed {
  return removeIn(object, ['metadata', 'resourceVersion'])
}

function managedFieldsOf(object: Managed | undefined): unknown {
  return getIn(object, ['metadata', 'managedFields'])
}

function withoutManagedFields<T extends Managed>(object: T): T {
  return removeIn(object, ['metadata', 'managedFields'])
}

function withManagedFields<T extends Managed>(object: T, entries: readonly ManagedFieldsEntry[] | undefined): T {
  return entries === undefined ? object : setIn(object, ['metadata', 'managedFields'], entries)
}

function isReset(entries: unknown): boolean {
  if (!Array.isArray(entries)) return false
  if (entries.length > 1) return false
  return entries.length === 0 || (typeof entries[0] === 'object' && Object.keys(entries[0] ?? {}).length === 0)
}

function describe(object: Managed): string {
  const text = (path: string): string => String(getIn(object, ['metadata', path]) ?? '')
  return `${text('namespace')}/${text('name')}; ${versionKind(object)}`
}

/** `apps/v1, Kind=Deployment`; the core group is empty: `/v1, Kind=Pod`. */
function versionKind({ apiVersion = '', kind = '' }: Managed): string {
  const version = String(apiVersion)
  return `${version.includes('/') ? version : `/${version}`}, Kind=${kind}`
}
