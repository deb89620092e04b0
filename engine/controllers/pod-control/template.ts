import type { PodTemplateSpec } from '../../kinds/pod/types.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { controllerRef } from './controller-ref.ts'

/** Characters that a Pod's name may have at most. */
const LONGEST_NAME = 253

/** What generated names of an owner's Pods begin with. */
export function podPrefix(owner: string): string {
  return owner.length < LONGEST_NAME ? `${owner}-` : owner
}

/** The Pod that a template describes, for its owner to create (`GetPodFromTemplate`): its name is generated from the owner's. */
export function podFromTemplate({ metadata, spec }: PodTemplateSpec, owner: ApiObject): NewObject {
  const { labels, annotations, finalizers } = metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: podPrefix(owner.metadata.name),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerRef(owner)],
    },
    spec,
  }
}
