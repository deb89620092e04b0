/**
 * What the engine answers otherwise than a real cluster, and why. Everything else must be equal; an entry that excuses nothing
 * fails the comparison.
 */

export interface Difference {
  /** `<theme>: <command>`, or the name of an object's case; a trailing `*` stands for any rest. */
  readonly where: string
  /** A sentence for who relies on the engine. */
  readonly reason: string
  /** Only lines that match, on either side, may differ; without it the whole outcome may. */
  readonly lines?: RegExp
}

/** Lines of `kubectl explain` that hold a description: indented, and no field with its type. */
const DESCRIPTION = /^(?: {4}(?!.*\\t<).*)?$/

export const differences: readonly Difference[] = [
  {
    where: 'asking: kubectl version -o json',
    reason: 'The engine is not built from a commit by a Go compiler for a platform, and does not say that it is.',
    lines: /"(?:gitCommit|gitTreeState|buildDate|goVersion|compiler|platform)\\": /,
  },
  {
    where: 'asking: kubectl explain *',
    reason: 'Descriptions are the engine’s own words; groups, kinds, fields, types and enumerations are compared.',
    lines: DESCRIPTION,
  },
  {
    where: 'asking: kubectl explain configmap.immutable --output=plaintext-openapiv2',
    reason: 'OpenAPI v2 is served without definitions: kubectl reads it in this deprecated form of output only.',
  },
  {
    where: 'wire: 4. GET /',
    reason: 'Checks of health have no paths for parts that the engine does not have, such as etcd or start-up hooks.',
    lines: /"\/(?:healthz|livez|readyz|metrics)\//,
  },
  {
    where: 'wire: *',
    reason: 'Columns of tables are described in the engine’s own words, which kubectl does not show.',
    lines: /"description": |^$|^Populated by the system/,
  },
  {
    where: 'CSINode: no drivers',
    reason: 'An empty list where there may be none is none at once; upstream still notes its sender as its owner.',
  },
  {
    where: 'EndpointSlice: nothing in it',
    reason: 'An empty list where there may be none is none at once; upstream still notes its sender as its owner.',
  },
]
