import type { FieldError } from '../objects/field-error.ts'
import type { ApiObject } from '../objects/types.ts'

/** What is particular to a kind when it is written: apiserver's REST strategies. All functions are pure; objects are never changed in place. */
export interface Strategy {
  readonly kind: string
  /** Where the objects lie in a real cluster's etcd, for messages that name it; `/registry/<resource>` if not said. */
  readonly prefix?: string
  /** Whether an update of what is not there creates it. */
  readonly createOnUpdate?: boolean
  /** Whether an update may come without a resource version; it may if not said. */
  readonly unconditionalUpdate?: boolean
  /** Resets what clients may not set, and sets the first generation where there is one. */
  prepareForCreate?(object: ApiObject): ApiObject
  validate?(object: ApiObject): readonly FieldError[]
  /** Puts back what clients may not change. */
  prepareForUpdate?(object: ApiObject, old: ApiObject): ApiObject
  validateUpdate?(object: ApiObject, old: ApiObject): readonly FieldError[]
  /** The form in which it is stored, once it is known to be valid. */
  canonicalize?(object: ApiObject): ApiObject
  /** Whether a change is one that controllers must act on: the generation goes up by one. Without it a kind has no generation. */
  changesGeneration?(object: ApiObject, old: ApiObject): boolean
  /** Seconds that an object is given to end; undefined if it is removed at once. Without it a kind knows no grace. */
  gracePeriod?(object: ApiObject, requested: number | undefined): number | undefined
  /** What becomes of dependents if a deletion does not say. `unsupported`: finalizers of the garbage collector are never set. */
  readonly garbageCollection?: 'background' | 'orphan' | 'unsupported'
  /**
   * A kind that ends in two steps: what the first deletion makes of an object, besides saying when; only a later one removes it. Without it a
   * kind's objects are removed as soon as nothing holds them.
   */
  terminate?(object: ApiObject): ApiObject
  /** Holds back the removal of an object that is being deleted and has no finalizers: a Namespace's `spec.finalizers`. */
  mayRemove?(object: ApiObject, old: ApiObject): boolean
}
