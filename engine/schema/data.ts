import type { CompactSchema } from './compact.ts'
import { groupVersionFiles, sharedFile } from './data/index.ts'

/** apidiscovery/v2's shapes, as the API server writes them. */
export interface DiscoveryGroup {
  /** Without a name: the core group. */
  readonly metadata: { readonly name?: string }
  readonly versions: readonly {
    readonly version: string
    readonly resources: readonly DiscoveryResource[]
    readonly freshness: string
  }[]
}

export interface DiscoveryResource {
  readonly resource: string
  /** Group and version are empty where they are those of the document. */
  readonly responseKind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly scope: string
  readonly singularResource: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly subresources?: readonly DiscoverySubresource[]
  /** Only the plain lists show it. */
  readonly storageVersionHash?: string
}

export interface DiscoverySubresource {
  readonly subresource: string
  readonly responseKind: { readonly group: string; readonly version: string; readonly kind: string }
  readonly acceptedTypes?: readonly { readonly group: string; readonly version: string; readonly kind: string }[]
  readonly verbs: readonly string[]
}

export interface GroupVersionData {
  readonly group: string
  readonly version: string
  readonly resources: readonly DiscoveryResource[]
  readonly definitions: Readonly<Record<string, CompactSchema>>
}

export interface VersionInfo {
  readonly major: string
  readonly minor: string
  readonly gitVersion: string
}

interface SharedData {
  readonly version: VersionInfo
  readonly definitions: Readonly<Record<string, CompactSchema>>
}

/** What was recorded, in the order of the cluster's discovery: the core group first. */
export const groupVersions = groupVersionFiles as readonly GroupVersionData[]
export const recordedVersion = (sharedFile as SharedData).version

/** Every definition by its short name, such as `core.v1.Pod`. */
export const definitions: ReadonlyMap<string, CompactSchema> = new Map(
  [...groupVersions, sharedFile as SharedData].flatMap((file) => Object.entries(file.definitions)),
)
