/** What scenarios wait for, as `kubectl rollout status` and `kubectl wait` do. */
import type { Json } from './side.ts'
import type { Stage } from './stage.ts'

export const condition = (object: Json | undefined, type: string): Json | undefined =>
  object?.status?.conditions?.find((one: Json) => one.type === type)

export const isTrue = (object: Json | undefined, type: string): boolean => condition(object, type)?.status === 'True'

export const statusOf = (pod: Json | undefined, container = 'main'): Json =>
  [
    ...(pod?.status?.containerStatuses ?? []),
    ...(pod?.status?.initContainerStatuses ?? []),
    ...(pod?.status?.ephemeralContainerStatuses ?? []),
  ].find(({ name }) => name === container) ?? {}

/** All its Pods are new, and available; no other is left. */
export const rolledOut = (stage: Stage, name: string, seconds?: number): Promise<Json> =>
  stage.until(
    `Deployment ${name} is rolled out`,
    () => {
      const { metadata, spec, status } = stage.the('Deployment', name)
      const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, observedGeneration } = status
      const is =
        observedGeneration >= metadata.generation &&
        updatedReplicas === spec.replicas &&
        replicas === spec.replicas &&
        availableReplicas === spec.replicas
      // What is on its way out is not counted by the status
      return is && stage.list('Pod', spec.selector.matchLabels).length === spec.replicas
    },
    seconds,
  )

export const running = (stage: Stage, pod: string, seconds?: number): Promise<Json> =>
  stage.until(
    `Pod ${pod} is ready`,
    () => {
      const found = stage.get('Pod', pod)
      return isTrue(found, 'Ready') && found
    },
    seconds,
  )

export const phase = (stage: Stage, pod: string, wanted: string, seconds?: number): Promise<Json> =>
  stage.until(
    `Pod ${pod} is ${wanted}`,
    () => {
      const found = stage.get('Pod', pod)
      return found?.status.phase === wanted && found
    },
    seconds,
  )

/** A container of the Pod waits for this reason. */
export const waits = (stage: Stage, pod: string, reason: string, container = 'main'): Promise<Json> =>
  stage.until(`Pod ${pod} waits: ${reason}`, () => {
    const found = stage.get('Pod', pod)
    return statusOf(found, container).state?.waiting?.reason === reason && found
  })

export const restarted = (stage: Stage, pod: string, times: number, container = 'main'): Promise<Json> =>
  stage.until(`Pod ${pod} has restarted ${times} times`, () => {
    const found = stage.get('Pod', pod)
    return statusOf(found, container).restartCount >= times && found
  })

export const gone = (stage: Stage, kind: string, name: string): Promise<unknown> =>
  stage.until(`${kind} ${name} is gone`, () => stage.get(kind, name) === undefined)

export const eventsOf = (stage: Stage, kind: string, name: string): Json[] =>
  stage.list('Event').filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name)

export const event = (stage: Stage, kind: string, name: string, reason: string, part = ''): Promise<Json> =>
  stage.until(`event ${reason} of ${kind} ${name}`, () =>
    eventsOf(stage, kind, name).find((one) => one.reason === reason && one.message.includes(part)),
  )

/** So many Pods with the labels are ready, and no others are there. */
export const readyPods = (stage: Stage, labels: Readonly<Record<string, string>>, count: number): Promise<Json[]> =>
  stage.until(`${count} Pods are ready`, () => {
    const pods = stage.list('Pod', labels)
    return pods.length === count && pods.every((pod) => isTrue(pod, 'Ready')) && pods
  })

export const has = (stage: Stage, kind: string, name: string, type: string, status = 'True'): Promise<Json> =>
  stage.until(`${kind} ${name} is ${type}=${status}`, () => {
    const found = stage.get(kind, name)
    return condition(found, type)?.status === status && found
  })
