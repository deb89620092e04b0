import type { Cancel } from '../../clock/clock.ts'
import { EventRecorder } from '../../events/recorder.ts'
import { BETA_CLASS, claimSpecOf, claimStatusOf } from '../../kinds/core/volume/claim-types.ts'
import { volumeSpecOf } from '../../kinds/core/volume/volume-types.ts'
import { Quantity } from '../../objects/quantity.ts'
import type { ApiObject } from '../../objects/types.ts'
import { claimNameOf } from '../../scheduler/volume-binding.ts'
import { withMetadata } from '../../storage/metadata.ts'
import { type Cluster, CONTROLLER_MANAGER } from '../cluster.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { defaultClass } from './default-class.ts'
import {
  BETA_PROVISIONER,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  CLAIMS,
  claimRefOf,
  classOf,
  findVolume,
  isFor,
  modeOf,
  offersModes,
  PROVISIONER,
  promised,
  SELECTED_NODE,
  storageClass,
  VOLUMES,
  waitsForConsumer,
} from './matching.ts'
import { VolumeReclaim } from './reclaim.ts'
import { VolumeWriter } from './volume-writer.ts'

const PODS = { group: '', resource: 'pods' } as const
/** Milliseconds after which claims that wait are looked at again: `--pvclaimbinder-sync-period`. */
const RESYNC = 15_000

