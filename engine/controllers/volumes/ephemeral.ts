import { EventRecorder } from '../../events/recorder.ts'
import type { PodSpec, Volume } from '../../kinds/pod/types.ts'
import type { ApiObject } from '../../objects/types.ts'
import { keyOfObject } from '../../storage/key.ts'
import { type Cluster, CONTROLLER_MANAGER, controllerUser } from '../cluster.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { CLAIMS } from './matching.ts'

const PODS = { group: '', resource: 'pods' } as const
const USER = controllerUser('ephemeral-volume-controller')

/** Makes the claims that Pods describe in their volumes: upstream's ephemeral volume controller (1.34). */
export class EphemeralVolumes extends QueueController {
  readonly #events: EventRecorder

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
    this.#events = new EventRecorder(cluster.backend, { component: 'ephemeral_volume' }, CONTROLLER_MANAGER)
  }

  protected follows(): readonly Followed[] {
    return [
      {
        resource: PODS,
        told: ({ type, object }) => {
          if (type !== 'DELETED' && described(object).length > 0) this.queue.add(keyOfObject(object))
        },
      },
      // A claim that is gone too early is made again
      {
        resource: CLAIMS,
        told: ({ type, object }) => {
          if (type === 'DELETED') this.#claimWent(object)
        },
      },
    ]
  }

  protected sync(key: string): void {
    const [namespace, name = ''] = key.split('/')
    const pod = this.cluster.backend.store.collection(PODS)?.get(namespace, name)
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return
    for (const volume of described(pod)) {
      try {
        this.#make(pod, volume)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        this.#events.warning(pod, 'FailedBinding', `ephemeral volume ${volume.name}: ${why}`)
        throw error
      }
    }
  }

  #claimWent({ metadata: { namespace, ownerReferences = [] } }: ApiObject): void {
    const owner = ownerReferences.find(({ controller, kind }) => controller === true && kind === 'Pod')
    if (owner !== undefined) this.queue.add(`${namespace}/${owner.name}`)
  }

  #make(pod: ApiObject, volume: Volume): void {
    const { namespace, name: podName, uid } = pod.metadata
    const name = `${podName}-${volume.name}`
    const claim = this.cluster.backend.store.collection(CLAIMS)?.get(namespace, name)
    if (claim !== undefined) {
      const own = claim.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid)
      if (own) return
      throw new Error(`PVC ${namespace}/${name} was not created for pod ${namespace}/${podName} (pod is not owner)`)
    }
    const { metadata, spec } = volume.ephemeral?.volumeClaimTemplate ?? {}
    const { annotations, labels } = metadata ?? {}
    const owner = { apiVersion: 'v1', kind: 'Pod', name: podName, uid, controller: true, blockOwnerDeletion: true }
    const object = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        ownerReferences: [owner],
        ...(annotations === undefined ? {} : { annotations }),
        ...(labels === undefined ? {} : { labels }),
      },
      spec,
    }
    try {
      this.writer.submit(CLAIMS, object, USER, namespace)
    } catch (error) {
      throw new Error(`create PVC ${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

const described = ({ spec }: ApiObject): readonly Volume[] =>
  ((spec as PodSpec | undefined)?.volumes ?? []).filter(({ ephemeral }) => ephemeral?.volumeClaimTemplate !== undefined)
