import { aggregate, isPodLevelResource } from '../kinds/pod/resources.ts'
import type { Container, PodSpec, Resources } from '../kinds/pod/types.ts'
import { add, largest, type ResourceList, resourceList, toJson } from './resource-list.ts'

/** What a Pod as a whole asks for (component-helpers' `resource.PodRequests` and `PodLimits`, 1.34). */

interface PodStatus {
  readonly qosClass?: string
  readonly conditions?: readonly { readonly type: string; readonly reason?: string }[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly initContainerStatuses?: readonly ContainerStatus[]
}

interface ContainerStatus {
  readonly name: string
  readonly resources?: Resources
  readonly allocatedResources?: Readonly<Record<string, string>>
}

export interface PodLike {
  readonly spec: PodSpec
  readonly status?: PodStatus
}

interface SumOptions {
  /** Counts what a container holds while it is being resized as well. */
  readonly status?: boolean
  readonly overhead?: boolean
  /** Pod-level resources that count in place of the containers' sum. */
  readonly levels?: (name: string) => boolean
}

export function podRequests(pod: PodLike, options: SumOptions = {}): ResourceList {
  const sum = sumOf(pod, 'requests', options)
  return options.overhead ? add(sum, resourceList(pod.spec.overhead)) : sum
}

export function podLimits(pod: PodLike, options: SumOptions = {}): ResourceList {
  const sum = sumOf(pod, 'limits', options)
  if (!options.overhead) return sum
  const overhead = resourceList(pod.spec.overhead)
  return add(sum, new Map([...overhead].filter(([name]) => sum.get(name)?.isZero() === false)))
}

function sumOf(pod: PodLike, which: 'requests' | 'limits', options: SumOptions): ResourceList {
  const { status = false, levels = isPodLevelResource } = options
  const whole = new Map(aggregate(status ? asHeld(pod, which) : pod.spec, which))
  for (const [name, amount] of resourceList(pod.spec.resources?.[which])) if (levels(name)) whole.set(name, amount)
  return whole
}

/** The spec with the larger of what each container asks for and what it holds while it is being resized. */
function asHeld(pod: PodLike, which: 'requests' | 'limits'): PodSpec {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
  if (statuses.every(({ resources }) => resources === undefined)) return pod.spec
  const pending = pod.status?.conditions?.find(({ type }) => type === 'PodResizePending')
  const held = (container: Container): Container => {
    const status = statuses.find(({ name }) => name === container.name)
    if (status?.resources === undefined) return container
    const now = resourceList(status.resources[which])
    const allocated = which === 'requests' ? largest(now, resourceList(status.allocatedResources)) : now
    const wanted = resourceList(container.resources[which])
    const counted = pending?.reason === 'Infeasible' ? allocated : largest(wanted, allocated)
    return { ...container, resources: { ...container.resources, [which]: toJson(counted) } }
  }
  const { containers, initContainers } = pod.spec
  return {
    ...pod.spec,
    containers: containers?.map(held) ?? null,
    ...(initContainers === undefined
      ? {}
      : { initContainers: initContainers.map((one) => (one.restartPolicy === 'Always' ? held(one) : one)) }),
  }
}

/** Whether nothing of cpu or memory is asked for: quality of service BestEffort. */
export function isBestEffort({ spec, status }: PodLike): boolean {
  if (status?.qosClass !== undefined && status.qosClass !== '') return status.qosClass === 'BestEffort'
  const asks = (resources: Resources | undefined): boolean =>
    [resources?.requests, resources?.limits].some((amounts) =>
      [...resourceList(amounts)].some(([name, amount]) => (name === 'cpu' || name === 'memory') && amount.sign() > 0),
    )
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  return !asks(spec.resources) && !containers.some(({ resources }) => asks(resources))
}
