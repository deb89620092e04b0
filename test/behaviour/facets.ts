/** What is followed of an object: each facet's values one after the other, however they were put together in writes. */
import type { Json } from './side.ts'

export type Facets = Record<string, string | number | undefined>

const said = ({ status, reason, message }: Json): string =>
  [status, reason, message].filter((part) => part !== undefined && part !== '').join(' ')

function conditions(status: Json): Facets {
  return Object.fromEntries(((status?.conditions ?? []) as Json[]).map((one) => [`condition ${one.type}`, said(one)]))
}

const figures = (from: Json, names: readonly string[]): Facets =>
  Object.fromEntries(names.map((name) => [name, (from?.[name] ?? 0) as number]))

const controllerOf = ({ metadata }: Json): string | undefined => {
  const owner = metadata.ownerReferences?.find((one: Json) => one.controller)
  return owner && `${owner.kind} ${owner.name}`
}

function common({ metadata }: Json): Facets {
  return {
    deleted: metadata.deletionTimestamp && `grace ${metadata.deletionGracePeriodSeconds ?? 0}`,
    finalizers: metadata.finalizers?.join(', '),
  }
}

function stateOf({ state = {} }: Json): string {
  if (state.waiting) return `waiting: ${[state.waiting.reason, state.waiting.message].filter(Boolean).join(': ')}`
  if (state.terminated) return endOf(state.terminated)
  return state.running ? 'running' : 'no state'
}

function endOf({ exitCode, signal, reason, message }: Json): string {
  const parts = [`terminated: ${exitCode}`, reason, signal && `signal ${signal}`, message]
  return parts.filter((part) => part !== undefined && part !== '').join(' ')
}

function containers(statuses: readonly Json[] = []): Facets {
  return Object.fromEntries(
    statuses.flatMap((status) => [
      [`${status.name} state`, stateOf(status)],
      [`${status.name} before`, status.lastState?.terminated && endOf(status.lastState.terminated)],
      [`${status.name} ready`, String(status.ready)],
      [`${status.name} restarts`, status.restartCount],
    ]),
  )
}

const conditioned = (names: readonly string[]) => {
  return ({ spec, status }: Json): Facets => ({
    ...('replicas' in (spec ?? {}) ? { wanted: spec.replicas } : {}),
    ...figures(status, names),
    ...conditions(status),
  })
}

const facetsByKind: Readonly<Record<string, (object: Json) => Facets>> = {
  Pod: ({ spec, status, ...object }) => ({
    owner: controllerOf(object),
    node: spec.nodeName,
    gates: spec.schedulingGates?.map(({ name }: Json) => name).join(', '),
    nominated: status.nominatedNodeName,
    phase: status.phase,
    reason: [status.reason, status.message].filter(Boolean).join(': ') || undefined,
    quality: status.qosClass,
    ...conditions(status),
    ...containers(status.initContainerStatuses),
    ...containers(status.containerStatuses),
    ...containers(status.ephemeralContainerStatuses),
  }),
  Deployment: (object) => ({
    revision: object.metadata.annotations?.['deployment.kubernetes.io/revision'],
    paused: object.spec.paused && 'paused',
    ...conditioned(['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'])(
      object,
    ),
  }),
  ReplicaSet: (object) => ({
    owner: controllerOf(object),
    revision: object.metadata.annotations?.['deployment.kubernetes.io/revision'],
    ...conditioned(['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'])(object),
  }),
  StatefulSet: (object) => ({
    'current revision': object.status.currentRevision,
    'update revision': object.status.updateRevision,
    ...conditioned(['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'])(object),
  }),
  DaemonSet: conditioned([
    ...['desiredNumberScheduled', 'currentNumberScheduled', 'updatedNumberScheduled', 'numberMisscheduled'],
    ...['numberReady', 'numberAvailable', 'numberUnavailable'],
  ]),
  Job: (object) => ({
    suspended: object.spec.suspend && 'suspended',
    completed: object.status.completedIndexes,
    'failed indexes': object.status.failedIndexes,
    ...conditioned(['active', 'ready', 'succeeded', 'failed', 'terminating'])(object),
  }),
  CronJob: ({ spec, status }) => ({
    suspended: spec.suspend && 'suspended',
    active: (status.active ?? []).length,
    scheduled: status.lastScheduleTime && 'has been',
    succeeded: status.lastSuccessfulTime && 'has been',
  }),
  HorizontalPodAutoscaler: conditioned(['currentReplicas', 'desiredReplicas']),
  PodDisruptionBudget: conditioned(['currentHealthy', 'desiredHealthy', 'disruptionsAllowed', 'expectedPods']),
  PersistentVolumeClaim: ({ spec, status }) => ({
    phase: status.phase,
    volume: spec.volumeName,
    capacity: status.capacity?.storage,
    ...conditions(status),
  }),
  PersistentVolume: ({ spec, status }) => ({ phase: status.phase, policy: spec.persistentVolumeReclaimPolicy }),
  EndpointSlice: ({ endpoints }) => endpointsOf(endpoints ?? []),
  Namespace: ({ status }) => ({ phase: status.phase, ...conditions(status) }),
  Node: ({ spec, status }) => ({
    taints: ((spec.taints ?? []) as Json[])
      .map(({ key, effect, value = '' }) => `${key}=${value}:${effect}`)
      .sort()
      .join(' '),
    cordoned: spec.unschedulable && 'cordoned',
    ...conditions(status),
  }),
  ResourceQuota: ({ status }) =>
    Object.fromEntries(Object.entries(status.used ?? {}).map(([name, amount]) => [`used ${name}`, String(amount)])),
}

function endpointsOf(endpoints: readonly Json[]): Facets {
  const count = (is: (conditions: Json) => boolean) => endpoints.filter(({ conditions }) => is(conditions)).length
  return {
    ready: count(({ ready }) => ready),
    serving: count(({ serving }) => serving),
    terminating: count(({ terminating }) => terminating),
  }
}

export function facetsOf(object: Json): Facets {
  return { ...common(object), ...facetsByKind[object.kind]?.(object) }
}
