import { restartsAlways } from '../../kinds/pod/resources.ts'
import { isActive, isReady, type Pod, readySince } from '../../kinds/pod/status.ts'
import { parseTime } from '../../objects/time.ts'
import type { ApiObject } from '../../objects/types.ts'

/** Says which Pods are to go first; the lowest do. */
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
const PHASES: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }
const LARGEST_COST = 2 ** 31 - 1

interface Ranked {
  readonly pod: Pod
  readonly scheduled: boolean
  readonly phase: number
  readonly ready: boolean
  readonly cost: number
  readonly colocated: number
  readonly readySince: number | undefined
  readonly restarts: number
  readonly sidecarRestarts: number
  readonly created: number | undefined
}

/**
 * The order in which Pods are deleted when there are too many: `ActivePodsWithRanks` (1.34). `related` are all Pods of the same workload; the more of them
 * share a node, the sooner one goes. Ages are compared by their logarithm.
 */
export function byDeletionOrder(pods: readonly Pod[], related: readonly ApiObject[], now: number): Pod[] {
  const onNode = new Map<string, number>()
  for (const pod of related as readonly Pod[]) {
    const node = pod.spec.nodeName ?? ''
    if (isActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1)
  }
  const ranked = pods.map((pod) => rank(pod, onNode.get(pod.spec.nodeName ?? '') ?? 0))
  return ranked.sort((left, right) => compare(left, right, now)).map(({ pod }) => pod)
}

function rank(pod: Pod, colocated: number): Ranked {
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(restartsAlways).map(({ name }) => name))
  const { containerStatuses = [], initContainerStatuses = [], phase = '' } = pod.status ?? {}
  const most = (counts: readonly number[]) => counts.reduce((left, right) => Math.max(left, right), 0)
  return {
    pod,
    scheduled: (pod.spec.nodeName ?? '') !== '',
    phase: PHASES[phase] ?? 0,
    ready: isReady(pod),
    cost: deletionCost(pod),
    colocated,
    readySince: readySince(pod),
    restarts: most(containerStatuses.map(({ restartCount }) => restartCount)),
    sidecarRestarts: most(
      initContainerStatuses.filter(({ name }) => sidecars.has(name)).map(({ restartCount }) => restartCount),
    ),
    created: parseTime(pod.metadata.creationTimestamp),
  }
}

function compare(left: Ranked, right: Ranked, now: number): number {
  if (left.scheduled !== right.scheduled) return left.scheduled ? 1 : -1
  if (left.phase !== right.phase) return left.phase - right.phase
  if (left.ready !== right.ready) return left.ready ? 1 : -1
  if (left.cost !== right.cost) return left.cost - right.cost
  if (left.colocated !== right.colocated) return right.colocated - left.colocated
  if (left.ready && left.readySince !== right.readySince) {
    return byAge(left.readySince, right.readySince, now) || byUid(left, right)
  }
  if (left.restarts !== right.restarts) return right.restarts - left.restarts
  if (left.sidecarRestarts !== right.sidecarRestarts) return right.sidecarRestarts - left.sidecarRestarts
  if (left.created === right.created) return 0
  return byAge(left.created, right.created, now) || byUid(left, right)
}

/** Those without a time first, then the youngest by orders of magnitude (of two) of their age in nanoseconds. */
function byAge(left: number | undefined, right: number | undefined, now: number): number {
  if (left === undefined) return -1
  if (right === undefined) return 1
  return magnitude(now - left) - magnitude(now - right)
}

const magnitude = (age: number): number => (age > 0 ? Math.floor(Math.log2(age * 1e6)) : -1)

const byUid = (left: Ranked, right: Ranked): number => (left.pod.metadata.uid < right.pod.metadata.uid ? -1 : 1)

function deletionCost({ metadata }: Pod): number {
  const text = metadata.annotations?.[DELETION_COST] ?? ''
  // As upstream: no plus sign, no leading zeros; what is no int32 costs nothing
  if (!/^(?:0|[1-9][0-9]*|-[0-9]+)$/.test(text)) return 0
  const cost = Number(text)
  return cost >= -LARGEST_COST - 1 && cost <= LARGEST_COST ? cost : 0
}
