import type { GroupVersionKind } from '../kinds/resource.ts'
import type { Json, NewObject } from '../objects/types.ts'

/** The query parameter `fieldValidation`: what becomes of unknown and of duplicate fields. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

/** The patches whose bodies are JSON; apply has a method of its own. */
export type PatchType = 'json-patch' | 'merge-patch' | 'strategic-merge-patch'

export interface BodyRequest {
  /** The header, parameters and all; empty if there is none: JSON is taken for granted then. */
  readonly contentType: string
  readonly body: Uint8Array
  /** What the door takes: stands in for what the body does not say. */
  readonly expected: GroupVersionKind
  readonly fieldValidation: FieldValidation
  /**
   * Versions besides that of `expected` in which the door takes the kind: a door that takes `policy/v1` Evictions takes `v1beta1` too. Any other one is refused
   * ("the API version in the data (…) does not match the expected API version (…)").
   */
  readonly alsoVersions?: readonly Pick<GroupVersionKind, 'group' | 'version'>[]
}

export interface Decoded {
  /** Canonical JSON of the kind in `gvk`, apiVersion and kind filled in. Fresh, but empty structs in it may be frozen ones that are shared. */
  readonly object: NewObject
  readonly gvk: GroupVersionKind
  /** Texts of `Warning` headers, in order. */
  readonly warnings: readonly string[]
}

/** What stands in for canonicalisation where a kind is a custom one: `CustomResource.decode` with the version given. */
export type CustomDecode = (body: NewObject) => { readonly object: NewObject; readonly strictErrors: readonly string[] }

export interface PatchDocument {
  readonly type: PatchType
  readonly value: Json
  /** Duplicate fields, and in JSON patches unknown ones; told by `fromPatched`, when the patch has been applied. */
  readonly strictErrors: readonly string[]
}

export interface PatchedRequest {
  readonly patch: PatchDocument
  /** The object with the patch applied. */
  readonly value: Json
  readonly expected: GroupVersionKind
  readonly fieldValidation: FieldValidation
}

export interface ApplyDocument {
  /** As sent; what is unknown is apply's to tell. */
  readonly value: NewObject
  /** To be thrown or warned about once the apply itself has succeeded: see `applied`. */
  readonly strictError: string | undefined
}

/** Bodies of requests → objects. All methods throw StatusError, with the API server's sentences (1.34), and nothing else. */
export interface Decoder {
  /** The body of a create or an update of a built-in kind: JSON, YAML or protobuf. */
  decode(request: BodyRequest): Decoded
  /** The same for custom kinds: JSON or YAML. */
  decodeCustom(request: BodyRequest, custom: CustomDecode): Decoded
  /** The body of a DELETE, of any group's DeleteOptions; undefined if it is empty. Without apiVersion and kind. */
  deleteOptions(request: Pick<BodyRequest, 'contentType' | 'body'>): Readonly<Record<string, Json>> | undefined
  /** The body of a PATCH, before it is applied. */
  patch(type: PatchType, body: Uint8Array, fieldValidation: FieldValidation): PatchDocument
  /** What a patch has made of a built-in kind's object: canonical, or refused as upstream refuses it (422 for `patch`). */
  fromPatched(request: PatchedRequest): Decoded
  fromPatchedCustom(request: PatchedRequest, custom: CustomDecode): Decoded
  /** The body of a server-side apply: YAML or JSON. */
  apply(body: Uint8Array, fieldValidation: FieldValidation): ApplyDocument
  /** Canonical JSON of what apply has made; call with the document after the apply: its strict error is thrown or warned about here. */
  applied(document: ApplyDocument, value: Json, expected: GroupVersionKind, fieldValidation: FieldValidation): Decoded
  /** Canonical JSON of an object that came by no request: seeds, snapshots, in-process clients. Unknown fields are dropped. */
  canonical(value: Json, gvk: GroupVersionKind): NewObject
}
