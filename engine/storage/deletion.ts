import { type FieldError, invalidValue, notSupported } from '../objects/field-error.ts'
import { invalid } from '../objects/status-error.ts'
import { formatTime, parseTime } from '../objects/time.ts'
import type { ApiObject } from '../objects/types.ts'
import { withMetadata } from './metadata.ts'
import type { Preconditions } from './preconditions.ts'
import type { Strategy } from './strategy.ts'

/** meta/v1 `DeleteOptions`. */
export interface DeleteOptions {
  readonly preconditions?: Preconditions
  readonly gracePeriodSeconds?: number | undefined
  readonly propagationPolicy?: string | undefined
  /** The old way to say Orphan. */
  readonly orphanDependents?: boolean | undefined
  readonly dryRun?: boolean
  /** Admission; throws to refuse. */
  readonly admit?: (existing: ApiObject) => void
}

/** The garbage collector's finalizers. */
export const ORPHAN = 'orphan'
export const FOREGROUND = 'foregroundDeletion'

const POLICIES = ['Foreground', 'Background', 'Orphan', 'nil']

/** Throws 422 for options that contradict themselves. */
export function validateDeleteOptions(options: DeleteOptions): void {
  const { propagationPolicy: policy } = options
  const errors: FieldError[] = []
  if (options.orphanDependents !== undefined && policy !== undefined) {
    errors.push(
      invalidValue('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'),
    )
  }
  if (policy !== undefined && !POLICIES.slice(0, 3).includes(policy)) {
    errors.push(notSupported('propagationPolicy', policy, POLICIES))
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
}

export type Grace =
  /** It ends as one with grace does: the object says until when. */
  | { readonly state: 'graceful'; readonly object: ApiObject; readonly seconds: number }
  /** It is ending already, and no sooner than asked. */
  | { readonly state: 'pending' }
  /** It knows no grace, or its time is over. */
  | { readonly state: 'none' }

/** How a deletion treats an object that may need time to end: `rest.BeforeDelete` (1.34). `now` in ms since 1970. */
export function beginGrace(strategy: Strategy, object: ApiObject, requested: number | undefined, now: number): Grace {
  if (strategy.gracePeriod === undefined) return { state: 'none' }
  const asked = requested !== undefined && requested < 0 ? 1 : requested
  const { deletionTimestamp, generation } = object.metadata
  if (deletionTimestamp !== undefined) return shortenGrace(object, deletionTimestamp, asked, now)
  const seconds = strategy.gracePeriod(object, asked)
  if (seconds === undefined) return { state: 'none' }
  const ending = withMetadata(object, {
    deletionTimestamp: formatTime(now + seconds * 1000),
    deletionGracePeriodSeconds: seconds,
    generation: generation === undefined || generation === 0 ? generation : generation + 1,
  })
  return { state: 'graceful', object: ending, seconds }
}

/** Time to end, once given, can only become less. */
function shortenGrace(object: ApiObject, until: string, asked: number | undefined, now: number): Grace {
  const given = object.metadata.deletionGracePeriodSeconds ?? 0
  if (given === 0) return { state: 'none' }
  if (asked === undefined || asked >= given) return { state: 'pending' }
  const wanted = (parseTime(until) ?? now) + (asked - given) * 1000
  const past = wanted < now
  const seconds = past && asked !== 0 ? 1 : asked
  const ending = withMetadata(object, {
    deletionTimestamp: formatTime(past ? now : wanted),
    deletionGracePeriodSeconds: seconds,
  })
  return { state: 'graceful', object: ending, seconds }
}

/** The finalizers with the garbage collector's own added or taken away, as asked; the same list if nothing changes. */
export function collectorFinalizers(
  strategy: Strategy,
  object: ApiObject,
  options: DeleteOptions,
): readonly string[] | undefined {
  const { finalizers = [] } = object.metadata
  const kept = finalizers.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND)
  if (orphans(strategy, finalizers, options)) kept.push(ORPHAN)
  if (waitsForDependents(strategy, finalizers, options)) kept.push(FOREGROUND)
  const same = kept.length === finalizers.length && kept.every((finalizer) => finalizers.includes(finalizer))
  return same ? object.metadata.finalizers : kept
}

function orphans(strategy: Strategy, finalizers: readonly string[], options: DeleteOptions): boolean {
  if (strategy.garbageCollection === 'unsupported') return false
  if (options.orphanDependents !== undefined) return options.orphanDependents
  if (options.propagationPolicy !== undefined) return options.propagationPolicy === 'Orphan'
  const own = finalizers.find((finalizer) => finalizer === ORPHAN || finalizer === FOREGROUND)
  return own === undefined ? strategy.garbageCollection === 'orphan' : own === ORPHAN
}

function waitsForDependents(strategy: Strategy, finalizers: readonly string[], options: DeleteOptions): boolean {
  if (strategy.garbageCollection === 'unsupported' || options.orphanDependents !== undefined) return false
  if (options.propagationPolicy !== undefined) return options.propagationPolicy === 'Foreground'
  return finalizers.find((finalizer) => finalizer === ORPHAN || finalizer === FOREGROUND) === FOREGROUND
}

/** An object without grace that waits for its finalizers: deleted as of now. */
export function markAsDeleting(object: ApiObject, now: number): ApiObject {
  const { deletionTimestamp, generation } = object.metadata
  const until = deletionTimestamp === undefined ? undefined : parseTime(deletionTimestamp)
  return withMetadata(object, {
    generation:
      deletionTimestamp === undefined && generation !== undefined && generation > 0 ? generation + 1 : generation,
    deletionTimestamp: until === undefined || until > now ? formatTime(now) : deletionTimestamp,
    deletionGracePeriodSeconds: 0,
  })
}

/** Whether an update is the end of an object: it is being deleted, its time is over, and nobody holds it any more. */
export function endsWith(object: ApiObject, old: ApiObject): boolean {
  if ((object.metadata.finalizers?.length ?? 0) > 0 || old.metadata.deletionTimestamp === undefined) return false
  return (old.metadata.deletionGracePeriodSeconds ?? 0) === 0
}
