/** The eyes of checks: what they look at is watched, asked or recorded here. */
import type { Logger } from 'pino'
import type { Check, EventsCheck, HttpCheck, ResourceCheck } from '../../protocol/lab/schema.ts'
import type { Clock } from '../clock.ts'
import { type KubeConnection, KubeError, type Watch, type WatchEvent } from '../kube/connection.ts'
import { queryOf, subjectOf } from './subject.ts'
import type { HttpAnswer, RecordedEvent, Sight } from './verdict.ts'

export interface Observer {
  /** Undefined until there is anything to see. */
  readonly sight: Sight | undefined
  /** The step of the check has opened: now begins what counts. */
  begin(): void
  /** Something else that the step looks at has changed: worth looking again soon. */
  nudge(): void
  close(): void
}

export interface Surroundings {
  kube: KubeConnection
  clock: Clock
  log: Logger
  /** When the reader's lab began, milliseconds since the epoch. */
  startedAt: number
  /** Called when the sight is another; with the event that made it so, if it was one. */
  changed(event?: WatchEvent): void
}

export function observe(check: Check, surroundings: Surroundings): Observer {
  if ('http' in check) return askService(check, surroundings)
  if ('events' in check) return recordEvents(check, surroundings)
  return watchObjects(check, surroundings)
}

function watchObjects(check: ResourceCheck, { kube, log, changed }: Surroundings): Observer {
  let state: 'syncing' | 'synced' | { refusal: string } = 'syncing'
  let close: (() => void) | undefined
  let watch: Watch | undefined
  return {
    get sight(): Sight | undefined {
      if (state === 'syncing') return undefined
      if (state !== 'synced') return { kind: 'refused', refusal: state.refusal }
      return { kind: 'objects', objects: watch?.objects ?? [], kindKnown: watch?.kindKnown ?? true }
    },
    begin() {
      const opened = kube.watch(queryOf(check.resource), (event) => state === 'synced' && changed(event))
      watch = opened
      let closed = false
      close = () => {
        closed = true
        opened.close()
      }
      // A kind that is defined now, of which there is no object yet, is no event
      opened.known.then(() => state === 'synced' && !closed && changed())
      opened.synced.then(
        () => {
          state = 'synced'
          if (!closed) changed()
        },
        (error: unknown) => {
          if (closed) return
          log.error({ err: error, check: check.title }, 'check cannot watch')
          state = { refusal: `${subjectOf(check)} cannot be looked at on this cluster.` }
          changed()
        },
      )
    },
    nudge() {},
    close: () => close?.(),
  }
}

const uidOf = ({ object }: WatchEvent) => String(object.metadata.uid)

/** Most events kept for one check; the oldest go first. An object is about 8 KiB, so this is at most a few MiB. */
export const MOST_EVENTS = 200

/**
 * Watches from its creation on, so that nothing is missed while a step's watch would still be opening, but keeps only what
 * counts: of `since: step` what comes after `begin`.
 */
function recordEvents(check: EventsCheck, { kube, log, startedAt, changed }: Surroundings): Observer {
  const fromStart = check.events.since === 'start'
  const events: RecordedEvent[] = []
  let synced = false
  let begun = false
  let closed = false
  let refusal: string | undefined

  /** Were being deleted before the step opened: that they are gone in the end is not its doing. */
  const leaving = new Set<string>()
  const noteLeaving = (event: WatchEvent) => {
    if (event.type === 'DELETED') leaving.delete(uidOf(event))
    else if (event.object.metadata.deletionTimestamp !== undefined) leaving.add(uidOf(event))
  }

  /** Objects of the first list are news only if they came after the lab's start; Kubernetes tells that to the second. */
  const isNews = ({ type, object: { metadata } }: WatchEvent) => {
    const { creationTimestamp } = metadata
    return synced || (fromStart && type === 'ADDED' && Date.parse(String(creationTimestamp)) > startedAt)
  }

  const watch = kube.watch(queryOf(check.events), (event) => {
    if (closed) return
    if (!(begun || fromStart) || !isNews(event)) return noteLeaving(event)
    if (event.type === 'DELETED' && leaving.has(uidOf(event))) return
    events.push({ type: event.type, object: event.object, old: event.type === 'ADDED' ? null : event.old })
    if (events.length > MOST_EVENTS) events.shift()
    if (begun) changed(event)
  })
  watch.known.then(() => synced && begun && !closed && changed())
  watch.synced.then(
    () => {
      synced = true
      if (begun && !closed) changed()
    },
    (error: unknown) => {
      if (closed) return
      log.error({ err: error, check: check.title }, 'check cannot watch')
      refusal = `${subjectOf(check)} cannot be looked at on this cluster.`
      if (begun) changed()
    },
  )
  return {
    get sight(): Sight | undefined {
      if (refusal !== undefined) return { kind: 'refused', refusal }
      return synced ? { kind: 'events', events, kindKnown: watch.kindKnown } : undefined
    },
    begin() {
      begun = true
    },
    nudge() {},
    close() {
      closed = true
      watch.close()
    },
  }
}

