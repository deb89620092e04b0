import type { Backend } from '../admission/plugin.ts'
import type { Cancel } from '../clock/clock.ts'
import { Writer } from '../controllers/writer.ts'
import { formatMicroTime } from '../objects/time.ts'
import type { ApiObject, GroupResource, NewObject } from '../objects/types.ts'
import type { Regarding } from './recorder.ts'

const EVENTS: GroupResource = { group: '', resource: 'events' }
/** Milliseconds without the same event after which its series is over (client-go's `finishTime`). */
const FINISHED_AFTER = 360_000
/** Characters of a message that events.k8s.io takes. */
const LONGEST_NOTE = 1024

export interface SeriesSource {
  /** `default-scheduler` */
  readonly controller: string
  /** `default-scheduler-control-plane` */
  readonly instance: string
  /** Who writes: `kube-scheduler`. */
  readonly manager: string
}

export interface Note {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly action: string
  readonly message: string
}

interface Told {
  readonly namespace: string
  readonly name: string
  at: number
  count: number
  written: number
}

/** Writes Events as clients of events.k8s.io/v1 do (client-go's `tools/events`, 1.34): the same one again makes a series, which is brought up to date when it is over. */
export class SeriesRecorder {
  readonly #backend: Backend
  readonly #source: SeriesSource
  readonly #writer: Writer
  /** The longest untouched first. */
  readonly #told = new Map<string, Told>()
  #cancel: Cancel | undefined

  constructor(backend: Backend, source: SeriesSource) {
    this.#backend = backend
    this.#source = source
    this.#writer = new Writer(backend, source.manager)
  }

  record(regarding: Regarding, related: Regarding | undefined, { type, reason, action, message }: Note): void {
    const now = this.#backend.clock.now()
    this.#forget(now)
    const about = referenceTo(regarding)
    const key = JSON.stringify([about, related === undefined ? '' : referenceTo(related), type, action, reason])
    const told = this.#told.get(key)
    if (told !== undefined) {
      told.count++
      told.at = now
      this.#told.delete(key)
      this.#told.set(key, told)
      // The first time again is told at once, the others together
      if (told.count === 2) this.#write(told)
      else this.#finishLater()
      return
    }
    const namespace = regarding.metadata.namespace ?? 'default'
    const name = `${regarding.metadata.name}.${this.#backend.ids.uid().replaceAll('-', '').slice(0, 16)}`
    const { controller, instance } = this.#source
    const event: NewObject = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: about,
      reason,
      message: message.length <= LONGEST_NOTE ? message : `${message.slice(0, LONGEST_NOTE - 4)} ...`,
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      type,
      eventTime: formatMicroTime(now),
      action,
      ...(related === undefined ? {} : { related: referenceTo(related) }),
      reportingComponent: controller,
      reportingInstance: instance,
    }
    try {
      this.#writer.create(EVENTS, event, { namespace })
      this.#told.set(key, { namespace, name, at: now, count: 1, written: 1 })
    } catch {
      // As upstream: who cannot tell (a namespace that ends takes no more) goes on without
    }
  }

  /** Forgets all; what has not been counted yet is not. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#told.clear()
  }

  #forget(now: number): void {
    for (const [key, told] of this.#told) {
      if (told.at > now - FINISHED_AFTER) return
      if (told.written < told.count) this.#write(told)
      this.#told.delete(key)
    }
  }

  #write(told: Told): void {
    told.written = told.count
    const series = { count: told.count, lastObservedTime: formatMicroTime(told.at) }
    try {
      this.#writer.update({ resource: EVENTS, namespace: told.namespace, name: told.name }, (event) => ({
        ...event,
        series,
      }))
    } catch {
      // It is gone, and with it what there was to count
    }
  }

  #finishLater(): void {
    this.#cancel ??= this.#backend.clock.after(FINISHED_AFTER, () => {
      this.#cancel = undefined
      this.#forget(this.#backend.clock.now())
      if ([...this.#told.values()].some(({ written, count }) => written < count)) this.#finishLater()
    })
  }
}

function referenceTo({ kind, apiVersion, metadata }: Regarding): Record<string, string> {
  const { namespace, name, uid, resourceVersion } = metadata as Partial<ApiObject['metadata']>
  return {
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    name: name as string,
    ...(uid === undefined ? {} : { uid }),
    apiVersion,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  }
}