/** Brings claims and volumes together and lets go of volumes whose claims are gone: upstream's persistentvolume-controller (1.34). */
export class VolumeBinder extends QueueController {
  readonly #events: EventRecorder
  readonly #volumes: VolumeWriter
  readonly #reclaim: VolumeReclaim
  #cancelResync: Cancel | undefined

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
    this.#events = new EventRecorder(cluster.backend, { component: 'persistentvolume-controller' }, CONTROLLER_MANAGER)
    this.#volumes = new VolumeWriter(cluster.backend, this.writer, this.#events)
    this.#reclaim = new VolumeReclaim(this.#volumes)
  }

  protected follows(): readonly Followed[] {
    return [
      { resource: VOLUMES, told: ({ object }) => this.#volumeChanged(object) },
      { resource: CLAIMS, told: ({ type, object }) => this.#claimChanged(type, object) },
    ]
  }

  override stop(): void {
    this.#cancelResync?.()
    this.#cancelResync = undefined
    super.stop()
  }

  protected sync(key: string): void {
    const [what, namespace = '', name = ''] = key.split('/')
    if (what === 'volume') {
      const volume = this.#volume(name)
      if (volume !== undefined) this.#syncVolume(volume)
      return
    }
    const claim = this.#claim(namespace, name)
    if (claim === undefined) return
    if (claim.metadata.annotations?.[BIND_COMPLETED] === undefined) this.#syncUnbound(claim)
    else this.#syncBound(claim)
    if (claimStatusOf(claim).phase === 'Pending') this.#resyncLater()
  }

  #volumeChanged(volume: ApiObject): void {
    this.queue.add(`volume//${volume.metadata.name}`)
    const { namespace, name } = claimRefOf(volume) ?? {}
    if (name !== undefined) this.queue.add(`claim/${namespace}/${name}`)
  }

  #claimChanged(type: string, claim: ApiObject): void {
    const { namespace, name } = claim.metadata
    const { volumeName = '' } = claimSpecOf(claim)
    if (type !== 'DELETED') this.queue.add(`claim/${namespace}/${name}`)
    else if (volumeName !== '') this.queue.add(`volume//${volumeName}`)
  }

  /** What waits is looked at, and told of, every quarter of a minute. */
  #resyncLater(): void {
    this.#cancelResync ??= this.cluster.backend.clock.after(RESYNC, () => {
      this.#cancelResync = undefined
      for (const claim of this.cluster.backend.store.collection(CLAIMS) ?? []) {
        if (claimStatusOf(claim).phase === 'Pending') this.#claimChanged('MODIFIED', claim)
      }
    })
  }

  #syncUnbound(claim: ApiObject): void {
    const { volumeName = '' } = claimSpecOf(claim)
    if (volumeName !== '') {
      this.#syncToNamed(claim, volumeName)
      return
    }
    const { backend } = this.cluster
    const delayed = waitsForConsumer(backend.store, claim)
    const volume = findVolume(claim, backend.store.collection(VOLUMES) ?? [], { delayed })
    if (volume !== undefined) {
      this.#bind(volume, claim)
      return
    }
    if (this.#gaveDefaultClass(claim)) return
    if (delayed && claim.metadata.annotations?.[SELECTED_NODE] === undefined) this.#tellWaiting(claim)
    else if (classOf(claim) !== '') {
      this.#provision(claim)
      return
    } else {
      const message = 'no persistent volumes available for this claim and no storage class is set'
      this.#events.normal(claim, 'FailedBinding', message)
    }
    this.#volumes.setClaim(claim, 'Pending')
  }

  #syncToNamed(claim: ApiObject, volumeName: string): void {
    const volume = this.#volume(volumeName)
    if (volume === undefined) this.#volumes.setClaim(claim, 'Pending')
    else if (claimRefOf(volume) === undefined) {
      const problem = mismatch(volume, claim)
      if (problem === undefined) this.#bind(volume, claim)
      else {
        this.#events.warning(claim, 'VolumeMismatch', `Cannot bind to requested volume "${volumeName}": ${problem}`)
        this.#volumes.setClaim(claim, 'Pending')
      }
    } else if (isFor(volume, claim)) this.#bind(volume, claim)
    else {
      this.#events.warning(claim, 'FailedBinding', `volume "${volumeName}" already bound to a different claim.`)
      this.#volumes.setClaim(claim, 'Pending')
    }
  }

  #syncBound(claim: ApiObject): void {
    const { volumeName = '' } = claimSpecOf(claim)
    const lost = (reason: string, message: string): void => this.#volumes.loseClaim(claim, reason, message)
    if (volumeName === '') {
      lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!')
      return
    }
    const volume = this.#volume(volumeName)
    if (volume === undefined) {
      lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
      return
    }
    const ref = claimRefOf(volume)
    if (ref === undefined || ref.uid === claim.metadata.uid) this.#bind(volume, claim)
    else lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
  }

  #syncVolume(volume: ApiObject): void {
    const ref = claimRefOf(volume)
    if (ref === undefined || (ref.uid ?? '') === '') {
      this.#volumes.setVolume(volume, 'Available')
      return
    }
    const found = this.#claim(ref.namespace ?? '', ref.name ?? '')
    const claim = found?.metadata.uid === ref.uid ? found : undefined
    if (claim === undefined) {
      this.#reclaim.release(volume)
      return
    }
    const { volumeName = '' } = claimSpecOf(claim)
    if (volumeName === volume.metadata.name) this.#volumes.setVolume(volume, 'Bound')
    else if (volumeName !== '') this.#reclaim.leave(volume)
    else if (modeOf(claimSpecOf(claim)) !== modeOf(volumeSpecOf(volume))) this.#tellOtherMode(volume, claim)
  }

  #bind(volume: ApiObject, claim: ApiObject): void {
    let bound = volume
    if (promised(volume, claim) !== volume) {
      bound = this.writer.update({ resource: VOLUMES, name: volume.metadata.name }, (now) => promised(now, claim))
    }
    bound = this.#volumes.setVolume(bound, 'Bound')
    const { namespace, name } = claim.metadata
    const next = boundTo(claim, volume)
    const named =
      next === claim ? claim : this.writer.update({ resource: CLAIMS, namespace, name }, (now) => boundTo(now, volume))
    this.#volumes.setClaim(named, 'Bound', bound)
  }

  #gaveDefaultClass(claim: ApiObject): boolean {
    const { namespace, name, annotations } = claim.metadata
    if (claimSpecOf(claim).storageClassName !== undefined || annotations?.[BETA_CLASS] !== undefined) return false
    const wanted = defaultClass(this.cluster.backend)
    if (wanted === undefined) return false
    this.writer.update({ resource: CLAIMS, namespace, name }, (now) => ({
      ...now,
      spec: { ...claimSpecOf(now), storageClassName: wanted.metadata.name },
    }))
    return true
  }

  #tellWaiting(claim: ApiObject): void {
    const { namespace, name } = claim.metadata
    const { store } = this.cluster.backend
    const pods = (store.collection(PODS)?.list({ namespace }).items ?? []).filter(
      (pod) => waitsForNode(pod) && volumesOf(pod).some((volume) => claimNameOf(pod, volume) === name),
    )
    const names = pods.map((pod) => pod.metadata.name)
    if (names.length === 0) {
      this.#events.normal(claim, 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
      return
    }
    const what = names.length > 1 ? 'pods' : 'pod'
    this.#events.normal(claim, 'WaitForPodScheduled', `waiting for ${what} ${names.join(',')} to be scheduled`)
  }

  /** Asks whoever makes volumes of the claim's class to make one. */
  #provision(claim: ApiObject): void {
    const wanted = storageClass(this.cluster.backend.store, classOf(claim))
    const failed = (why: string): void => this.#events.warning(claim, 'ProvisioningFailed', why)
    if (wanted === undefined) {
      failed(`storageclass.storage.k8s.io "${classOf(claim)}" not found`)
      return
    }
    const { provisioner } = wanted
    if (provisioner.startsWith('kubernetes.io/')) {
      failed(`no volume plugin matched name: ${provisioner}`)
      return
    }
    const { namespace, name, annotations } = claim.metadata
    const asked =
      annotations?.[PROVISIONER] === provisioner
        ? claim
        : this.writer.update({ resource: CLAIMS, namespace, name }, (now) =>
            withMetadata(now, {
              annotations: {
                ...now.metadata.annotations,
                [BETA_PROVISIONER]: provisioner,
                [PROVISIONER]: provisioner,
              },
            }),
          )
    this.#events.normal(
      asked,
      'ExternalProvisioning',
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. ` +
        'If volume creation is delayed, please verify that the provisioner is running and correctly registered.',
    )
  }

  #tellOtherMode(volume: ApiObject, claim: ApiObject): void {
    const why = 'due to incompatible volumeMode.'
    this.#events.warning(
      volume,
      'VolumeMismatch',
      `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${claim.metadata.name}" ${why}`,
    )
    this.#events.warning(
      claim,
      'VolumeMismatch',
      `Cannot bind PersistentVolume "${volume.metadata.name}" to requested PersistentVolumeClaim ${why}`,
    )
  }

  #volume(name: string): ApiObject | undefined {
    return this.cluster.backend.store.collection(VOLUMES)?.get(undefined, name)
  }

  #claim(namespace: string, name: string): ApiObject | undefined {
    return this.cluster.backend.store.collection(CLAIMS)?.get(namespace, name)
  }
}

