import type { Volume } from '../../kinds/pod/types.ts'
import { spanOf } from '../spans.ts'
import { pause, type Task } from '../task.ts'
import { ClaimError, claimOf, PodVolumes } from '../volumes/pod-volumes.ts'
import type { NodeContext } from './context.ts'
import { factsOf } from './start.ts'
import type { PodState } from './state.ts'

/** Milliseconds between attempts to set one volume up: upstream's exponential back-off. */
const FIRST_RETRY = 500
const LONGEST_RETRY = 122_000
/** Milliseconds after which the Pod's worker gives up for this time. */
const PATIENCE = 123_000

/** Sets all volumes of a Pod up; false if that has to be tried again later (`WaitForAttachAndMount`, 1.34). */
export function* mountVolumes(node: NodeContext, state: PodState): Task<boolean> {
  const volumes = state.pod.spec.volumes ?? []
  if (volumes.length === 0) return true
  if (node.volumes === undefined) return yield* lookForSources(node, state, volumes)
  state.volumes ??= new PodVolumes(node.volumes)
  const mounted = state.volumes
  if (volumes.every(({ name }) => mounted.has(name))) return true
  const sources = { objects: node.objects, facts: factsOf(node, state), tokens: node.tokens }
  yield* pause(node.clock, spanOf(node.profile.delays.mount, node.random))
  return yield* withRetries(node, state, volumes, function* (volume) {
    yield* mounted.setUp(volume, state.pod, sources)
  })
}

/** Where nothing runs, nothing is mounted: what is missing keeps the Pod waiting all the same. */
function* lookForSources(node: NodeContext, state: PodState, volumes: readonly Volume[]): Task<boolean> {
  const namespace = state.pod.metadata.namespace ?? ''
  // biome-ignore lint/correctness/useYield: nothing takes time where nothing is mounted
  return yield* withRetries(node, state, volumes, function* ({ name, ...volume }) {
    const { configMap, secret, persistentVolumeClaim, ephemeral } = volume
    if (configMap !== undefined && !isOptional(configMap)) node.objects.configMap(namespace, configMap.name ?? '')
    if (secret !== undefined && !isOptional(secret)) node.objects.secret(namespace, secret.secretName ?? '')
    if (persistentVolumeClaim !== undefined) claimOf(persistentVolumeClaim.claimName, state.pod, node.objects)
    if (ephemeral !== undefined) claimOf(`${state.pod.metadata.name}-${name}`, state.pod, node.objects, true)
  })
}

const isOptional = (ref: object): boolean => (ref as { readonly optional?: boolean }).optional === true

function* withRetries(
  node: NodeContext,
  state: PodState,
  volumes: readonly Volume[],
  setUp: (volume: Volume) => Task,
): Task<boolean> {
  const begun = node.clock.now()
  const tell = node.tell(state.pod)
  let left = volumes
  for (let wait = FIRST_RETRY; ; wait = Math.min(wait * 2, LONGEST_RETRY)) {
    const failed: Volume[] = []
    for (const volume of left) {
      try {
        yield* setUp(volume)
      } catch (error) {
        const { message } = error as Error
        if (error instanceof ClaimError) {
          const names = `unmounted volumes=[${volume.name}], unattached volumes=[], failed to process volumes=[${volume.name}]`
          tell('Warning', 'FailedMount', `Unable to attach or mount volumes: ${names}: ${message}`)
          return false
        }
        tell('Warning', 'FailedMount', `MountVolume.SetUp failed for volume "${volume.name}" : ${message}`)
        failed.push(volume)
      }
    }
    if (failed.length === 0) return true
    left = failed
    const patience = begun + PATIENCE - node.clock.now()
    yield* pause(node.clock, Math.min(wait, patience))
    if (wait >= patience) return false
  }
}
