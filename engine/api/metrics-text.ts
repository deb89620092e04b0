import { collectionName, type Store } from '../storage/store.ts'
import type { ApiResponse, WholeResponse } from './http.ts'

/** How many requests were answered, by method and status. */
export class RequestCounts {
  readonly #counts = new Map<string, number>()

  add(method: string, response: ApiResponse): void {
    const key = `verb="${/^[A-Z]{1,10}$/.test(method) ? method : 'other'}",code="${response.kind === 'upgrade' ? 101 : response.status}"`
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  get lines(): string[] {
    return [...this.#counts].sort().map(([labels, count]) => `apiserver_request_total{${labels}} ${count}`)
  }
}

/** `/metrics` in Prometheus' text format: what this server can truly say of itself. */
export function metricsText(store: Store, counts: RequestCounts): WholeResponse {
  const { collections } = store
  const name = ({ resource }: (typeof collections)[number]) => {
    const [last = '', first = ''] = collectionName(resource).split('/').reverse()
    return first === '' ? last : `${last}.${first}`
  }
  const lines = [
    '# HELP apiserver_request_total Requests answered, by method and HTTP status.',
    '# TYPE apiserver_request_total counter',
    ...counts.lines,
    '# HELP apiserver_storage_objects Objects stored, by resource.',
    '# TYPE apiserver_storage_objects gauge',
    ...collections.map((one) => `apiserver_storage_objects{resource="${name(one)}"} ${one.size}`),
    '# HELP apiserver_longrunning_requests Watches that are open, by resource.',
    '# TYPE apiserver_longrunning_requests gauge',
    ...collections
      .filter(({ watchers }) => watchers > 0)
      .map((one) => `apiserver_longrunning_requests{resource="${name(one)}",verb="WATCH"} ${one.watchers}`),
  ]
  return {
    kind: 'whole',
    status: 200,
    headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
    body: `${lines.join('\n')}\n`,
  }
}
