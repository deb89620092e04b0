import type { FieldManager } from '../apply/field-manager.ts'
import type { UserInfo } from '../auth/user.ts'
import type { Clock } from '../clock/clock.ts'
import type { Ids } from '../clock/ids.ts'
import type { GroupVersionKind } from '../kinds/resource.ts'
import type { ApiObject, GroupResource, NewObject } from '../objects/types.ts'
import type { Registry } from '../storage/registry.ts'
import type { Store } from '../storage/store.ts'

/** What code inside the server works on: without HTTP, identity, admission or conversion. */
export interface Backend {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  /** The writer of a resource in its stored version; undefined if the resource is not served. */
  registry(resource: GroupResource): Registry | undefined
  /** How a part of a resource's objects is written in the stored version, `''` being the object itself; undefined if it is not served. */
  door(resource: GroupResource, subresource: string): BackendDoor | undefined
  /** A create that admission and quotas see, as if it had come over the wire. Throws what such a request would be answered with. */
  submit(submission: Submission): ApiObject
}

/** What one of the cluster's own components creates in its own name. */
export interface Submission {
  readonly resource: GroupResource
  /** Of the stored version; its defaults may be missing. */
  readonly object: NewObject
  /** None for what is in none. */
  readonly namespace?: string | undefined
  readonly user: UserInfo
  /** Who it is in `managedFields`. */
  readonly manager: string
}

/** One way to write objects of a resource. */
export interface BackendDoor {
  /** Writes by the rules of this door. */
  readonly registry: Registry
  /** Knows who owns what after a write; without it nobody owns anything. */
  readonly manager?: FieldManager
}

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

/** A write on its way in: apiserver's `admission.Attributes` (1.34). */
export interface AdmissionAttributes {
  readonly operation: AdmissionOperation
  readonly resource: GroupResource
  /** The kind of the object and the version that the request speaks. */
  readonly kind: GroupVersionKind
  /** Empty for the object itself. */
  readonly subresource: string
  /** Empty for what has none. */
  readonly namespace: string
  /** Empty while a generateName is not filled in. */
  readonly name: string
  /** In the stored version; absent on DELETE. */
  readonly object?: NewObject
  readonly oldObject?: ApiObject
  /** CreateOptions, UpdateOptions, PatchOptions as such or DeleteOptions, as sent. */
  readonly options: Readonly<Record<string, unknown>>
  readonly user: UserInfo
  readonly dryRun: boolean
  /** Adds a `Warning` header to the answer. */
  warn(text: string): void
}

/** Looks at writes and changes or refuses them, by throwing a StatusError. In upstream's order, changes come before checks. */
export interface AdmissionPlugin {
  readonly name: string
  /** The object with what the plugin adds; the same one if that is nothing. Before defaulting of what it adds is repeated and before validation. */
  mutate?(attributes: AdmissionAttributes, backend: Backend): NewObject
  /** After validation, before the write; must not write except to what only it keeps (a quota's usage). */
  validate?(attributes: AdmissionAttributes, backend: Backend): void
}
