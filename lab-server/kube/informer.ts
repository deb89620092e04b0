import { type Clock, sleep } from '../clock.ts'
import { KubeError, type KubeObject, type ObjectQuery, type WatchEvent } from './connection.ts'
import type { Discovery } from './discovery.ts'
import { collectionPath, frozen, objectKey, parseStatus, refusal, selectors } from './paths.ts'
import type { Transport } from './transport.ts'

/** How long the API server is asked to keep a watch open, in seconds: less than the 5 minutes many proxies allow. */
const WATCH_SECONDS = 290
/** The API server sends a bookmark each minute; a connection silent for longer than this, in ms, is taken for dead. */
const SILENCE = 90_000
/** Waits between attempts, in ms: doubled from the first to the last. */
const FIRST_WAIT = 250
const LAST_WAIT = 10_000
/** A watch that ends sooner than this, in ms, is not opened again without a wait. */
const SHORTEST_WATCH = 1000
/** How soon a kind that the cluster does not know is asked for again, in ms: a reader who defines it looks for an answer. */
const UNKNOWN_KIND_WAIT = 1000

export interface Informer {
  readonly objects: readonly KubeObject[]
  readonly synced: Promise<void>
  readonly isSynced: boolean
  readonly kindKnown: boolean
  readonly known: Promise<void>
  close(): void
}

interface WatchLine {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: KubeObject
}

/** The version is too old (410): list again. */
class Expired extends Error {}

/**
 * List, then watch, for ever: a reflector with its store in client-go's words. A list after the first is compared with what is
 * known and told as events.
 */
export function startInformer(
  query: ObjectQuery,
  { transport, discovery, clock }: { transport: Transport; discovery: Discovery; clock: Clock },
  onEvent: (event: WatchEvent) => void,
): Informer {
  const store = new Map<string, KubeObject>()
  let objects: readonly KubeObject[] | undefined
  const stopped = new AbortController()
  const { signal } = stopped
  const synced = Promise.withResolvers<void>()
  // Whoever waits for it is told; nobody need wait
  synced.promise.catch(() => {})
  let isSynced = false
  let kindKnown = true
  const known = Promise.withResolvers<void>()

  const settle = () => {
    isSynced = true
    synced.resolve()
  }

  function put(object: KubeObject) {
    const key = objectKey(object)
    const old = store.get(key)
    if (old && old.metadata.uid !== object.metadata.uid) remove(old)
    else if (old && old.metadata.resourceVersion === object.metadata.resourceVersion) return
    store.set(key, frozen(object))
    objects = undefined
    if (old && old.metadata.uid === object.metadata.uid) onEvent({ type: 'MODIFIED', object, old })
    else onEvent({ type: 'ADDED', object })
  }

  function remove(object: KubeObject) {
    const key = objectKey(object)
    const old = store.get(key)
    if (!old) return
    store.delete(key)
    objects = undefined
    onEvent({ type: 'DELETED', object: frozen(object), old })
  }

  function replace(list: KubeObject[]) {
    const there = new Set(list.map(objectKey))
    for (const [key, old] of [...store]) if (!there.has(key)) remove(old)
    for (const object of list) put(object)
  }

  async function path(extra: Record<string, string>): Promise<string> {
    const resource = await discovery.resource(query.apiVersion, query.kind, signal)
    const parameters = selectors(query)
    for (const [key, value] of Object.entries(extra)) parameters.set(key, value)
    return `${collectionPath(query.apiVersion, resource, query.namespace)}?${parameters}`
  }

  async function list(): Promise<string> {
    const answer = await transport.request({ method: 'GET', path: await path({}), signal })
    if (answer.status !== 200) throw refusal(answer)
    const body = JSON.parse(answer.body) as { metadata: { resourceVersion: string }; items: KubeObject[] }
    replace(body.items.map((item) => ({ ...item, apiVersion: query.apiVersion, kind: query.kind })))
    return body.metadata.resourceVersion
  }

  /** Resolves with the version reached when the server ends the watch in good order. */
  async function watch(from: string, reached: (version: string) => void): Promise<void> {
    const target = await path({
      watch: 'true',
      resourceVersion: from,
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(WATCH_SECONDS),
    })
    let failed: Error | undefined
    const onLine = (line: string) => {
      if (signal.aborted || failed) return
      const { type, object } = JSON.parse(line) as WatchLine
      if (type === 'ERROR') {
        const status = parseStatus(JSON.stringify(object))
        failed =
          status?.code === 410 || status?.reason === 'Expired'
            ? new Expired()
            : new Error(status?.message ?? 'watch error')
        return
      }
      reached(object.metadata.resourceVersion ?? from)
      if (type === 'DELETED') remove(object)
      else if (type !== 'BOOKMARK') put(object)
    }
    const answer = await transport.lines(target, onLine, { signal, idle: SILENCE })
    if (failed) throw failed
    if (answer.status === 410) throw new Expired()
    if (answer.status !== 200) throw refusal(answer)
  }

  async function run(): Promise<void> {
    let version: string | undefined
    let wait = FIRST_WAIT
    while (!signal.aborted) {
      try {
        if (version === undefined) {
          version = await list()
          kindKnown = true
          known.resolve()
          settle()
        }
        const opened = clock.now()
        await watch(version, (reached) => {
          version = reached
          wait = FIRST_WAIT
        })
        if (clock.now() - opened < SHORTEST_WATCH) throw new Error('the watch ended at once')
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof Expired) version = undefined
        if (error instanceof KubeError) {
          if ((error.status === 403 || error.status === 401) && !isSynced) {
            synced.reject(error)
            return
          }
          version = undefined
          if (error.status === 404) {
            discovery.forget(query.apiVersion)
            kindKnown = false
            replace([])
            settle()
            wait = UNKNOWN_KIND_WAIT
          }
        }
        await sleep(clock, wait, signal).catch(() => {})
        wait = Math.min(wait * 2, LAST_WAIT)
      }
    }
  }

  void run()
  return {
    get objects() {
      objects ??= Object.freeze([...store.values()])
      return objects
    },
    synced: synced.promise,
    get isSynced() {
      return isSynced
    },
    get kindKnown() {
      return kindKnown
    },
    known: known.promise,
    close() {
      stopped.abort()
      synced.reject(new Error('the watch was closed'))
    },
  }
}
