import type { UserInfo } from '../auth/user.ts'
import type { GroupVersionKind } from '../kinds/resource.ts'
import type { Json, NewObject, TypeSchema } from '../objects/types.ts'

/** What a create of a virtual object knows besides the object. */
export interface VirtualContext {
  readonly user: UserInfo
  /** Of the path; empty where there is none. */
  readonly namespace: string
  readonly dryRun: boolean
}

/** A resource that is only asked, never kept: SubjectAccessReview, TokenReview and their like. */
export interface VirtualResource {
  readonly gvk: GroupVersionKind
  /** Plural and lower case. */
  readonly resource: string
  readonly namespaced: boolean
  readonly schema: TypeSchema
  /** The object with its answer. Gets the canonical JSON of its type; throws a StatusError to refuse it. */
  create(object: NewObject, context: VirtualContext): Promise<VirtualObject> | VirtualObject
}

/** What comes back: an object whose metadata may be empty. */
export type VirtualObject = Readonly<Record<string, Json | unknown>>
