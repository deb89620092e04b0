import type { PodUsage, Usage } from '../../api/runtime.ts'
import type { Clock } from '../../clock/clock.ts'
import type { Kubelet } from '../kubelet.ts'
import type { PodWorker } from '../pod/worker.ts'

/** Milliseconds between two looks: metrics-server's `--metric-resolution`. */
export const RESOLUTION = 15_000

/** Milliseconds that a container must have run for a first figure: metrics-server's `freshContainerMinMetricsResolution`. */
const SHORTEST_RUN = 10_000

interface Point {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Milliseconds of CPU since it was started. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
}

interface Sample {
  readonly before: Point | undefined
  readonly last: Point
}

/** Of whom, over how many milliseconds, how many of CPU, and bytes at their end. */
type KeptSpan = readonly [of: string, span: number, cpu: number, memory: number]

/** What was known of what is used. */
export interface KeptUsage {
  readonly nodes: readonly KeptSpan[]
  /** By Pod: names of its containers by their runs. */
  readonly pods: readonly (readonly [
    pod: string,
    runs: readonly (readonly [string, string])[],
    spans: readonly KeptSpan[],
  ])[]
}

/** What nodes and containers use, looked at from time to time: what metrics-server knows (0.8). */
export class UsageSamples {
  readonly #clock: Clock
  readonly #kubelets: () => Iterable<Kubelet>
  readonly #nodes = new Map<string, Sample>()
  /** By Pod, and in it by the run of a container. */
  #pods = new Map<string, ReadonlyMap<string, Sample & { readonly name: string }>>()
  #cancel: (() => void) | undefined

  constructor(clock: Clock, kubelets: () => Iterable<Kubelet>) {
    this.#clock = clock
    this.#kubelets = kubelets
  }

  start(): void {
    this.#cancel ??= this.#clock.every(RESOLUTION, () => this.#look())
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#nodes.clear()
    this.#pods.clear()
  }

  keep(): KeptUsage {
    const spans = (all: Iterable<[string, Sample]>): KeptSpan[] =>
      [...all].flatMap(([of, { before, last }]) =>
        before === undefined ? [] : [[of, last.at - before.at, last.cpu - before.cpu, last.memory] as const],
      )
    const runs = [...this.#pods].map(([pod, samples]): KeptUsage['pods'][number] => [
      pod,
      [...samples].map(([id, { name }]): [string, string] => [id, name]),
      spans(samples),
    ])
    return { nodes: spans(this.#nodes), pods: runs }
  }

  /** Counters begin at 0 again: what was used before is what they lacked then. */
  putBack({ nodes, pods }: KeptUsage): void {
    const at = this.#clock.now()
    const sampleOf = ([, span, cpu, memory]: KeptSpan): Sample => ({
      before: { at: at - span, cpu: -cpu, memory },
      last: { at, cpu: 0, memory },
    })
    for (const span of nodes) this.#nodes.set(span[0], sampleOf(span))
    for (const [pod, names, spans] of pods) {
      const nameOf = new Map(names)
      const samples = spans.map((span) => [span[0], { name: nameOf.get(span[0]) ?? '', ...sampleOf(span) }] as const)
      this.#pods.set(pod, new Map(samples))
    }
  }

  node(name: string): Usage | undefined {
    const sample = this.#nodes.get(name)
    return sample === undefined ? undefined : usageOf(sample)
  }

  /** Undefined until all its running containers have been seen twice. */
  pod(namespace: string, name: string): PodUsage | undefined {
    const samples = this.#pods.get(`${namespace}/${name}`)
    if (samples === undefined || samples.size === 0) return undefined
    const containers: { name: string; cpu: number; memory: number }[] = []
    let [timestamp, window] = [0, 0]
    for (const sample of samples.values()) {
      const usage = usageOf(sample)
      if (usage === undefined) return undefined
      containers.push({ name: sample.name, cpu: usage.cpu, memory: usage.memory })
      timestamp = usage.timestamp
      window = usage.window
    }
    return { timestamp, window, containers }
  }

  #look(): void {
    const at = this.#clock.now()
    const pods = new Map<string, ReadonlyMap<string, Sample & { readonly name: string }>>()
    for (const kubelet of this.#kubelets()) {
      if (!kubelet.isReachable || kubelet.machine === undefined) {
        this.#nodes.delete(kubelet.name)
        continue
      }
      this.#nodes.set(kubelet.name, next(this.#nodes.get(kubelet.name), { at, ...kubelet.machine.usage() }))
      for (const worker of kubelet.workers) {
        const { namespace, name } = worker.pod.metadata
        const key = `${namespace}/${name}`
        const samples = this.#samplesOf(worker, this.#pods.get(key), at)
        if (samples.size > 0) pods.set(key, samples)
      }
    }
    this.#pods = pods
  }

  #samplesOf(
    { state }: PodWorker,
    before: ReadonlyMap<string, Sample & { readonly name: string }> | undefined,
    at: number,
  ): ReadonlyMap<string, Sample & { readonly name: string }> {
    const samples = new Map<string, Sample & { readonly name: string }>()
    for (const { state: is, id, name, container, startedAt } of state.records) {
      if (is !== 'running' || container === undefined) continue
      const known = before?.get(id)
      // As upstream: a run that has begun since the last look is measured from its beginning, unless that was just now
      const start = at - startedAt >= SHORTEST_RUN ? { at: startedAt, cpu: 0, memory: 0 } : undefined
      const last = { at, ...container.usage() }
      samples.set(id, { name, ...(known === undefined ? { before: start, last } : next(known, last)) })
    }
    return samples
  }
}

function next(sample: Sample | undefined, last: Point): Sample {
  return { before: sample?.last, last }
}

function usageOf({ before, last }: Sample): Usage | undefined {
  if (before === undefined || last.at <= before.at) return undefined
  const span = last.at - before.at
  // Milliseconds of CPU over milliseconds are cores
  const cpu = Math.max(0, Math.round(((last.cpu - before.cpu) / span) * 1e9))
  return { cpu, memory: Math.round(last.memory), timestamp: last.at, window: Math.max(1, Math.round(span / 1000)) }
}
