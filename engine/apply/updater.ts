import { deepEqual } from '../objects/equal.ts'
import type { TypeSchema } from '../objects/types.ts'
import { withoutNulls } from '../patch/merge-patch.ts'
import {
  type Comparison,
  compareObjects,
  fieldSetOf,
  removeFields,
  withAtomicFields,
  withNamedFields,
  withoutFields,
} from './compare.ts'
import { ConflictsFound, conflictsOf } from './conflicts.ts'
import { FieldSet } from './field-set.ts'
import { mergeObjects } from './merge.ts'
import { type Owner, type Owners, ownerId } from './owners.ts'
import { fieldElement } from './path-element.ts'
import type { Fields } from './shape.ts'

/** A kind in the versions that owners may have written it in. */
export interface Versions {
  /** The version that the request speaks. */
  readonly apiVersion: string
  /** Undefined for versions that are no more. */
  schema(apiVersion: string): TypeSchema | undefined
  convert(object: Fields, apiVersion: string): Fields
  ignored(apiVersion: string): FieldSet | undefined
  /** Types of the API drop a null once it has been compared; custom resources keep it. */
  readonly keepsNulls: boolean
  /** Sets that are known to fit the schema as it is. */
  readonly fitting: WeakSet<FieldSet>
}

/** Never owned: they identify the object or are the server's. */
const neverOwned = FieldSet.of(
  [fieldElement('apiVersion')],
  [fieldElement('kind')],
  [fieldElement('metadata')],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => [fieldElement('metadata'), fieldElement(name)]),
)

/**
 * Who owns what after an update: what it added and changed goes to it (`taken`) from everyone else, what it removed nobody has any more.
 */
export function takeChanges(
  versions: Versions,
  live: Fields,
  next: Fields,
  before: Owners,
): { owners: Owners; taken: FieldSet } {
  const { owners, comparison } = shareChanges(versions, live, next, reconciled(versions, before), undefined, true)
  const ignored = versions.ignored(versions.apiVersion)
  const changed = comparison.modified.union(comparison.added)
  const taken = ignored === undefined ? changed : changed.recursiveDifference(ignored)
  return { owners, taken: taken.difference(neverOwned) }
}

/**
 * The live object with a configuration applied, and who owns what then. What the manager applied before, does not apply now and nobody else owns is
 * removed.
 * @throws ConflictsFound where another owns what would change, and there is no force.
 */
export function applyConfig(
  versions: Versions,
  live: Fields,
  config: Fields,
  before: Owners,
  self: Omit<Owner, 'fields'>,
  force: boolean,
): { object: Fields; owners: Owners } {
  const id = ownerId(self)
  const schema = schemaOf(versions, versions.apiVersion)
  const owners = new Map(reconciled(versions, before))
  const last = owners.get(id)
  const merged = mergeObjects(live, config, schema) as Fields
  const ignored = versions.ignored(versions.apiVersion)
  const stated = fieldSetOf(config, schema)
  const fields = ignored === undefined ? stated : stated.recursiveDifference(ignored)
  owners.set(id, { ...self, fields })
  const object = prune(versions, merged, owners, last)
  const shared = shareChanges(versions, live, object, owners, id, force)
  const kept = new Map(shared.owners)
  const own = fields.difference(neverOwned)
  const changed = !deepEqual(live, object)
  if (own.isEmpty()) kept.delete(id)
  // An apply that changes nothing is no news: the time stays.
  else kept.set(id, { ...self, time: changed ? self.time : last?.time, fields: own })
  return { object: changed ? (versions.keepsNulls ? object : (withoutNulls(object) as Fields)) : live, owners: kept }
}

function schemaOf(versions: Versions, apiVersion: string): TypeSchema {
  const schema = versions.schema(apiVersion)
  if (schema === undefined) throw new Error(`no corresponding type for ${apiVersion}`)
  return schema
}

/** Owners of versions that there are no more are forgotten; the others' fields follow what has become whole in the schema. */
function reconciled(versions: Versions, before: Owners): Owners {
  const owners = new Map<string, Owner>()
  for (const [id, owner] of before) {
    const schema = versions.schema(owner.apiVersion)
    if (schema === undefined) continue
    const fields = versions.fitting.has(owner.fields) ? owner.fields : withAtomicFields(owner.fields, schema)
    versions.fitting.add(fields)
    owners.set(id, fields === owner.fields ? owner : { ...owner, fields })
  }
  return owners
}

