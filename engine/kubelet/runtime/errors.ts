import { badRequest, internalError, type StatusError } from '../../objects/status-error.ts'
import type { FullContainerStatus, FullPodStatus } from '../status/types.ts'

/** The kubelet's port. */
const PORT = 10250

/** What the API server says of a node that does not answer: at once if it is down, after a while if nothing comes back. */
export function unreachable(host: string, path: string, isDown: boolean): StatusError {
  const why = isDown ? 'connect: connection refused' : 'i/o timeout'
  return internalError(`Get "https://${host}:${PORT}${path}": dial tcp ${host}:${PORT}: ${why}`)
}

/** The run whose log is meant: `containerd://…` of a status. Throws 400 with the kubelet's sentence (`validateContainerLogStatus`, 1.34). */
export function loggedRun(pod: string, status: FullPodStatus, container: string, previous: boolean): string {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status
  const all: readonly FullContainerStatus[] = [
    ...containerStatuses,
    ...initContainerStatuses,
    ...ephemeralContainerStatuses,
  ]
  const named = `container "${container}" in pod "${pod}"`
  const found = all.find(({ name }) => name === container)
  if (found === undefined) throw badRequest(`${named} is not available`)
  const { state, lastState, containerID } = found
  const before = lastState.terminated?.containerID
  if (previous) {
    if (before === undefined) throw badRequest(`previous terminated ${named} not found`)
    return before
  }
  if (state.running !== undefined) return containerID ?? ''
  if (state.terminated !== undefined) {
    const id = state.terminated.containerID ?? before
    if (id === undefined) throw badRequest(`${named} is terminated`)
    return id
  }
  if (lastState.terminated !== undefined) {
    if (before === undefined) throw badRequest(`${named} is terminated`)
    return before
  }
  const reason = state.waiting?.reason
  switch (reason) {
    case undefined:
      throw badRequest(`${named} is waiting to start - no logs yet`)
    case 'ErrImagePull':
      throw badRequest(`${named} is waiting to start: image can't be pulled`)
    case 'ImagePullBackOff':
      throw badRequest(`${named} is waiting to start: trying and failing to pull image`)
    default:
      throw badRequest(`${named} is waiting to start: ${reason}`)
  }
}
