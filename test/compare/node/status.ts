import type Docker from 'dockerode'
import type { Pod, PodContainer } from './pod.ts'

/** Of containers by name, as Docker describes them; undefined for those that are not made yet. */
export type States = ReadonlyMap<string, Docker.ContainerInspectInfo | undefined>

export interface Addresses {
  readonly host: string
  readonly pod: string
}

/** RFC 3339 without fractions, as meta/v1 `Time`. */
export const timestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

/** The status that a kubelet (1.34) writes of a Pod whose containers are in these states. */
export function podStatus(pod: Pod, states: States, addresses: Addresses, startTime: string): object {
  const { containers, ephemeralContainers = [] } = pod.spec
  const mine = containers.map(({ name }) => states.get(name)?.State)
  const ended = mine.every((state) => state !== undefined && hasEnded(state)) && pod.spec.restartPolicy !== 'Always'
  const failed = ended && mine.some((state) => state?.ExitCode !== 0)
  const running = mine.every((state) => state?.Running)
  const phase = ended
    ? failed
      ? 'Failed'
      : 'Succeeded'
    : mine.some((state) => state !== undefined)
      ? 'Running'
      : 'Pending'
  const why = ended
    ? { reason: failed ? 'PodFailed' : 'PodCompleted' }
    : running
      ? {}
      : { reason: 'ContainersNotReady' }
  const generation = pod.metadata.generation ?? 1
  const condition = (type: string, status: boolean, more: object = {}) => ({
    type,
    status: status ? 'True' : 'False',
    lastProbeTime: null,
    lastTransitionTime: startTime,
    observedGeneration: generation,
    ...more,
  })
  return {
    observedGeneration: generation,
    phase,
    hostIP: addresses.host,
    hostIPs: [{ ip: addresses.host }],
    podIP: addresses.pod,
    podIPs: [{ ip: addresses.pod }],
    startTime,
    conditions: [
      condition('PodReadyToStartContainers', !ended),
      condition('Initialized', true, ended && !failed ? why : {}),
      condition('Ready', running, why),
      condition('ContainersReady', running, why),
      condition('PodScheduled', true),
    ],
    containerStatuses: statuses(containers, states, { ready: true }),
    ...(ephemeralContainers.length > 0
      ? { ephemeralContainerStatuses: statuses(ephemeralContainers, states, { ready: false }) }
      : {}),
  }
}

const hasEnded = (state: Docker.ContainerInspectInfo['State']) => !state.Running && state.Status !== 'created'

/** By name, as a kubelet puts them. `ready`: whether these containers ever count as ready. */
function statuses(containers: readonly PodContainer[], states: States, { ready }: { ready: boolean }): object[] {
  return [...containers]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, image }) => {
      const info = states.get(name)
      const isRunning = info?.State.Running ?? false
      return {
        name,
        image: `docker.io/library/${image}`,
        imageID: info ? `docker-pullable://${info.Image}` : '',
        ...(info ? { containerID: `docker://${info.Id}` } : {}),
        ready: ready && isRunning,
        ...(ready ? { started: isRunning } : {}),
        restartCount: 0,
        resources: {},
        lastState: {},
        state: containerState(info),
      }
    })
}

function containerState(info: Docker.ContainerInspectInfo | undefined): object {
  if (!info) return { waiting: { reason: 'ContainerCreating' } }
  const startedAt = timestamp(Date.parse(info.State.StartedAt))
  if (info.State.Running) return { running: { startedAt } }
  const { ExitCode: exitCode } = info.State
  return {
    terminated: {
      containerID: `docker://${info.Id}`,
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      startedAt,
      finishedAt: timestamp(Date.parse(info.State.FinishedAt)),
    },
  }
}
