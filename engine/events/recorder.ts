import type { Backend } from '../admission/plugin.ts'
import { Writer } from '../controllers/writer.ts'
import { formatTime } from '../objects/time.ts'
import type { ApiObject, GroupResource, NewObject } from '../objects/types.ts'

const EVENTS: GroupResource = { group: '', resource: 'events' }
const NAMESPACES: GroupResource = { group: '', resource: 'namespaces' }

/** client-go's correlator (1.34): from this many alike within `SIMILAR_WITHIN`, messages are combined into one event. */
const SIMILAR = 10
const SIMILAR_WITHIN = 600_000
const COMBINED = '(combined from similar events): '
/** Of one source about one object: so many at once, then one each five minutes. */
const BURST = 25
const REFILL = 300_000
/** Objects whose events are remembered: client-go's LRU caches. */
const REMEMBERED = 4096

/** Who tells: `kubelet` on its node, or a controller that is on none. */
export interface EventSource {
  readonly component: string
  readonly host?: string
}

/** What an event is about, without a uid where who tells knows none; `fieldPath` names a part of it: `spec.containers{web}`. */
export interface Regarding {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Pick<ApiObject['metadata'], 'name'> & Partial<ApiObject['metadata']>
  readonly fieldPath?: string
}

interface Told {
  name: string
  count: number
  first: string
  message: string
}

interface Similar {
  readonly messages: Set<string>
  last: number
}

interface Bucket {
  tokens: number
  at: number
}

/** Writes core/v1 Events as client-go's recorder does (1.34): the same event again counts up, similar ones are combined, floods are dropped. */
export class EventRecorder {
  readonly #backend: Backend
  readonly #writer: Writer
  readonly #source: EventSource
  readonly #told = new Map<string, Told>()
  readonly #similar = new Map<string, Similar>()
  readonly #buckets = new Map<string, Bucket>()

  /** `manager` is who writes: the component itself if not said. */
  constructor(backend: Backend, source: EventSource, manager = source.component) {
    this.#backend = backend
    this.#source = source
    this.#writer = new Writer(backend, manager)
  }

  normal(regarding: Regarding, reason: string, message: string, annotations?: Readonly<Record<string, string>>): void {
    this.#record(regarding, 'Normal', reason, message, annotations)
  }

  warning(regarding: Regarding, reason: string, message: string): void {
    this.#record(regarding, 'Warning', reason, message)
  }

  #record(
    regarding: Regarding,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    annotations?: Readonly<Record<string, string>>,
  ): void {
    const { metadata, kind, apiVersion, fieldPath } = regarding
    const now = this.#backend.clock.now()
    const about = `${kind}/${metadata.namespace ?? ''}/${metadata.name}/${metadata.uid}`
    const group = [about, fieldPath ?? '', type, reason].join('\n')
    const combined = this.#isOneOfMany(group, message, now)
    const text = combined ? COMBINED + message : message
    // Events of a combined group are one event, whatever they say
    const key = combined ? group : `${group}\n${message}`
    if (!this.#mayTell(about, now)) return
    const time = formatTime(now)
    const namespace = metadata.namespace ?? 'default'
    const told = this.#told.get(key)
    if (told !== undefined && this.#again(told, namespace, text, time)) {
      remember(this.#told, key, told)
      return
    }
    if (!this.#takesMore(namespace)) return
    const name = `${metadata.name}.${this.#backend.ids.uid().replaceAll('-', '').slice(0, 16)}`
    const event: NewObject = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace, ...(annotations === undefined ? {} : { annotations }) },
      involvedObject: {
        kind,
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
        name: metadata.name,
        ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
        apiVersion,
        ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      reason,
      message: text,
      source: this.#source,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      type,
      eventTime: null,
      reportingComponent: this.#source.component,
      reportingInstance: this.#source.host ?? '',
    }
    try {
      this.#writer.create(EVENTS, event, { namespace })
      remember(this.#told, key, { name, count: 1, first: time, message: text })
    } catch {
      // As upstream: who cannot tell goes on without
    }
  }

  /** A namespace that ends takes nothing new: what its Pods and others go through from then on is told nowhere. */
  #takesMore(namespace: string): boolean {
    const namespaces = this.#backend.store.collection(NAMESPACES)
    if (namespaces === undefined) return true
    const found = namespaces.get(undefined, namespace)
    return found !== undefined && found.metadata.deletionTimestamp === undefined
  }

  /** The same event once more; false if it has been removed meanwhile. */
  #again(told: Told, namespace: string, message: string, time: string): boolean {
    try {
      const count = told.count + 1
      this.#writer.update({ resource: EVENTS, namespace, name: told.name }, (event) => ({
        ...event,
        count,
        message,
        lastTimestamp: time,
      }))
      told.count = count
      return true
    } catch {
      return false
    }
  }

  #isOneOfMany(group: string, message: string, now: number): boolean {
    const known = this.#similar.get(group)
    const similar =
      known === undefined || now - known.last > SIMILAR_WITHIN ? { messages: new Set<string>(), last: now } : known
    similar.last = now
    similar.messages.add(message)
    remember(this.#similar, group, similar)
    if (similar.messages.size < SIMILAR) return false
    // The oldest goes, so that the set stays as large as it counts
    similar.messages.delete(similar.messages.values().next().value as string)
    return true
  }

  #mayTell(about: string, now: number): boolean {
    const bucket = this.#buckets.get(about) ?? { tokens: BURST, at: now }
    bucket.tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) / REFILL)
    bucket.at = now
    remember(this.#buckets, about, bucket)
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }
}

/** Puts it last, and forgets what was not touched for longest. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > REMEMBERED) map.delete(map.keys().next().value as string)
}
