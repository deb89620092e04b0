import { restartsAlways } from '../../kinds/pod/resources.ts'
import type { Container, PodSpec, Quantities } from '../../kinds/pod/types.ts'
import { formatTime } from '../../objects/time.ts'
import { type ContainerRecord, latest, type Records, shouldRun } from '../pod/record.ts'
import type { FullContainerStatus, StartFailure, State, VolumeMountStatus } from './types.ts'

export interface ContainerView {
  readonly spec: PodSpec
  readonly ending: boolean
  readonly records: Records
  readonly failures: ReadonlyMap<string, StartFailure>
}

/** Exit code of containers of which nobody knows how they ended: as if they were killed. */
const LOST_EXIT_CODE = 137

/** Statuses of some containers of a Pod, without what probes say: `convertToAPIContainerStatuses` (1.34). */
export function containerStatuses(
  view: ContainerView,
  containers: readonly Container[],
  old: readonly FullContainerStatus[],
  isInit: boolean,
): FullContainerStatus[] {
  const initializing = (view.spec.initContainers?.length ?? 0) > 0
  const statuses = containers.map((container) => {
    const before = old.find(({ name }) => name === container.name)
    return withFailure(statusOf(view, container, before, initializing), view, container, isInit)
  })
  return isInit ? statuses : statuses.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

function statusOf(
  { records, ending }: ContainerView,
  container: Container,
  before: FullContainerStatus | undefined,
  initializing: boolean,
): FullContainerStatus {
  const own = records.filter(({ name }) => name === container.name)
  const [now, previous] = own
  if (now === undefined) return unseen(container, before, initializing, ending)
  const state = stateOf(now)
  const { requests } = now.allocated
  return {
    ...(hasEntries(requests) ? { allocatedResources: requests as Quantities } : {}),
    containerID: idOf(now),
    image: now.image,
    imageID: now.imageId,
    lastState: previous === undefined ? {} : stateOf(previous),
    name: container.name,
    ready: false,
    resources: now.state === 'running' ? now.resources : now.allocated,
    restartCount: now.restartCount,
    state,
    user: { linux: now.user },
    ...volumeMounts(container),
  }
}

/** One that the runtime does not know: not made yet, or lost. */
function unseen(
  container: Container,
  before: FullContainerStatus | undefined,
  initializing: boolean,
  ending: boolean,
): FullContainerStatus {
  if (before?.state?.terminated !== undefined) return before
  const lost = before?.state?.running !== undefined && before.lastState?.terminated === undefined
  return {
    image: container.image ?? '',
    imageID: '',
    lastState: lost
      ? {
          terminated: {
            exitCode: LOST_EXIT_CODE,
            finishedAt: null,
            message: 'The container could not be located when the pod was deleted.  The container used to be Running',
            reason: 'ContainerStatusUnknown',
            startedAt: null,
          },
        }
      : (before?.lastState ?? {}),
    name: container.name,
    ready: false,
    restartCount: (before?.restartCount ?? 0) + (lost && !ending ? 1 : 0),
    state: { waiting: { reason: initializing ? 'PodInitializing' : 'ContainerCreating' } },
    ...volumeMounts(container),
  }
}

/** What should run and could not be started waits, and says why. */
function withFailure(
  status: FullContainerStatus,
  { records, failures, spec, ending }: ContainerView,
  container: Container,
  isInit: boolean,
): FullContainerStatus {
  const failure = failures.get(container.name)
  if (failure === undefined) return status
  const record = latest(records, container.name)
  if (isInit && record?.state === 'exited' && record.exitCode === 0) return status
  if (!shouldRun(records, container.name, { restartPolicy: spec.restartPolicy, ending })) return status
  const { reason, message } = failure
  return {
    ...status,
    lastState: status.state.terminated === undefined ? status.lastState : status.state,
    state: { waiting: { ...(message === '' ? {} : { message }), reason } },
  }
}

export const idOf = ({ id }: ContainerRecord): string => `containerd://${id}`

function stateOf(record: ContainerRecord): State {
  switch (record.state) {
    case 'created':
      return { waiting: {} }
    case 'running':
      return { running: { startedAt: formatTime(record.startedAt) } }
    case 'exited':
      return {
        terminated: {
          containerID: idOf(record),
          exitCode: record.exitCode,
          finishedAt: formatTime(record.finishedAt),
          ...(record.message === '' ? {} : { message: record.message }),
          reason: record.reason,
          startedAt: formatTime(record.startedAt),
        },
      }
  }
}

function volumeMounts({ volumeMounts: mounts = [] }: Container): { volumeMounts?: VolumeMountStatus[] } {
  if (mounts.length === 0) return {}
  return {
    volumeMounts: mounts.map(({ name, mountPath, readOnly }) => ({
      mountPath,
      name,
      ...(readOnly === true ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
    })),
  }
}

const hasEntries = (map: object | undefined): boolean => map !== undefined && Object.keys(map).length > 0

/** `started` and `ready` as probes say; what has none is started as soon as it runs, and ready then. */
export function withProbes(
  statuses: readonly FullContainerStatus[],
  containers: readonly Container[],
  records: Records,
): FullContainerStatus[] {
  return statuses.map((status) => {
    const container = containers.find(({ name }) => name === status.name)
    const record = latest(records, status.name)
    const running = status.state.running !== undefined && record !== undefined && container !== undefined
    const started = running && isStarted(container, record)
    return { ...status, ready: started && isReady(container, record), started }
  })
}

/** The same for init containers: those that end are ready once they have succeeded, and sidecars as any other. */
export function withInitProbes(
  statuses: readonly FullContainerStatus[],
  containers: readonly Container[],
  records: Records,
): FullContainerStatus[] {
  const sidecars = containers.filter(restartsAlways)
  return withProbes(statuses, containers, records).map((status) =>
    sidecars.some(({ name }) => name === status.name)
      ? status
      : { ...status, ready: status.state.terminated?.exitCode === 0 },
  )
}

export function isStarted(container: Container, record: ContainerRecord): boolean {
  if (record.state !== 'running') return false
  return container.startupProbe === undefined || record.results?.startup === 'success'
}

export function isReady(container: Container, record: ContainerRecord): boolean {
  return container.readinessProbe === undefined || record.results?.readiness === 'success'
}
