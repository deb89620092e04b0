/**
 * What the lab server asks of a cluster's API. One implementation speaks HTTPS to a real API server; the embedded
 * Kubernetes will bring its own, in the process. Nothing of it ever reaches a reader.
 */

/** Any Kubernetes object, as JSON. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    uid?: string
    resourceVersion?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    [field: string]: unknown
  }
  [field: string]: unknown
}

/** Which objects a list or a watch is about. */
export interface ObjectQuery {
  apiVersion: string
  kind: string
  /** Left out for kinds without namespaces, or to mean all namespaces. */
  namespace?: string
  name?: string
  labels?: Record<string, string>
}

export type WatchEvent =
  | { type: 'ADDED'; object: KubeObject }
  | { type: 'MODIFIED'; object: KubeObject; old: KubeObject }
  | { type: 'DELETED'; object: KubeObject; old: KubeObject }

/**
 * A list kept up to date: an informer in client-go's words. It reconnects by itself, also when its version has become
 * too old (410), and then tells the difference as events, so that a listener never misses a deletion.
 */
export interface Watch {
  /** All objects that match at this moment. Frozen. */
  readonly objects: readonly KubeObject[]
  /** Resolves once the first list is there; rejects if the API refuses it for good (403). A kind that does not exist (404) resolves with no objects and is asked for again. */
  readonly synced: Promise<void>
  /** False as long as the cluster does not know the kind: a custom one may yet be defined, or be gone again. */
  readonly kindKnown: boolean
  /** Resolves once the cluster has known the kind, objects of it or not. */
  readonly known: Promise<void>
  /** `onEvent` is called after `objects` has changed. The first list arrives as ADDED events. */
  close(): void
}

export interface ProxyResponse {
  /** 0 if no answer came. */
  status: number
  body: string
}

export interface KubeConnection {
  watch(query: ObjectQuery, onEvent: (event: WatchEvent) => void): Watch
  list(query: ObjectQuery, signal?: AbortSignal): Promise<KubeObject[]>
  /** Undefined if there is no such object. */
  get(query: ObjectQuery & { name: string }, signal?: AbortSignal): Promise<KubeObject | undefined>
  /** Server-side apply, forced, field manager "quayside". Objects without a namespace go to `default` where their kind has namespaces. */
  apply(object: KubeObject, signal?: AbortSignal): Promise<KubeObject>
  /** A JSON merge patch: what it does not name stays as it is, and `null` takes a field away. */
  merge(query: ObjectQuery & { name: string }, patch: object, signal?: AbortSignal): Promise<KubeObject>
  delete(query: ObjectQuery & { name: string }, signal?: AbortSignal): Promise<void>
  /** GET through the API server's proxy to a Service. Any answer of the Service is an answer; only the API server's own refusal throws. */
  proxy(
    target: { namespace: string; service: string; port: number | string; path: string },
    signal?: AbortSignal,
  ): Promise<ProxyResponse>
  close(): void
}

/** The API server's refusal, with its Status. */
export class KubeError extends Error {
  override name = 'KubeError'
  readonly status: number
  /** Kubernetes' reason, like `NotFound`, `Forbidden`. */
  readonly reason: string

  constructor(status: number, reason: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.status = status
    this.reason = reason
  }
}
