/** Any API object, as JSON, deeply frozen once stored. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export interface ApiObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly [field: string]: unknown
}

/** apimachinery's `ObjectMeta` (meta/v1). Times are RFC 3339 to the second. */
export interface ObjectMeta {
  readonly name: string
  readonly generateName?: string
  readonly namespace?: string
  readonly uid: string
  /** The store's integer, as a string; opaque to clients. */
  readonly resourceVersion: string
  readonly generation?: number
  readonly creationTimestamp: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
  readonly finalizers?: readonly string[]
  readonly managedFields?: readonly ManagedFieldsEntry[]
}

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

export interface ManagedFieldsEntry {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly time?: string
  readonly fieldsType: 'FieldsV1'
  readonly fieldsV1: Json
  readonly subresource?: string
}

/** An object as a client sends it, before the server has given it what only the server gives. */
export interface NewObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Partial<ObjectMeta>
  readonly [field: string]: unknown
}

export interface GroupResource {
  /** Empty for the core group. */
  readonly group: string
  /** Plural and lower case: `pods`. */
  readonly resource: string
}

export interface GroupKind {
  readonly group: string
  readonly kind: string
}

/** What patch and apply ask of a schema. */
export interface TypeSchema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'any'
  /** The named property, else the additional properties. */
  field(name: string): TypeSchema | undefined
  /** The named ones among the fields, where the type lists them: the rest are entries of a map. */
  readonly properties?: ReadonlyMap<string, TypeSchema>
  /** Named fields that upstream's type always writes. */
  readonly required?: readonly string[]
  /** OpenAPI's, where it has one: `int-or-string`, `date-time`. */
  readonly format?: string
  /** OpenAPI's default: `{}` stands on structs that are never absent, a value on keys such as a port's protocol. */
  readonly default?: Json
  readonly items?: TypeSchema
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
  readonly mapType?: 'atomic' | 'granular'
  readonly patchStrategy?: readonly ('merge' | 'replace' | 'retainKeys')[]
  readonly patchMergeKey?: string
  readonly preserveUnknown?: boolean
}
