import type { Pod } from '../../kinds/pod/status.ts'
import type { PodTemplateSpec, Volume } from '../../kinds/pod/types.ts'
import type { NewObject } from '../../objects/types.ts'
import { podFromTemplate } from '../pod-control/template.ts'
import { claimName } from './claims.ts'
import { ordinalOf, POD_INDEX_LABEL, POD_NAME_LABEL, parentOf, REVISION_LABEL, type StatefulSet } from './types.ts'

/** The Pod of an ordinal, not created yet, from the template of a revision. */
export function newPod(set: StatefulSet, template: PodTemplateSpec, revision: string, ordinal: number): Pod {
  const { metadata, spec } = podFromTemplate(template, set) as NewObject & { readonly spec: Pod['spec'] }
  const name = `${set.metadata.name}-${ordinal}`
  const { namespace } = set.metadata
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...metadata.labels, ...identityLabels(name, ordinal), [REVISION_LABEL]: revision },
    },
    spec: {
      ...spec,
      hostname: name,
      ...(set.spec.serviceName === undefined ? {} : { subdomain: set.spec.serviceName }),
    },
  } as unknown as Pod
  return withStorage(set, pod)
}

export const identityLabels = (name: string, ordinal: number): Readonly<Record<string, string>> => ({
  [POD_NAME_LABEL]: name,
  [POD_INDEX_LABEL]: String(ordinal),
})

export function hasIdentity(set: StatefulSet, { metadata }: Pod): boolean {
  const { parent, ordinal } = parentOf({ metadata })
  return ordinal >= 0 && parent === set.metadata.name && metadata.labels?.[POD_NAME_LABEL] === metadata.name
}

export function hasStorage(set: StatefulSet, pod: Pod): boolean {
  return (set.spec.volumeClaimTemplates ?? []).every(({ metadata }) => {
    const volume = pod.spec.volumes?.find(({ name }) => name === metadata?.name)
    return volume?.persistentVolumeClaim?.claimName === claimName(set, metadata?.name ?? '', ordinalOf(pod))
  })
}

/** With a volume for each of its claims, in place of those that have their names. */
export function withStorage(set: StatefulSet, pod: Pod): Pod {
  const { volumeClaimTemplates = [] } = set.spec
  if (volumeClaimTemplates.length === 0) return pod
  const claims: Volume[] = volumeClaimTemplates.map(({ metadata }) => ({
    name: metadata?.name ?? '',
    persistentVolumeClaim: { claimName: claimName(set, metadata?.name ?? '', ordinalOf(pod)) },
  }))
  const names = new Set(claims.map(({ name }) => name))
  const others = (pod.spec.volumes ?? []).filter(({ name }) => !names.has(name))
  return { ...pod, spec: { ...pod.spec, volumes: [...claims, ...others] } }
}
