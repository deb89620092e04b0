import type { PodTemplateSpec } from '../../kinds/pod/types.ts'
import { semanticallyEqual } from '../../objects/equal.ts'
import type { ApiObject } from '../../objects/types.ts'
import { DESIRED, MAX } from './sizes.ts'
import { type Deployment, oldestFirst, type ReplicaSet } from './types.ts'

export const HASH_LABEL = 'pod-template-hash'
export const REVISION = 'deployment.kubernetes.io/revision'
const HISTORY = 'deployment.kubernetes.io/revision-history'
export const ROLLBACK_TO = 'deprecated.deployment.rollback.to'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
/** Characters of past revisions that a set remembers at most. */
const LONGEST_HISTORY = 2000

type Annotations = Readonly<Record<string, string>>

/** A Deployment's own annotations, which its sets do not get. */
const OWN: ReadonlySet<string> = new Set([LAST_APPLIED, REVISION, HISTORY, DESIRED, MAX, ROLLBACK_TO])

/** The number of an object's revision: 0 without one, undefined for what is no number. */
export function revisionOf({ metadata }: Pick<ApiObject, 'metadata'>): number | undefined {
  const text = metadata.annotations?.[REVISION]
  if (text === undefined) return 0
  return /^[-+]?[0-9]+$/.test(text) ? Number(text) : undefined
}

export const latestRevision = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((latest, set) => Math.max(latest, revisionOf(set) ?? 0), 0)

/** The latest but one; 0 if there is none. */
export function previousRevision(sets: readonly ReplicaSet[]): number {
  const revisions = sets.map((set) => revisionOf(set) ?? 0).sort((left, right) => right - left)
  return revisions[1] ?? 0
}

export const byRevision = (left: ReplicaSet, right: ReplicaSet): number => {
  const [first, second] = [revisionOf(left), revisionOf(right)]
  return first === undefined || second === undefined || first === second ? oldestFirst(left, right) : first - second
}

/** The annotations of the set of a Deployment's present template: its own, those of the Deployment, and its revision with those that it had before. */
export function newSetAnnotations(deployment: Deployment, set: ReplicaSet | undefined, revision: number): Annotations {
  const before = set?.metadata.annotations ?? {}
  const annotations: Record<string, string> = { ...before }
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!OWN.has(key)) annotations[key] = value
  }
  const old = before[REVISION]
  if (old !== undefined && old !== '' && !/^[-+]?[0-9]+$/.test(old)) return annotations
  if (Number(old ?? 0) >= revision) return annotations
  annotations[REVISION] = String(revision)
  if (old !== undefined) annotations[HISTORY] = withRevision(before[HISTORY] ?? '', old)
  return annotations
}

function withRevision(history: string, revision: string): string {
  if (history === '') return revision
  const past = history.split(',')
  let length = history.length + revision.length + 1
  while (length > LONGEST_HISTORY && past.length > 0) length -= (past.shift() ?? '').length + 1
  return length <= LONGEST_HISTORY ? [...past, revision].join(',') : history
}

/** A Deployment's annotations after it was rolled back to a set: its own, and for the rest those of the set. */
export function rolledBackAnnotations(deployment: Deployment, set: ReplicaSet): Annotations {
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([key]) => OWN.has(key) && key !== ROLLBACK_TO,
  )
  const others = Object.entries(set.metadata.annotations ?? {}).filter(([key]) => !OWN.has(key))
  return Object.fromEntries([...own, ...others])
}

export function withoutHash({ metadata, ...template }: PodTemplateSpec): PodTemplateSpec {
  if (metadata?.labels?.[HASH_LABEL] === undefined)
    return { ...template, ...(metadata === undefined ? {} : { metadata }) }
  const { [HASH_LABEL]: _, ...labels } = metadata.labels
  return { ...template, metadata: { ...metadata, labels } }
}

/** Whether two templates are the same but for the label that tells their Pods apart. */
export const sameTemplate = (left: PodTemplateSpec, right: PodTemplateSpec): boolean =>
  semanticallyEqual(withoutHash(left), withoutHash(right))

/** The oldest set with the Deployment's template. */
export function newSetOf({ spec }: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return sets.toSorted(oldestFirst).find((set) => sameTemplate(set.spec.template, spec.template))
}
