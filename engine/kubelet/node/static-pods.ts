import { defaultPod } from '../../kinds/pod/defaults.ts'
import { qosClass } from '../../kinds/pod/qos.ts'
import { asPod, type Pod } from '../../kinds/pod/status.ts'
import type { PodSpec } from '../../kinds/pod/types.ts'
import { formatTime } from '../../objects/time.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'

const CONFIG = 'kubernetes.io/config.'
export const MIRROR = `${CONFIG}mirror`
const HASH = `${CONFIG}hash`

/** Upstream's for Pods of critical classes; admission gives it to those that come over the wire. */
const PRIORITIES: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}

/** A Pod of a node's manifest, as its kubelet sees it: bound, and known by what is in it. `now` in ms since 1970. */
export function staticPod(manifest: NewObject, node: string, now: number): Pod {
  const { name = '', namespace = 'default', labels, annotations } = manifest.metadata
  const hash = hashOf(JSON.stringify(manifest) + node)
  const named = {
    ...manifest,
    metadata: {
      name: `${name}-${node}`,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      annotations: {
        ...annotations,
        [HASH]: hash,
        [`${CONFIG}seen`]: `${new Date(now).toISOString().slice(0, 23)}000000Z`,
        [`${CONFIG}source`]: 'file',
      },
    },
  }
  const pod = defaultPod(named) as NewObject & { readonly spec: PodSpec }
  const priority = PRIORITIES[pod.spec.priorityClassName ?? '']
  const spec: PodSpec = {
    ...pod.spec,
    nodeName: node,
    ...(priority === undefined ? {} : { priority, preemptionPolicy: 'PreemptLowerPriority' }),
    tolerations: [...(pod.spec.tolerations ?? []), { effect: 'NoExecute', operator: 'Exists' }],
  }
  return asPod({
    ...pod,
    spec,
    metadata: {
      ...pod.metadata,
      name: `${name}-${node}`,
      uid: hash,
      resourceVersion: '',
      creationTimestamp: formatTime(now),
    },
    status: { phase: 'Pending', qosClass: qosClass(spec) },
  } as ApiObject)
}

/** What the API is shown of it: a Pod that belongs to the node. */
export function mirrorOf(pod: Pod, node: ApiObject): NewObject {
  const { uid, ...metadata } = pod.metadata
  const { creationTimestamp: _, resourceVersion: __, ...own } = metadata
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...own,
      annotations: { ...own.annotations, [MIRROR]: uid },
      ownerReferences: [
        { apiVersion: 'v1', controller: true, kind: 'Node', name: node.metadata.name, uid: node.metadata.uid },
      ],
    },
    spec: pod.spec,
  }
}

export const isMirror = ({ metadata }: ApiObject): boolean => metadata.annotations?.[MIRROR] !== undefined

/** What a Pod of the API is known by on its node: for a mirror, what it mirrors. */
export const uidOnNode = ({ metadata }: ApiObject): string => metadata.annotations?.[MIRROR] ?? metadata.uid

/** 32 digits, as upstream's. */
function hashOf(text: string): string {
  let hash = ''
  for (let seed = 0; seed < 4; seed++) {
    let sum = 0x811c9dc5 ^ seed
    for (let index = 0; index < text.length; index++) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193)
    hash += (sum >>> 0).toString(16).padStart(8, '0')
  }
  return hash
}
