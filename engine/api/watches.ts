import { join } from '../objects/bytes.ts'
import type { Status } from '../objects/status-error.ts'
import type { Selection, WatchEvent } from '../storage/event.ts'
import type { Watch } from '../storage/watch.ts'
import type { Api, Call } from './context.ts'
import { eventBytes, eventLine, passingText } from './encode.ts'
import type { Endpoint } from './endpoint.ts'
import type { StreamedResponse } from './http.ts'
import { negotiateStream } from './negotiation.ts'
import type { ListQuery } from './query.ts'
import { tableForm } from './reads.ts'
import { partialText, rowText, TABLE_END, type TableForm, tableStart } from './table.ts'

/** Events that are put into one chunk at most. */
const BATCH = 256
/** Milliseconds that a watch lasts which does not say: between one and two times this, so that not all end at once (upstream's 30 minutes). */
const LEAST_TIMEOUT = 1_800_000

type Encode = (event: Exclude<WatchEvent, { type: 'ERROR' }>) => Uint8Array

/** Events as lines of JSON, until the client goes, its time is over, or it is too slow. */
export function watch(
  api: Api,
  call: Call,
  endpoint: Endpoint,
  query: ListQuery,
  selection: Selection,
): StreamedResponse {
  negotiateStream(call.accepted)
  const seconds = query.timeoutSeconds ?? 0
  const timeout = seconds === 0 ? LEAST_TIMEOUT * (1 + api.random.float()) : Math.max(0, seconds * 1000)
  const watching = endpoint.served.registry.collection.watch({
    ...selection,
    resourceVersion: query.resourceVersion,
    ...(query.sendInitialEvents === undefined ? {} : { sendInitialEvents: query.sendInitialEvents }),
    allowBookmarks: query.allowWatchBookmarks,
    timeout,
  })
  return {
    kind: 'stream',
    status: 200,
    headers: { 'Cache-Control': 'no-cache, private', 'Content-Type': 'application/json', ...call.warnings.headers() },
    chunks: chunksOf(watching, encoder(api, call, endpoint), call.request.signal),
  }
}

async function* chunksOf(watching: Watch, encode: Encode, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = () => watching.close()
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for (;;) {
      const events = watching.take(BATCH)
      if (events.length > 0) {
        yield join(events.map((event) => (event.type === 'ERROR' ? errorLine(event.error.toStatus()) : encode(event))))
      } else if (watching.ended) return
      else await new Promise<void>((resolve) => watching.listen(resolve))
    }
  } finally {
    signal.removeEventListener('abort', stop)
    watching.close()
  }
}

function errorLine(status: Status): Uint8Array {
  return eventLine('ERROR', JSON.stringify(status))
}

function encoder(api: Api, call: Call, endpoint: Endpoint): Encode {
  const { encodings } = api.backend.store
  const { target } = call.accepted
  switch (target?.kind) {
    case 'Table':
      return tableEncoder(api, tableForm(api, call, endpoint), endpoint)
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList': {
      const { version } = target
      return (event) => {
        if (event.type === 'BOOKMARK') return eventLine('BOOKMARK', partialText(bookmark(endpoint, event), version))
        return eventLine(event.type, partialText(event.object, version))
      }
    }
    case undefined:
      return (event) => {
        if (event.type !== 'BOOKMARK') return eventBytes(encodings, endpoint, event.type, event.object)
        return eventLine('BOOKMARK', JSON.stringify(bookmark(endpoint, event)))
      }
  }
}

type BookmarkEvent = Extract<WatchEvent, { type: 'BOOKMARK' }>

/** An object of the kind with nothing in it but how far the watch has come. */
function bookmark({ manager, apiVersion, version }: Endpoint, { resourceVersion, initialEventsEnd }: BookmarkEvent) {
  const annotations = initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
  const { metadata: _, ...empty } = manager.empty()
  return { ...empty, kind: version.gvk.kind, apiVersion, metadata: { resourceVersion, ...annotations } as never }
}

/** Each event is a table with one row; the first has the columns. */
function tableEncoder(api: Api, form: TableForm, endpoint: Endpoint): Encode {
  let header = true
  return (event) => {
    const start = (resourceVersion: string | undefined) => {
      const text = tableStart(form, { resourceVersion }, header)
      header = false
      return text
    }
    if (event.type === 'BOOKMARK') {
      const empty = bookmark(endpoint, event)
      const cells = JSON.stringify(form.printer.columns.map(() => ''))
      const row = `{"cells":${cells},"object":${partialText(empty, form.version)}}`
      return eventLine('BOOKMARK', `${start(event.resourceVersion)}${row}${TABLE_END}`)
    }
    const { object } = event
    const row = rowText({ ...form, now: api.backend.clock.now() }, endpoint.fromStored(object), () =>
      passingText(endpoint, object),
    )
    return eventLine(event.type, `${start(object.metadata.resourceVersion)}${row}${TABLE_END}`)
  }
}
