import { parsePointer } from '../objects/paths.ts'
import type { ManagedFieldsEntry } from '../objects/types.ts'
import { FieldSet } from './field-set.ts'
import type { FieldsPool } from './fields-pool.ts'
import { type Owner, OwnersCodec } from './owners.ts'
import { fieldElement } from './path-element.ts'

const scaleVersion = 'autoscaling/v1'
const replicas = [fieldElement('spec'), fieldElement('replicas')]

/**
 * Who owns `replicas`, seen through the `scale` subresource and back: a scale has owners of its own form (managedfields' `ScaleHandler`, 1.34).
 * `pathOf` says where a version of the object keeps its replicas, as a pointer; undefined for versions that are not known.
 */
export class ScaleOwners {
  private readonly codec: OwnersCodec
  private readonly apiVersion: string
  private readonly pathOf: (apiVersion: string) => string | undefined

  constructor(apiVersion: string, pathOf: (apiVersion: string) => string | undefined, pool: FieldsPool) {
    this.codec = new OwnersCodec(pool)
    this.apiVersion = apiVersion
    this.pathOf = pathOf
  }

  private elements(apiVersion: string): string[] | undefined {
    const pointer = this.pathOf(apiVersion)
    return pointer === undefined ? undefined : parsePointer(pointer)?.map(fieldElement)
  }

  /** The entries that a scale shows: those of owners of the replicas. */
  toScale(entries: readonly ManagedFieldsEntry[] | undefined): ManagedFieldsEntry[] | undefined {
    const shown = new Map<string, Owner>()
    for (const [id, owner] of this.codec.decode(entries)) {
      const path = this.elements(owner.apiVersion)
      if (path === undefined || !owner.fields.has(path)) continue
      shown.set(id, { ...owner, apiVersion: scaleVersion, fields: FieldSet.of(replicas) })
    }
    return this.codec.encode(shown)
  }

  /** The object's entries after a write through scale that left the scale's as given. */
  toObject(
    entries: readonly ManagedFieldsEntry[] | undefined,
    ofScale: readonly ManagedFieldsEntry[] | undefined,
  ): ManagedFieldsEntry[] | undefined {
    const scale = this.codec.decode(ofScale)
    const kept = new Map<string, Owner>()
    for (const [id, owner] of this.codec.decode(entries)) {
      const path = this.elements(owner.apiVersion)
      if (path === undefined) continue
      const scaleId = [...scale].find(([, one]) => isSame(one, owner))?.[0]
      if (!owner.fields.has(path)) kept.set(id, owner)
      else if (scaleId !== undefined) {
        kept.set(id, owner)
        scale.delete(scaleId)
      } else {
        const fields = owner.fields.difference(FieldSet.of(path))
        if (!fields.isEmpty()) kept.set(id, { ...owner, fields })
      }
    }
    const path = this.elements(this.apiVersion)
    for (const [id, owner] of scale) {
      if (path === undefined || !owner.fields.has(replicas)) continue
      // Upstream forgets when it was
      kept.set(`scale ${id}`, { ...owner, time: undefined, apiVersion: this.apiVersion, fields: FieldSet.of(path) })
    }
    return this.codec.encode(kept)
  }
}

function isSame(one: Owner, other: Owner): boolean {
  return one.manager === other.manager && one.operation === other.operation && one.subresource === other.subresource
}
