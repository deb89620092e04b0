import type { Container } from '../../kinds/pod/types.ts'
import { deepEqual } from '../../objects/equal.ts'
import type { PendingResize } from '../status/generate.ts'
import type { NodeContext } from './context.ts'
import type { ContainerRecord } from './record.ts'
import type { PodWorker } from './worker.ts'

/** Gives running containers the resources that their Pod asks for now; why not, if the node has not got them (in-place resize, 1.34). */
export function resize(node: NodeContext, worker: PodWorker): PendingResize | undefined {
  const { pod, records } = worker.state
  const containers = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])]
  const changed = containers.flatMap((container): [Container, ContainerRecord][] => {
    const record = records.find(({ name }) => name === container.name)
    const same = record === undefined || deepEqual(record.resources, container.resources ?? {})
    return record?.state === 'running' && !same ? [[container, record]] : []
  })
  if (changed.length === 0) return undefined
  const pending = node.recharge(worker)
  if (pending !== undefined) return pending
  for (const [container, record] of changed) {
    if (mustRestart(container, record)) record.restartToResize = true
    else record.resources = container.resources
  }
  const { initContainers = [] } = pod.spec
  const summary = (list: readonly Container[]) => list.map(({ name, resources }) => ({ name, resources }))
  const told = {
    ...(initContainers.length === 0 ? {} : { initContainers: summary(initContainers) }),
    containers: summary(pod.spec.containers ?? []),
  }
  node.tell(pod)('Normal', 'ResizeCompleted', `Pod resize completed: ${JSON.stringify(told)}`)
  return undefined
}

function mustRestart({ resizePolicy = [], resources }: Container, record: ContainerRecord): boolean {
  return resizePolicy.some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === 'RestartContainer' &&
      (resources?.limits?.[resourceName] !== record.resources.limits?.[resourceName] ||
        resources?.requests?.[resourceName] !== record.resources.requests?.[resourceName]),
  )
}
