/** Measures what the containers of Pods and this machine use. */
import { cpus, freemem, totalmem } from 'node:os'
import type Docker from 'dockerode'
import type { MetricsSource, PodUsage, Usage } from '../../../engine/api/runtime.ts'
import type { PodContainers } from './containers.ts'
import type { Pod } from './pod.ts'

/** Milliseconds between two measurements. */
const MEASURE_EVERY = 2000
const NANOSECONDS = 1e9

interface Total {
  /** Nanoseconds of CPU so far. */
  readonly cpu: number
  /** Bytes. */
  readonly memory: number
  readonly at: number
}

export class Figures implements MetricsSource {
  private readonly containers: PodContainers
  private readonly running: () => readonly Pod[]
  private readonly nodeName: string
  private readonly totals = new Map<string, Total>()
  private readonly usages = new Map<string, PodUsage>()
  private machine: Total | undefined
  private nodeUsage: Usage | undefined
  private readonly timer: NodeJS.Timeout

  constructor(containers: PodContainers, nodeName: string, running: () => readonly Pod[]) {
    this.containers = containers
    this.nodeName = nodeName
    this.running = running
    this.timer = setInterval(() => void this.measure(), MEASURE_EVERY)
  }

  close(): void {
    clearInterval(this.timer)
  }

  node(name: string): Usage | undefined {
    return name === this.nodeName ? this.nodeUsage : undefined
  }

  pod(namespace: string, name: string): PodUsage | undefined {
    return this.usages.get(`${namespace}/${name}`)
  }

  private async measure(): Promise<void> {
    const before = this.machine
    this.machine = { cpu: machineCpu(), memory: totalmem() - freemem(), at: Date.now() }
    if (before && this.machine.at > before.at) this.nodeUsage = usage(before, this.machine)
    await Promise.all(this.running().map((pod) => this.measurePod(pod).catch(() => {})))
  }

  private async measurePod(pod: Pod): Promise<void> {
    const measured: { name: string; usage: Usage }[] = []
    const containers = [...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])]
    for (const { name } of containers) {
      const stats = (await this.containers.get(pod, name).stats({ stream: false })) as Docker.ContainerStats
      const now = { cpu: stats.cpu_stats.cpu_usage.total_usage, memory: stats.memory_stats.usage, at: Date.now() }
      const key = `${pod.metadata.uid}/${name}`
      const before = this.totals.get(key)
      this.totals.set(key, now)
      // Two answers of a busy engine may come at once
      if (before && now.at > before.at && now.memory !== undefined) measured.push({ name, usage: usage(before, now) })
    }
    const first = measured[0]?.usage
    if (!first || measured.length < containers.length) return
    this.usages.set(`${pod.metadata.namespace}/${pod.metadata.name}`, {
      timestamp: first.timestamp,
      window: first.window,
      containers: measured.map(({ name, usage: { cpu, memory } }) => ({ name, cpu, memory })),
    })
  }
}

function usage(before: Total, now: Total): Usage {
  const window = (now.at - before.at) / 1000
  return { cpu: Math.round((now.cpu - before.cpu) / window), memory: now.memory, timestamp: now.at, window }
}

/** Nanoseconds in which the processors were not idle. */
const machineCpu = () =>
  cpus().reduce((sum, { times }) => sum + ((times.user + times.sys + times.nice + times.irq) / 1000) * NANOSECONDS, 0)
