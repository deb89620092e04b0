import type { Column, Printer } from '../../kinds/resource.ts'
import { notFound, type StatusError } from '../../objects/status-error.ts'
import { formatTime } from '../../objects/time.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import type { Api } from '../context.ts'
import type { Door } from '../router.ts'
import type { MetricsSource, PodUsage, Usage } from '../runtime.ts'
import { computedDoor } from './computed.ts'

const GROUP = 'metrics.k8s.io'
const VERSION = 'v1beta1'
const NODES: GroupResource = { group: '', resource: 'nodes' }
const PODS: GroupResource = { group: '', resource: 'pods' }

/** metrics.k8s.io as metrics-server (0.9) serves it: what is used of nodes and Pods that are there and were measured. */
export function metricsDoors(source: MetricsSource): Door[] {
  const now = (api: Api) => formatTime(api.backend.clock.now())
  return [
    computedDoor({
      gvk: { group: GROUP, version: VERSION, kind: 'NodeMetrics' },
      resource: 'nodes',
      namespaced: false,
      printer,
      list: (api) =>
        existing(api, NODES, '').flatMap((node) => {
          const usage = source.node(node.metadata.name)
          return usage === undefined ? [] : [nodeMetrics(node, usage, now(api))]
        }),
      missing: (api, _, name) => missing(api, NODES, '', name),
    }),
    computedDoor({
      gvk: { group: GROUP, version: VERSION, kind: 'PodMetrics' },
      resource: 'pods',
      namespaced: true,
      printer,
      list: (api, namespace) =>
        existing(api, PODS, namespace).flatMap((pod) => {
          const usage = source.pod(pod.metadata.namespace ?? '', pod.metadata.name)
          return usage === undefined ? [] : [podMetrics(pod, usage, now(api))]
        }),
      missing: (api, namespace, name) => missing(api, PODS, namespace, name),
    }),
  ]
}

function existing({ backend }: Api, resource: GroupResource, namespace: string): readonly ApiObject[] {
  return backend.store.collection(resource)?.list({ namespace }).items ?? []
}

/** Metrics of nothing, or of what was not measured yet. */
function missing({ backend }: Api, resource: GroupResource, namespace: string, name: string): StatusError {
  if (backend.store.collection(resource)?.get(namespace, name) === undefined) return notFound(resource, name)
  const full = namespace === '' ? name : `${namespace}/${name}`
  return notFound({ group: GROUP, resource: resource.resource }, full)
}

/** Quantities: CPU in nanocores, memory in KiB where it is a whole number of them. */
function quantities(cpu: number, memory: number): { readonly cpu: string; readonly memory: string } {
  const bytes = Math.round(memory)
  return {
    cpu: `${Math.round(cpu)}n`,
    memory: bytes > 0 && bytes % 1024 === 0 ? `${bytes / 1024}Ki` : String(bytes),
  }
}

/** As Go prints a duration: `15.028s`. */
function windowText(seconds: number): string {
  const whole = Math.floor(seconds)
  const minutes = Math.floor(whole / 60)
  const rest = Number((seconds - minutes * 60).toFixed(3))
  const hours = Math.floor(minutes / 60)
  if (hours > 0) return `${hours}h${minutes % 60}m${rest}s`
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`
}

/** Labels are those of what was measured; it has no version and no uid. */
function metadata({ metadata: { name, namespace, labels } }: ApiObject, now: string): ApiObject['metadata'] {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    creationTimestamp: now,
    ...(labels === undefined ? {} : { labels }),
  } as ApiObject['metadata']
}

function nodeMetrics(node: ApiObject, { cpu, memory, timestamp, window }: Usage, now: string): ApiObject {
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'NodeMetrics',
    metadata: metadata(node, now),
    timestamp: formatTime(timestamp),
    window: windowText(window),
    usage: quantities(cpu, memory),
  }
}

function podMetrics(pod: ApiObject, { timestamp, window, containers }: PodUsage, now: string): ApiObject {
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'PodMetrics',
    metadata: metadata(pod, now),
    timestamp: formatTime(timestamp),
    window: windowText(window),
    containers: containers.map(({ name, cpu, memory }) => ({ name, usage: quantities(cpu, memory) })),
  }
}

const column = (name: string, format: string, description: string): Column => ({
  name,
  type: 'string',
  format: format as Column['format'],
  description,
  priority: 0,
})

interface Measured {
  readonly window: string
  readonly usage?: { readonly cpu: string; readonly memory: string }
  readonly containers?: readonly { readonly usage: { readonly cpu: string; readonly memory: string } }[]
}

/** A Pod's usage is the sum of its containers'. */
const printer: Printer = {
  columns: [
    column('Name', 'name', 'What was measured.'),
    column('cpu', 'quantity', ''),
    column('memory', 'quantity', ''),
    column('Window', 'duration', ''),
  ],
  cells(object) {
    const { usage, containers = [], window } = object as unknown as Measured
    const all = usage === undefined ? containers.map((container) => container.usage) : [usage]
    const cpu = all.reduce((sum, one) => sum + Number(one.cpu.slice(0, -1)), 0)
    const memory = all.reduce((sum, one) => sum + bytesOf(one.memory), 0)
    const total = quantities(cpu, memory)
    return [object.metadata.name, total.cpu, total.memory, window]
  },
}

const bytesOf = (memory: string): number =>
  memory.endsWith('Ki') ? Number(memory.slice(0, -2)) * 1024 : Number(memory)
