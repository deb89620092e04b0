import type { ApiObject, GroupResource } from '../objects/types.ts'
import { withMetadata } from '../storage/metadata.ts'
import type { Cluster } from './cluster.ts'
import { orElse } from './namespaces.ts'
import { type Followed, QueueController } from './queue-controller.ts'

const PODS: GroupResource = { group: '', resource: 'pods' }
const CLAIMS: GroupResource = { group: '', resource: 'persistentvolumeclaims' }
const VOLUMES: GroupResource = { group: '', resource: 'persistentvolumes' }
const CLASSES: GroupResource = { group: 'storage.k8s.io', resource: 'volumeattributesclasses' }

/** Milliseconds until what is not held is held again: a real controller hears of it from afar. */
const DELAY = 100

/** What is protected, by its finalizer. */
const PROTECTED = [
  { resource: CLAIMS, finalizer: 'kubernetes.io/pvc-protection' },
  { resource: VOLUMES, finalizer: 'kubernetes.io/pv-protection' },
  { resource: CLASSES, finalizer: 'kubernetes.io/vac-protection' },
] as const
type Protected = (typeof PROTECTED)[number]

interface PodSpec {
  readonly nodeName?: string
  readonly volumes?: readonly {
    readonly name: string
    readonly persistentVolumeClaim?: { readonly claimName: string }
    readonly ephemeral?: object
  }[]
}

/**
 * Lets go of claims, volumes and attribute classes that are being deleted once nothing uses them, and holds those that do not know of it yet:
 * upstream's three protection controllers (1.34).
 */
export class StorageProtection extends QueueController {
  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
  }

  protected follows(): readonly Followed[] {
    return [...PROTECTED.map(({ resource }) => resource), PODS].map((resource) => ({
      resource,
      told: ({ type, object }) => {
        PROTECTED.forEach((kind, index) => {
          if (kind.resource.resource === resource.resource) {
            if (type !== 'DELETED' && hasWork(object, kind)) this.#add(index, object)
          } else this.#wake(index)
        })
      },
    }))
  }

  #add(index: number, { metadata }: ApiObject): void {
    const key = `${index}/${metadata.namespace ?? ''}/${metadata.name}`
    if (metadata.deletionTimestamp !== undefined) this.queue.add(key)
    else this.queue.addAfter(key, DELAY)
  }

  /** Something else has changed: what waits for its end may not be in use any more. */
  #wake(index: number): void {
    const kind = PROTECTED[index] as Protected
    for (const object of this.#all(kind.resource)) {
      if (object.metadata.deletionTimestamp !== undefined && hasWork(object, kind)) this.#add(index, object)
    }
  }

  protected sync(key: string): void {
    const [index = '', namespace, name = ''] = key.split('/')
    const kind = PROTECTED[Number(index)] as Protected
    const object = this.cluster.backend.store.collection(kind.resource)?.get(namespace, name)
    if (object === undefined || !hasWork(object, kind)) return
    const ends = object.metadata.deletionTimestamp !== undefined
    if (ends && this.#isUsed(kind, object)) return
    const change = (now: ApiObject): ApiObject => {
      const others = (now.metadata.finalizers ?? []).filter((one) => one !== kind.finalizer)
      const finalizers = ends ? others : [...others, kind.finalizer]
      return withMetadata(now, { finalizers: finalizers.length === 0 ? undefined : finalizers })
    }
    orElse(
      () => this.writer.update({ resource: kind.resource, namespace: namespace || undefined, name }, change),
      'NotFound',
    )
  }

  #isUsed({ resource }: Protected, object: ApiObject): boolean {
    const { name, namespace } = object.metadata
    switch (resource) {
      case CLAIMS:
        return this.#all(PODS, namespace).some((pod) => runs(pod) && claimsOf(pod).includes(name))
      case VOLUMES:
        return (object.status as { readonly phase?: string } | undefined)?.phase === 'Bound'
      default:
        return (
          this.#all(VOLUMES).some(({ spec }) => classOf(spec) === name) ||
          this.#all(CLAIMS).some(({ spec, status }) => classOf(spec) === name || classesOf(status).includes(name))
        )
    }
  }

  #all(resource: GroupResource, namespace?: string): readonly ApiObject[] {
    return this.cluster.backend.store.collection(resource)?.list({ namespace }).items ?? []
  }
}

/** Whether it ends and is still held, or is not held though it should be. */
function hasWork({ metadata }: ApiObject, { finalizer }: Protected): boolean {
  return (metadata.deletionTimestamp !== undefined) === (metadata.finalizers ?? []).includes(finalizer)
}

const classOf = (spec: unknown): string | undefined =>
  (spec as { readonly volumeAttributesClassName?: string } | undefined)?.volumeAttributesClassName

function classesOf(status: unknown): readonly (string | undefined)[] {
  const { currentVolumeAttributesClassName: current, modifyVolumeStatus } = (status ?? {}) as {
    readonly currentVolumeAttributesClassName?: string
    readonly modifyVolumeStatus?: { readonly targetVolumeAttributesClassName?: string }
  }
  return [current, modifyVolumeStatus?.targetVolumeAttributesClassName]
}

/** It has a node, where its volumes may be mounted as long as it is there at all. */
function runs({ spec }: ApiObject): boolean {
  return ((spec as PodSpec | undefined)?.nodeName ?? '') !== ''
}

function claimsOf({ metadata, spec }: ApiObject): readonly string[] {
  // Its kubelet is done with it
  const isShutDown = metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0
  return ((spec as PodSpec | undefined)?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim !== undefined) return [persistentVolumeClaim.claimName]
    return ephemeral === undefined || isShutDown ? [] : [`${metadata.name}-${name}`]
  })
}
