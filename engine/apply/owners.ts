import { goQuote } from '../objects/go-quote.ts'
import { parseTime } from '../objects/time.ts'
import type { ManagedFieldsEntry } from '../objects/types.ts'
import { FieldSet } from './field-set.ts'
import type { FieldsPool } from './fields-pool.ts'

/** One entry of `managedFields`, its fields read. */
export interface Owner {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  readonly time: string | undefined
  readonly fields: FieldSet
}

/** Owners by identity. */
export type Owners = ReadonlyMap<string, Owner>

/**
 * What makes an owner the same in the next write: for updates manager, version and subresource, for applies manager and subresource. In upstream's
 * form, since it decides the order of conflicts.
 */
export function ownerId(owner: Pick<Owner, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): string {
  return JSON.stringify({
    ...(owner.manager === '' ? {} : { manager: owner.manager }),
    operation: owner.operation,
    ...(owner.operation === 'Apply' ? {} : { apiVersion: owner.apiVersion }),
    ...(owner.subresource === '' ? {} : { subresource: owner.subresource }),
  })
}

/** Reads and writes `managedFields`. */
export class OwnersCodec {
  private readonly pool: FieldsPool

  constructor(pool: FieldsPool) {
    this.pool = pool
  }

  /** @throws Error with upstream's sentence where an entry cannot be read. */
  decode(entries: unknown): Map<string, Owner> {
    const owners = new Map<string, Owner>()
    if (!Array.isArray(entries)) return owners
    entries.forEach((entry: Partial<ManagedFieldsEntry> | null, index) => {
      const owner = this.owner(entry ?? {}, index)
      owners.set(ownerId(owner), owner)
    })
    return owners
  }

  private owner(entry: Partial<ManagedFieldsEntry>, index: number): Owner {
    const { operation, apiVersion = '', fieldsType = '' } = entry
    if (operation !== 'Apply' && operation !== 'Update') throw new Error('operation must be `Apply` or `Update`')
    if (apiVersion === '') throw new Error('apiVersion must not be empty')
    if ((fieldsType as string) === '') throw new Error(`missing fieldsType in managed fields entry ${index}`)
    if (fieldsType !== 'FieldsV1') {
      throw new Error(`invalid fieldsType ${goQuote(fieldsType)} in managed fields entry ${index}`)
    }
    return {
      manager: entry.manager ?? '',
      operation,
      apiVersion,
      subresource: entry.subresource ?? '',
      time: entry.time ?? undefined,
      fields: this.pool.read(entry.fieldsV1),
    }
  }

  /** Entries in upstream's order: applies first, then by time, manager, version and subresource; undefined where nobody owns anything. */
  encode(owners: Owners): ManagedFieldsEntry[] | undefined {
    if (owners.size === 0) return undefined
    return [...owners.values()].sort(compareOwners).map((owner) => ({
      manager: owner.manager,
      operation: owner.operation,
      apiVersion: owner.apiVersion,
      ...(owner.time === undefined ? {} : { time: owner.time }),
      fieldsType: 'FieldsV1',
      fieldsV1: this.pool.write(owner.fields),
      ...(owner.subresource === '' ? {} : { subresource: owner.subresource }),
    }))
  }
}

export function seconds(time: string | undefined): number {
  return time === undefined ? 0 : Math.floor((parseTime(time) ?? 0) / 1000)
}

function compareOwners(left: Owner, right: Owner): number {
  return (
    order(left.operation, right.operation) ||
    seconds(left.time) - seconds(right.time) ||
    order(left.manager, right.manager) ||
    order(left.apiVersion, right.apiVersion) ||
    order(left.subresource, right.subresource)
  )
}

export function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** Owners by update that are kept apart; older ones are put together. */
const maxUpdaters = 10

/** Puts the oldest owners by update into one per version, `ancient-changes`, until there are no more than ten. */
export function capUpdaters(owners: Owners): Owners {
  const updaters = [...owners].filter(([, owner]) => owner.operation === 'Update')
  if (updaters.length <= maxUpdaters) return owners
  updaters.sort(([id, owner], [otherId, other]) => seconds(owner.time) - seconds(other.time) || order(id, otherId))
  const capped = new Map(owners)
  const firstOf = new Map<string, string>()
  let left = updaters.length
  for (const [id, owner] of updaters) {
    if (left <= maxUpdaters) break
    const first = firstOf.get(owner.apiVersion)
    if (first === undefined) {
      firstOf.set(owner.apiVersion, id)
      continue
    }
    const bucket: Owner = { ...owner, manager: 'ancient-changes', subresource: '' }
    const bucketId = ownerId(bucket)
    const gathered = capped.get(bucketId) ?? capped.get(first)
    if (!capped.has(bucketId)) capped.delete(first)
    capped.set(bucketId, { ...bucket, fields: owner.fields.union(gathered?.fields ?? new FieldSet()) })
    capped.delete(id)
    left--
  }
  return capped
}
