import { badRequest, expired, tooLargeResourceVersion } from '../objects/status-error.ts'
import type { ApiObject } from '../objects/types.ts'
import { decodeContinue, encodeContinue } from './continue.ts'
import { isSelected, type Selection } from './event.ts'
import type { History } from './history.ts'
import { keyOf, rangeOf } from './key.ts'
import type { SortedKeys } from './sorted-keys.ts'
import { parseVersion, wrongVersion } from './version.ts'

export interface ListOptions extends Selection {
  readonly resourceVersion?: string | undefined
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan' | undefined
  /** At most so many objects; 0 and nothing: all. */
  readonly limit?: number | undefined
  readonly continue?: string | undefined
}

export interface ListResult {
  readonly items: readonly ApiObject[]
  readonly resourceVersion: string
  /** With which to ask for the rest. */
  readonly continue?: string
  /** How many the rest are; said only where nothing is selected by labels or fields. */
  readonly remainingItemCount?: number
}

/** What a list reads. */
export interface Contents {
  readonly objects: ReadonlyMap<string, ApiObject>
  readonly keys: SortedKeys
  readonly history: History
  /** The store's version now. */
  readonly version: number
  readonly namespaced: boolean
}

const TOO_OLD = 'The resourceVersion for the provided list is too old.'
const TOO_OLD_TO_CONTINUE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, ' +
  'or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an ' +
  'inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

/** Seconds after which a client that knows a version from the future may ask again: the watch cache's. */
const RETRY_AFTER = 1

/**
 * The objects of a collection at one version, by key, in parts if asked. Versions mean what they mean in Kubernetes 1.34: unset is the
 * newest, `0` any (here the newest, and all at once), another one at least as new, or exactly it with `Exact` or a limit.
 * Throws 410 for versions that are no longer kept, 504 for those that have not been, 400 for what is neither.
 */
export function list(contents: Contents, options: ListOptions): ListResult {
  const { exact, start } = place(contents, options)
  const limit = options.resourceVersion === '0' ? 0 : (options.limit ?? 0)
  const single = singleKey(contents, options)
  if (single !== undefined) {
    const object = objectAt(contents, single, exact)
    const items = object !== undefined && isSelected(options, object) ? [object] : []
    return { items, resourceVersion: String(exact ?? contents.version) }
  }
  const source =
    exact === undefined || exact === contents.version
      ? newest(contents, options, start)
      : past(contents, options, start, exact)
  return part(source, options, limit, exact ?? contents.version)
}

/** Which version exactly, if one, and from which key. */
function place(contents: Contents, options: ListOptions): { exact: number | undefined; start: string } {
  const { from } = rangeOf(options.namespace)
  if (options.continue !== undefined && options.continue !== '') {
    const token = decodeContinue(options.continue)
    if (options.resourceVersion !== undefined && options.resourceVersion !== '' && options.resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue')
    }
    const start = from + (token.start.startsWith('/') ? token.start.slice(1) : token.start)
    if (token.version < 0) return { exact: undefined, start }
    if (token.version < contents.history.compacted) {
      throw expired(TOO_OLD_TO_CONTINUE, encodeContinue({ version: -1, start: token.start }))
    }
    mustExist(contents, token.version)
    return { exact: token.version, start }
  }
  const version = parseVersion(options.resourceVersion)
  if (typeof version !== 'number') {
    throw badRequest(`invalid resource version: ${wrongVersion(options.resourceVersion, version.wrong)}`)
  }
  mustExist(contents, version)
  const asExact = options.resourceVersionMatch === undefined && (options.limit ?? 0) > 0
  if (version === 0 || !(options.resourceVersionMatch === 'Exact' || asExact)) return { exact: undefined, start: from }
  if (version < contents.history.compacted) throw expired(TOO_OLD)
  return { exact: version, start: from }
}

function mustExist(contents: Contents, version: number): void {
  if (version > contents.version) throw tooLargeResourceVersion(version, contents.version, RETRY_AFTER)
}

/** Where the name says it all, nothing needs to be searched. */
function singleKey(contents: Contents, { namespace, name }: ListOptions): string | undefined {
  if (name === undefined) return undefined
  if (!contents.namespaced) return name
  return namespace === undefined || namespace === '' ? undefined : keyOf(namespace, name)
}

function objectAt(contents: Contents, key: string, exact: number | undefined): ApiObject | undefined {
  if (exact === undefined || exact === contents.version) return contents.objects.get(key)
  const changed = contents.history.changedSince(exact)
  return changed.has(key) ? changed.get(key) : contents.objects.get(key)
}

/** A row of objects by key that knows how long it is. */
interface Row {
  readonly length: number
  at(index: number): ApiObject
}

function newest({ objects, keys }: Contents, { namespace }: ListOptions, start: string): Row {
  const { to } = rangeOf(namespace)
  const first = keys.from(start)
  const end = to === undefined ? keys.size : keys.from(to)
  return {
    length: Math.max(0, end - first),
    at: (index) => objects.get(keys.at(first + index) as string) as ApiObject,
  }
}

/** The row as it was: today's, with what has changed since put back. */
function past(contents: Contents, options: ListOptions, start: string, version: number): Row {
  const { objects, keys, history } = contents
  const { to } = rangeOf(options.namespace)
  const changed = history.changedSince(version)
  const row: { key: string; object: ApiObject }[] = []
  const end = to === undefined ? keys.size : keys.from(to)
  for (let index = keys.from(start); index < end; index++) {
    const key = keys.at(index) as string
    if (!changed.has(key)) row.push({ key, object: objects.get(key) as ApiObject })
  }
  for (const [key, object] of changed) {
    if (object !== undefined && key >= start && (to === undefined || key < to)) row.push({ key, object })
  }
  if (changed.size > 0) row.sort((a, b) => (a.key < b.key ? -1 : 1))
  return { length: row.length, at: (index) => (row[index] as { object: ApiObject }).object }
}

function part(row: Row, options: ListOptions, limit: number, version: number): ListResult {
  const everything = options.name === undefined && options.selects === undefined
  const items: ApiObject[] = []
  const resourceVersion = String(version)
  for (let index = 0; index < row.length; index++) {
    const object = row.at(index)
    if (everything || isSelected(options, object)) items.push(object)
    if (limit > 0 && items.length >= limit && index < row.length - 1) {
      return {
        items,
        resourceVersion,
        continue: encodeContinue({ version, start: `${relativeKey(options.namespace, object)}\0` }),
        ...(everything ? { remainingItemCount: row.length - limit } : {}),
      }
    }
  }
  return { items, resourceVersion }
}

function relativeKey(namespace: string | undefined, object: ApiObject): string {
  const { metadata } = object
  return namespace === undefined || namespace === '' ? keyOf(metadata.namespace, metadata.name) : metadata.name
}
