/** Counts requests and their durations as podinfo does, in Prometheus' text format. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

interface Series {
  readonly labels: string
  readonly buckets: number[]
  sum: number
  count: number
}

export interface RuntimeFigures {
  readonly goroutines: number
  readonly goVersion: string
  /** Seconds of CPU. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  /** Seconds since 1970. */
  readonly started: number
}

export class Metrics {
  readonly #durations = new Map<string, Series>()
  readonly #totals = new Map<number, number>()
  #scrapes = 0

  /** `seconds` that a request of this route took. */
  observe(method: string, path: string, status: number, seconds: number): void {
    const labels = `method="${method}",path="${path}",status="${status}"`
    let series = this.#durations.get(labels)
    if (series === undefined) {
      series = { labels, buckets: BUCKETS.map(() => 0), sum: 0, count: 0 }
      this.#durations.set(labels, series)
    }
    for (const [index, bound] of BUCKETS.entries())
      if (seconds <= bound) series.buckets[index] = (series.buckets[index] ?? 0) + 1
    series.sum += seconds
    series.count++
    this.#totals.set(status, (this.#totals.get(status) ?? 0) + 1)
  }

  text(figures: RuntimeFigures): string {
    const lines: string[] = []
    const family = (name: string, type: string, help: string, samples: readonly string[]) =>
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples)
    const { goroutines, goVersion, cpu, memory, started } = figures
    family('go_goroutines', 'gauge', 'Number of goroutines that currently exist.', [`go_goroutines ${goroutines}`])
    family('go_info', 'gauge', 'Information about the Go environment.', [`go_info{version="${goVersion}"} 1`])
    family('go_threads', 'gauge', 'Number of OS threads created.', ['go_threads 7'])
    if (this.#durations.size > 0) {
      const sorted = [...this.#durations.values()].sort((a, b) => (a.labels < b.labels ? -1 : 1))
      family(
        'http_request_duration_seconds',
        'histogram',
        'Seconds spent serving HTTP requests.',
        sorted.flatMap(({ labels, buckets, sum, count }) => [
          ...buckets.map(
            (value, index) => `http_request_duration_seconds_bucket{${labels},le="${BUCKETS[index]}"} ${value}`,
          ),
          `http_request_duration_seconds_bucket{${labels},le="+Inf"} ${count}`,
          `http_request_duration_seconds_sum{${labels}} ${sum}`,
          `http_request_duration_seconds_count{${labels}} ${count}`,
        ]),
      )
      family(
        'http_requests_total',
        'counter',
        'The total number of HTTP requests.',
        [...this.#totals]
          .sort(([a], [b]) => a - b)
          .map(([status, count]) => `http_requests_total{status="${status}"} ${count}`),
      )
    }
    family('process_cpu_seconds_total', 'counter', 'Total user and system CPU time spent in seconds.', [
      `process_cpu_seconds_total ${cpu.toFixed(2)}`,
    ])
    family('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', [
      `process_resident_memory_bytes ${memory}`,
    ])
    family('process_start_time_seconds', 'gauge', 'Start time of the process since unix epoch in seconds.', [
      `process_start_time_seconds ${started}`,
    ])
    family('promhttp_metric_handler_requests_in_flight', 'gauge', 'Current number of scrapes being served.', [
      'promhttp_metric_handler_requests_in_flight 1',
    ])
    family('promhttp_metric_handler_requests_total', 'counter', 'Total number of scrapes by HTTP status code.', [
      `promhttp_metric_handler_requests_total{code="200"} ${this.#scrapes++}`,
      'promhttp_metric_handler_requests_total{code="500"} 0',
      'promhttp_metric_handler_requests_total{code="503"} 0',
    ])
    return `${lines.join('\n')}\n`
  }
}
