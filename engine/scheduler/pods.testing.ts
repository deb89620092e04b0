import type { World } from '../controllers/world.testing.ts'
import type { PodSpec } from '../kinds/pod/types.ts'
import type { ApiObject, NewObject } from '../objects/types.ts'

export const PODS = { group: '', resource: 'pods' } as const
export const NODES = { group: '', resource: 'nodes' } as const

export interface PodOptions {
  readonly cpu?: string
  readonly memory?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly spec?: Partial<PodSpec> & Readonly<Record<string, unknown>>
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** A Pod as the API stores it, with what tests of scheduling care for. */
export function pod(name: string, { cpu, memory, labels, spec, metadata }: PodOptions = {}): NewObject {
  const requests = { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', ...(labels === undefined ? {} : { labels }), ...metadata },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'busybox:1',
          imagePullPolicy: 'IfNotPresent',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          resources: Object.keys(requests).length === 0 ? {} : { requests },
        },
      ],
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      terminationGracePeriodSeconds: 30,
      securityContext: {},
      enableServiceLinks: true,
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      ...spec,
    },
  }
}

export interface NodeOptions {
  readonly cpu?: string
  readonly memory?: string
  readonly pods?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly taints?: readonly object[]
  readonly unschedulable?: boolean
  readonly images?: readonly object[]
  readonly others?: Readonly<Record<string, string>>
}

export function node(name: string, options: NodeOptions = {}): NewObject {
  const { cpu = '4', memory = '8Gi', pods = '110', labels, taints, unschedulable, images, others } = options
  const allocatable = { cpu, memory, pods, 'ephemeral-storage': '50Gi', ...others }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: { ...(taints === undefined ? {} : { taints }), ...(unschedulable === undefined ? {} : { unschedulable }) },
    status: { capacity: allocatable, allocatable, ...(images === undefined ? {} : { images }) },
  }
}

export function addPod(world: World, name: string, options?: PodOptions): ApiObject {
  return world.create(PODS, pod(name, options))
}

export function addNode(world: World, name: string, options?: NodeOptions): ApiObject {
  return world.create(NODES, node(name, options), undefined)
}

/** Where a Pod is; '' if nowhere. */
export function nodeOf(world: World, name: string): string {
  return (world.get(PODS, name)?.spec as PodSpec | undefined)?.nodeName ?? ''
}

export function conditionOf(world: World, name: string, type = 'PodScheduled'): Readonly<Record<string, unknown>> {
  const { conditions = [] } = (world.get(PODS, name)?.status ?? {}) as {
    readonly conditions?: readonly Readonly<Record<string, unknown>>[]
  }
  return conditions.find((condition) => condition.type === type) ?? {}
}
