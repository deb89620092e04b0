import type { FieldSet } from '../apply/field-set.ts'
import type { ApiObject, GroupResource, Json, NewObject, TypeSchema } from '../objects/types.ts'
import type { IndexFunctions } from '../storage/indexes.ts'
import type { Strategy } from '../storage/strategy.ts'

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** A column of `kubectl get`, as meta/v1 `TableColumnDefinition`. */
export interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format: '' | 'name' | 'date-time' | 'int32' | 'int64' | 'password'
  readonly description: string
  /** 0 is always shown, above 0 with `-o wide` only. */
  readonly priority: number
}

/** How objects of a kind are shown in tables: upstream's printers (`pkg/printers/internalversion`, 1.34). */
export interface Printer {
  readonly columns: readonly Column[]
  /** One cell a column, in order. `now` in ms since 1970: ages are text by the server's clock. */
  cells(object: ApiObject, now: number): readonly (string | number | boolean | null)[]
  /** meta/v1 `TableRowCondition`s: that a Pod has completed. */
  conditions?(object: ApiObject): readonly Json[]
  /** In which order tables show objects, where it is not that of their names. */
  order?(left: ApiObject, right: ApiObject): number
}

/** A version in which a resource is served. Objects are stored in one of them. */
export interface ServedVersion {
  readonly gvk: GroupVersionKind
  readonly schema: TypeSchema
  /** Fills in what is not said, as upstream's `SetDefaults_…` do. Gets an object whose types fit the schema; hands back the same one if nothing is missing. */
  default?(object: NewObject): NewObject
  /** Between this version and the stored one; absent on the stored version itself and where only `apiVersion` and `kind` differ. */
  readonly convert?: {
    toStored(object: NewObject): NewObject
    fromStored(object: ApiObject): ApiObject
  }
  readonly printer: Printer
  /** The text of the `Warning` that every request for this version is answered with: `v1 X is deprecated in v1.33+; use …`. */
  readonly deprecation?: string
  /** Fields of field selectors besides `metadata.name` and `metadata.namespace`, read from an object of this version; absent ones are ''. */
  readonly selectableFields?: Readonly<Record<string, (object: ApiObject) => string>>
  /** What the rules of a door are in this version, where they are not those of the stored one; by subresource, `''` being the object itself. */
  readonly rules?: Readonly<Record<string, Partial<Strategy>>>
}

/** What a second door to the same object may change: `status`, `approval`, `ephemeralcontainers`, `resize`, `finalize`. */
export interface UpdateSubresource {
  /** The parts of the main strategy that differ: what is put back, what is checked. `changesGeneration` is never asked. */
  readonly strategy: Pick<Strategy, 'prepareForUpdate' | 'validateUpdate'>
  readonly verbs: readonly ('get' | 'update' | 'patch')[]
  readonly warnings?: (object: ApiObject, old: ApiObject) => readonly string[]
  /** Fields that nobody comes to own through this door, in managedFields. By apiVersion. */
  readonly resetFields?: Readonly<Record<string, FieldSet>>
}

/** Where autoscaling/v1 `Scale` finds its numbers; dotted paths. */
export interface ScaleSubresource {
  readonly specReplicasPath: string
  readonly statusReplicasPath: string
  /** The object's selector as text for `Scale.status.selector`. */
  selector(object: ApiObject): string | undefined
}

/** All that the API server must know of a resource: one per resource, built-in and custom ones alike. */
export interface ResourceDefinition {
  readonly resource: GroupResource
  readonly namespaced: boolean
  /** Preferred first. */
  readonly versions: readonly ServedVersion[]
  readonly storedVersion: GroupVersionKind
  /** Over objects of the stored version. */
  readonly strategy: Strategy
  /** What a write is accepted with a warning about; over the stored version, after defaulting. */
  readonly warnings?: (object: ApiObject, old: ApiObject | undefined) => readonly string[]
  /** Fields that nobody comes to own through the main door: `status` where there is a status subresource. By apiVersion. */
  readonly resetFields?: Readonly<Record<string, FieldSet>>
  readonly subresources?: Readonly<Record<string, UpdateSubresource>>
  readonly scale?: ScaleSubresource
  readonly indexes?: IndexFunctions
  /** Milliseconds after its last write at which an object is removed: an hour for Events. */
  readonly lifetime?: number
  /** Verbs where they are not the usual eight. */
  readonly verbs?: readonly string[]
}
