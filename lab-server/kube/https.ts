import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import {
  type KubeConnection,
  KubeError,
  type KubeObject,
  type ObjectQuery,
  type ProxyResponse,
  type Watch,
  type WatchEvent,
} from './connection.ts'
import { createDiscovery } from './discovery.ts'
import { type Informer, startInformer } from './informer.ts'
import type { Credentials } from './kubeconfig.ts'
import { collectionPath, frozen, objectPath, parseStatus, queryKey, refusal, selectors } from './paths.ts'
import { createTransport, TimeoutError, type Transport } from './transport.ts'

/** A Service is given this long to answer, in ms. */
const PROXY_TIMEOUT = 10_000
/** A Service's answer is read up to this many bytes. */
const PROXY_LIMIT = 256 * 1024

interface Shared {
  informer: Informer
  listeners: Set<(event: WatchEvent) => void>
  /** Watches that are open, whether or not they listen yet. */
  watches: number
}

/** A connection to a real API server. */
export const connectHttps = (
  credentials: Credentials,
  { clock, log, transport = createTransport(credentials, clock) }: { clock: Clock; log: Logger; transport?: Transport },
): KubeConnection => connectKube(transport, { clock, log })

/** A connection over any way there is to an API server. Watches of the same query share one stream. */
export function connectKube(transport: Transport, { clock, log }: { clock: Clock; log: Logger }): KubeConnection {
  const discovery = createDiscovery(transport)
  const shared = new Map<string, Shared>()

  const tell = (listener: (event: WatchEvent) => void, event: WatchEvent) => {
    try {
      listener(event)
    } catch (error) {
      log.error({ err: error, kind: event.object.kind, type: event.type }, 'a watch listener failed')
    }
  }

  function informerOf(query: ObjectQuery): Shared {
    const key = queryKey(query)
    const there = shared.get(key)
    if (there) return there
    const listeners = new Set<(event: WatchEvent) => void>()
    const informer = startInformer(query, { transport, discovery, clock }, (event) => {
      for (const listener of [...listeners]) tell(listener, event)
    })
    const entry = { informer, listeners, watches: 0 }
    shared.set(key, entry)
    return entry
  }

  /** What is there for whoever comes later, told once the caller has its watch in hand, then everything as it comes. */
  function watch(query: ObjectQuery, onEvent: (event: WatchEvent) => void): Watch {
    const entry = informerOf(query)
    const { informer, listeners } = entry
    entry.watches++
    let closed = false
    const join = () => {
      if (closed) return
      for (const object of informer.objects) tell(listener, { type: 'ADDED', object })
      listeners.add(listener)
    }
    // A listener of its own for each watch, as the same function may be passed twice
    const listener = (event: WatchEvent) => {
      if (!closed) onEvent(event)
    }
    const late = informer.isSynced || informer.objects.length > 0
    if (late) queueMicrotask(join)
    else join()
    return {
      get objects() {
        return informer.objects
      },
      synced: informer.synced,
      get kindKnown() {
        return informer.kindKnown
      },
      known: informer.known,
      close() {
        if (closed) return
        closed = true
        listeners.delete(listener)
        if (--entry.watches > 0) return
        informer.close()
        if (shared.get(queryKey(query)) === entry) shared.delete(queryKey(query))
      },
    }
  }

  /** Asks with the path of a kind; a path that is no longer there is looked up again next time. */
  async function ask(
    query: { apiVersion: string; kind: string },
    make: (resource: { plural: string; namespaced: boolean }) => Parameters<Transport['request']>[0],
    signal: AbortSignal | undefined,
  ) {
    const resource = await discovery.resource(query.apiVersion, query.kind, signal)
    const answer = await transport.request({ ...make(resource), signal })
    if (answer.status === 404 && !parseStatus(answer.body)) discovery.forget(query.apiVersion)
    return answer
  }

  return {
    watch,

    async list(query, signal) {
      const answer = await ask(
        query,
        (resource) => ({
          method: 'GET',
          path: `${collectionPath(query.apiVersion, resource, query.namespace)}?${selectors(query)}`,
        }),
        signal,
      )
      if (answer.status !== 200) throw refusal(answer)
      const { items } = JSON.parse(answer.body) as { items: KubeObject[] }
      return items.map((item) => frozen({ ...item, apiVersion: query.apiVersion, kind: query.kind }))
    },

    async get(query, signal) {
      const answer = await ask(
        query,
        (resource) => ({ method: 'GET', path: objectPath(query.apiVersion, resource, query.namespace, query.name) }),
        signal,
      ).catch(nothingThere)
      if (!answer || answer.status === 404) return undefined
      if (answer.status !== 200) throw refusal(answer)
      return frozen(JSON.parse(answer.body) as KubeObject)
    },

    async apply(object, signal) {
      const { name, namespace } = object.metadata
      const answer = await ask(
        object,
        (resource) => ({
          method: 'PATCH',
          path: `${objectPath(object.apiVersion, resource, namespace, name)}?fieldManager=quayside&force=true`,
          contentType: 'application/apply-patch+yaml',
          body: JSON.stringify(object),
        }),
        signal,
      )
      if (answer.status !== 200 && answer.status !== 201) throw refusal(answer)
      return frozen(JSON.parse(answer.body) as KubeObject)
    },

    async merge(query, patch, signal) {
      const answer = await ask(
        query,
        (resource) => ({
          method: 'PATCH',
          path: objectPath(query.apiVersion, resource, query.namespace, query.name),
          contentType: 'application/merge-patch+json',
          body: JSON.stringify(patch),
        }),
        signal,
      )
      if (answer.status !== 200) throw refusal(answer)
      return frozen(JSON.parse(answer.body) as KubeObject)
    },

    async delete(query, signal) {
      const answer = await ask(
        query,
        (resource) => ({
          method: 'DELETE',
          path: objectPath(query.apiVersion, resource, query.namespace, query.name),
          // Jobs would else leave their Pods, for reasons of history
          body: JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' }),
        }),
        signal,
      ).catch(nothingThere)
      if (answer && answer.status >= 300 && answer.status !== 404) throw refusal(answer)
    },

    async proxy({ namespace, service, port, path }, signal): Promise<ProxyResponse> {
      const base = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(`${service}:${port}`)}`
      try {
        const answer = await transport.request({
          method: 'GET',
          path: `${base}/proxy${path}`,
          timeout: PROXY_TIMEOUT,
          limit: PROXY_LIMIT,
          signal,
        })
        const status = parseStatus(answer.body)
        if (!status) return answer
        // 503 is the proxy's own word for: no endpoint, or none that answers
        if (answer.status === 503) return { status: 0, body: status.message ?? '' }
        throw refusal(answer)
      } catch (error) {
        if (error instanceof TimeoutError) return { status: 0, body: error.message }
        throw error
      }
    },

    close() {
      for (const { informer } of shared.values()) informer.close()
      shared.clear()
      transport.close()
    },
  }
}

/** There can be no object of a kind that the cluster does not know. */
function nothingThere(error: unknown): undefined {
  if (error instanceof KubeError && error.status === 404) return undefined
  throw error
}