interface WaitingSpec {
  readonly nodeName?: string
  readonly volumes?: readonly { readonly name: string }[]
}

const volumesOf = ({ spec }: ApiObject) => (spec as WaitingSpec | undefined)?.volumes ?? []
const waitsForNode = ({ spec }: ApiObject): boolean => ((spec as WaitingSpec | undefined)?.nodeName ?? '') === ''

/** The claim as it is when it is bound to the volume; the same one if it is. */
function boundTo(claim: ApiObject, { metadata: { name } }: ApiObject): ApiObject {
  const spec = claimSpecOf(claim)
  const { annotations } = claim.metadata
  const chosen = (spec.volumeName ?? '') === ''
  if (!chosen && annotations?.[BIND_COMPLETED] !== undefined) return claim
  const marked = withMetadata(claim, {
    annotations: { ...annotations, [BIND_COMPLETED]: 'yes', ...(chosen ? { [BOUND_BY_CONTROLLER]: 'yes' } : {}) },
  })
  return chosen ? { ...marked, spec: { ...spec, volumeName: name } } : marked
}

/** Why a volume that a claim asks for by name is not what it asks for otherwise: `checkVolumeSatisfyClaim`. */
function mismatch(volume: ApiObject, claim: ApiObject): string | undefined {
  const has = volumeSpecOf(volume)
  const wants = claimSpecOf(claim)
  if (volume.metadata.deletionTimestamp !== undefined) {
    return `the volume is marked for deletion "${volume.metadata.name}"`
  }
  const size = Quantity.fromJson(has.capacity?.storage ?? '0')
  if (size.compare(Quantity.fromJson(wants.resources?.requests?.storage ?? '0')) < 0) return 'requested PV is too small'
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match'
  if ((wants.volumeAttributesClassName ?? '') !== (has.volumeAttributesClassName ?? '')) {
    return 'volumeAttributesClassName does not match'
  }
  if (modeOf(has) !== modeOf(wants)) return 'incompatible volumeMode'
  return offersModes(has, wants.accessModes) ? undefined : 'incompatible accessMode'
}