/** From the end of one round of requests to the beginning of the next, in milliseconds. */
export const ROUND_PAUSE = 1_000
/**
 * Rounds take at most a sixth of the time, so that those of a whole room, on a machine that has much to do, leave it the rest; but none is later than
 * this, in milliseconds.
 */
const PAUSE_FACTOR = 5
const LONGEST_PAUSE = 5_000
/** The same after something else that the step looks at has changed. */
export const NUDGED_PAUSE = 200
/** A request that takes longer has no answer, in milliseconds. */
export const ANSWER_TIMEOUT = 5_000
/** Requests of a round that are on their way at once. */
const LANES = 4
/** Characters of a body that are kept. */
const LONGEST_BODY = 64 * 1024

const NO_ANSWER: HttpAnswer = { status: 0, body: '', json: null }

function askService(check: HttpCheck, { kube, clock, changed }: Surroundings): Observer {
  const { service, namespace = 'default', port, path, requests } = check.http
  let sight: Sight | undefined
  let closing: AbortController | undefined
  let waiting: { cancel: () => void; nudged: boolean } | undefined

  const ask = async (): Promise<HttpAnswer | { refusal: string }> => {
    const timeout = new AbortController()
    const abort = () => timeout.abort(closing?.signal.reason)
    closing?.signal.addEventListener('abort', abort, { once: true })
    const cancel = clock.after(ANSWER_TIMEOUT, () => timeout.abort(new Error('no answer in time')))
    try {
      const { status, body } = await kube.proxy({ namespace, service, port, path }, timeout.signal)
      if (status === 0 && body.includes('no endpoints available')) return { refusal: noEndpoints(service) }
      const text = body.slice(0, LONGEST_BODY)
      return { status, body: text, json: jsonOf(text) }
    } catch (error) {
      if (timeout.signal.aborted) return { refusal: `Service "${service}" does not answer in time.` }
      return { refusal: refusalOf(check, error) }
    } finally {
      cancel()
      closing?.signal.removeEventListener('abort', abort)
    }
  }

  const round = async () => {
    const askedAt = clock.now()
    const answers: HttpAnswer[] = []
    let left = requests
    let refusal: string | undefined
    const lane = async () => {
      // What one request is refused for, the others would be too.
      while (left-- > 0 && refusal === undefined) {
        const answer = await ask()
        if ('refusal' in answer) refusal ??= answer.refusal
        else answers.push(answer)
      }
    }
    await Promise.all(Array.from({ length: Math.min(LANES, requests) }, lane))
    if (closing?.signal.aborted !== false) return
    while (answers.length < requests) answers.push(NO_ANSWER)
    sight = { kind: 'answers', askedAt, answers, ...(refusal === undefined ? {} : { refusal }) }
    changed()
    // Who gives no answer is asked on: waiting costs nothing
    const took = refusal === undefined ? clock.now() - askedAt : 0
    const pause = Math.min(LONGEST_PAUSE, took * PAUSE_FACTOR)
    if (!closing.signal.aborted) wait(Math.max(ROUND_PAUSE, pause), false)
  }

  const wait = (ms: number, nudged: boolean) => {
    const cancel = clock.after(ms, () => {
      waiting = undefined
      void round()
    })
    waiting = { cancel, nudged }
  }

  return {
    get sight() {
      return sight
    },
    begin() {
      closing = new AbortController()
      void round()
    },
    nudge() {
      // Once per pause, so that a cluster in steady motion does not put the next round off for ever.
      if (!waiting || waiting.nudged) return
      waiting.cancel()
      wait(NUDGED_PAUSE, true)
    },
    close() {
      closing?.abort(new Error('the check is over'))
      waiting?.cancel()
      waiting = undefined
    },
  }
}

function refusalOf(check: HttpCheck, error: unknown): string {
  const { service, namespace = 'default' } = check.http
  if (!(error instanceof KubeError)) return `Service "${service}" could not be asked.`
  if (error.status === 404) return `Service "${service}" does not exist in namespace ${namespace}.`
  if (error.status === 503) return noEndpoints(service)
  return `Service "${service}" could not be asked: ${error.message}`
}

const noEndpoints = (service: string) => `Service "${service}" has no Pods behind it that are ready.`

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
