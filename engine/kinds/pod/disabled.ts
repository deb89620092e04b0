import type { ApiObject } from '../../objects/types.ts'
import { change, changeEach, without } from '../defaulting.ts'
import { restartsAlways } from './resources.ts'
import type { Container, PodSpec, PodStatus, PodTemplateSpec } from './types.ts'

/** What belongs to features that are off in 1.34 is dropped without a word: `DropDisabledPodFields`. */
export function withoutDisabled(given: PodSpec): PodSpec {
  let spec: PodSpec = withoutImageVolumes(without(given, 'hostnameOverride'))
  spec = changeEach(spec, 'volumes', (volume) =>
    change(volume, 'projected', (projected) =>
      changeEach(projected, 'sources', (source) => without(source, 'clusterTrustBundle', 'podCertificate')),
    ),
  )
  spec = changeEach(spec, 'containers', (container) => ofContainer(without(container, 'restartPolicy')))
  spec = changeEach(spec, 'initContainers', (container) =>
    ofContainer(restartsAlways(container) ? container : without(container, 'restartPolicy')),
  )
  return changeEach(spec, 'ephemeralContainers', (container) => ofContainer(without(container, 'restartPolicy')))
}

export function templateWithoutDisabled<T extends PodTemplateSpec>(template: T): T {
  return change(template, 'spec', withoutDisabled)
}

function ofContainer(given: Container): Container {
  const container = changeEach(without(given, 'restartPolicyRules'), 'env', (variable) =>
    change(variable, 'valueFrom', (source) => without(source, 'fileKeyRef')),
  )
  return change(container, 'lifecycle', (lifecycle) => without(lifecycle, 'stopSignal'))
}

function withoutImageVolumes(spec: PodSpec): PodSpec {
  const names = new Set((spec.volumes ?? []).filter(({ image }) => image !== undefined).map(({ name }) => name))
  if (names.size === 0) return spec
  const kept = (spec.volumes ?? []).filter(({ name }) => !names.has(name))
  const unmounted = <T extends Container>(container: T): T => {
    const mounts = (container.volumeMounts ?? []).filter(({ name }) => !names.has(name))
    return mounts.length === 0 ? without(container, 'volumeMounts') : { ...container, volumeMounts: mounts }
  }
  let bare: PodSpec = kept.length === 0 ? without(spec, 'volumes') : { ...spec, volumes: kept }
  bare = changeEach(bare, 'containers', unmounted)
  bare = changeEach(bare, 'initContainers', unmounted)
  return changeEach(bare, 'ephemeralContainers', unmounted)
}

const containerLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const

/** The same for what kubelets tell: `dropDisabledPodStatusFields`. */
export function statusWithoutDisabled(pod: ApiObject): ApiObject {
  const status = pod.status as PodStatus | undefined
  if (status === undefined) return pod
  let kept = without(status, 'extendedResourceClaimStatus')
  for (const list of containerLists) kept = changeEach(kept, list, (one) => without(one, 'allocatedResourcesStatus'))
  return kept === status ? pod : { ...pod, status: kept }
}
