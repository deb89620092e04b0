/** A cluster's API for tests: objects are put and removed by hand, services answer what they are told to. */
import {
  type KubeConnection,
  KubeError,
  type KubeObject,
  type ObjectQuery,
  type ProxyResponse,
  type Watch,
  type WatchEvent,
} from '../kube/connection.ts'

type Target = Parameters<KubeConnection['proxy']>[0]

export class FakeKube implements KubeConnection {
  #objects = new Map<string, KubeObject>()
  #watches = new Set<{ query: ObjectQuery; onEvent: (event: WatchEvent) => void }>()
  /** Requests that wait for an answer, and all that were ever made. */
  requests = { open: 0, most: 0, all: 0 }
  /** What services answer; throws KubeError for a refusal. */
  answer: (target: Target, signal: AbortSignal | undefined) => ProxyResponse | Promise<ProxyResponse> = () => {
    throw new KubeError(404, 'NotFound', 'no such service')
  }
  /** Kinds that the cluster does not know, until they are defined. */
  unknown = new Map<string, PromiseWithResolvers<void>>()
  /** Kinds that may not be watched. */
  forbidden = new Set<string>()

  get watching(): ObjectQuery[] {
    return [...this.#watches].map(({ query }) => query)
  }

  get objects(): KubeObject[] {
    return [...this.#objects.values()]
  }

  forget(kind: string): void {
    this.unknown.set(kind, Promise.withResolvers())
  }

  define(kind: string): void {
    this.unknown.get(kind)?.resolve()
    this.unknown.delete(kind)
  }

  put(object: KubeObject): void {
    const key = keyOf(object)
    const old = this.#objects.get(key)
    const event: WatchEvent = old ? { type: 'MODIFIED', object, old } : { type: 'ADDED', object }
    this.#objects.set(key, object)
    this.#tell(event)
  }

  remove(kind: string, name: string): void {
    for (const [key, object] of this.#objects)
      if (object.kind === kind && object.metadata.name === name) {
        this.#objects.delete(key)
        this.#tell({ type: 'DELETED', object, old: object })
      }
  }

  watch(query: ObjectQuery, onEvent: (event: WatchEvent) => void): Watch {
    const entry = { query, onEvent }
    const all = () => this.objects.filter((object) => matches(query, object))
    const synced = this.forbidden.has(query.kind)
      ? Promise.reject(new KubeError(403, 'Forbidden', 'forbidden'))
      : Promise.resolve().then(() => {
          this.#watches.add(entry)
          if (closed) this.#watches.delete(entry)
          else for (const object of all()) onEvent({ type: 'ADDED', object })
        })
    let closed = false
    const { unknown } = this
    return {
      get kindKnown() {
        return !unknown.has(query.kind)
      },
      known: unknown.get(query.kind)?.promise ?? Promise.resolve(),
      get objects() {
        return all()
      },
      synced,
      close: () => {
        closed = true
        this.#watches.delete(entry)
      },
    }
  }

  async list(query: ObjectQuery): Promise<KubeObject[]> {
    return this.objects.filter((object) => matches(query, object))
  }

  async get(query: ObjectQuery & { name: string }): Promise<KubeObject | undefined> {
    return this.objects.find((object) => matches(query, object))
  }

  async apply(object: KubeObject): Promise<KubeObject> {
    this.put(object)
    return object
  }

  async merge(query: ObjectQuery & { name: string }, patch: object): Promise<KubeObject> {
    const found = await this.get(query)
    if (!found) throw new KubeError(404, 'NotFound', 'no such object')
    const merged = mergePatch(found, patch) as KubeObject
    this.put(merged)
    return merged
  }

  async delete(query: ObjectQuery & { name: string }): Promise<void> {
    const found = await this.get(query)
    if (found) this.remove(found.kind, found.metadata.name)
  }

  async proxy(target: Target, signal?: AbortSignal): Promise<ProxyResponse> {
    this.requests.all++
    this.requests.open++
    this.requests.most = Math.max(this.requests.most, this.requests.open)
    try {
      return await this.answer(target, signal)
    } finally {
      this.requests.open--
    }
  }

  close(): void {}

  #tell(event: WatchEvent): void {
    for (const { query, onEvent } of this.#watches) if (matches(query, event.object)) onEvent(event)
  }
}

/** RFC 7396. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const merged: Record<string, unknown> = { ...(target as object | undefined) }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(merged[key], value)
  }
  return merged
}

const keyOf = ({ apiVersion, kind, metadata }: KubeObject) =>
  [apiVersion, kind, metadata.namespace ?? '', metadata.name].join('/')

function matches(query: ObjectQuery, { apiVersion, kind, metadata }: KubeObject): boolean {
  return (
    query.apiVersion === apiVersion &&
    query.kind === kind &&
    (query.namespace ?? metadata.namespace) === metadata.namespace &&
    (query.name ?? metadata.name) === metadata.name &&
    Object.entries(query.labels ?? {}).every(([key, value]) => metadata.labels?.[key] === value)
  )
}