function inVersion(versions: Versions, object: Fields, apiVersion: string): Fields {
  return apiVersion === versions.apiVersion ? object : versions.convert(object, apiVersion)
}

/** Takes what changed from all owners but `self`, and what is gone too. */
function shareChanges(
  versions: Versions,
  live: Fields,
  next: Fields,
  before: Owners,
  self: string | undefined,
  force: boolean,
): { owners: Owners; comparison: Comparison } {
  const comparisons = new Map<string, Comparison>()
  const compared = (apiVersion: string): Comparison => {
    const known = comparisons.get(apiVersion)
    if (known !== undefined) return known
    const [from, to] = [inVersion(versions, live, apiVersion), inVersion(versions, next, apiVersion)]
    const comparison = withoutFields(
      compareObjects(from, to, schemaOf(versions, apiVersion)),
      versions.ignored(apiVersion),
    )
    comparisons.set(apiVersion, comparison)
    return comparison
  }
  const conflicts = new Map<string, { owner: Owner; fields: FieldSet }>()
  const owners = new Map<string, Owner>()
  for (const [id, owner] of before) {
    let { fields } = owner
    if (id !== self) {
      const { added, removed, modified } = compared(owner.apiVersion)
      const taken = fields.intersection(modified.union(added))
      if (!taken.isEmpty()) conflicts.set(id, { owner, fields: taken })
      fields = fields.difference(taken)
      if (!fields.intersection(removed).isEmpty()) fields = fields.difference(removed)
    }
    if (!fields.isEmpty()) owners.set(id, fields === owner.fields ? owner : { ...owner, fields })
  }
  if (!force && conflicts.size > 0) throw new ConflictsFound(conflictsOf(conflicts))
  return { owners, comparison: compared(versions.apiVersion) }
}

function prune(versions: Versions, merged: Fields, owners: Owners, last: Owner | undefined): Fields {
  if (last === undefined || last.fields.isEmpty()) return merged
  const schema = versions.schema(last.apiVersion)
  if (schema === undefined) return merged
  const whole = inVersion(versions, merged, last.apiVersion)
  const applied = withNamedFields(last.fields, schema)
  const stripped = keepObject(removeFields(whole, applied, schema), whole)
  const withOwned = addBackOwned(versions, whole, stripped, last.apiVersion, owners)
  // What is gone by now but was not this manager's to remove comes back.
  const gone = namedFields(whole, schema).difference(namedFields(withOwned, schema)).intersection(applied)
  const pruned = keepObject(removeFields(whole, gone, schema), whole)
  if (last.apiVersion === versions.apiVersion) return gone.isEmpty() ? merged : pruned
  return versions.convert(pruned, versions.apiVersion)
}

/** Puts back what was stripped and someone, this manager's new configuration included, owns. The version that was stripped goes first. */
function addBackOwned(versions: Versions, whole: Fields, stripped: Fields, first: string, owners: Owners): Fields {
  const owned = new Map<string, FieldSet>([[first, new FieldSet()]])
  for (const { apiVersion, fields } of owners.values()) {
    owned.set(apiVersion, owned.get(apiVersion)?.union(fields) ?? fields)
  }
  let result = stripped
  for (const [apiVersion, fields] of owned) {
    const schema = versions.schema(apiVersion)
    if (schema === undefined) continue
    const convert = (object: Fields): Fields => (apiVersion === first ? object : versions.convert(object, apiVersion))
    const [full, left] = [convert(whole), convert(result)]
    const gone = namedFields(full, schema).difference(namedFields(left, schema).union(withNamedFields(fields, schema)))
    const kept = keepObject(removeFields(full, gone, schema), full)
    result = apiVersion === first ? kept : versions.convert(kept, first)
  }
  return result
}

function namedFields(object: Fields, schema: TypeSchema): FieldSet {
  return withNamedFields(fieldSetOf(object, schema), schema)
}

/** An object keeps its type even where everything else is taken out. */
function keepObject(value: unknown, whole: Fields): Fields {
  return { ...(value as Fields | null), apiVersion: whole.apiVersion, kind: whole.kind }
}
