import { EventRecorder } from '../../events/recorder.ts'
import { claimSpecOf } from '../../kinds/core/volume/claim-types.ts'
import { volumeSpecOf, volumeStatusOf } from '../../kinds/core/volume/volume-types.ts'
import type { ApiObject } from '../../objects/types.ts'
import { withMetadata } from '../../storage/metadata.ts'
import type { Cluster } from '../cluster.ts'
import { orElse } from '../namespaces.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { NotYet } from '../work-queue.ts'
import { LOCAL_PATH } from './default-class.ts'
import {
  CLAIMS,
  classOf,
  PROVISIONED_BY,
  PROVISIONER,
  SELECTED_NODE,
  type StorageClass,
  storageClass,
  VOLUMES,
} from './matching.ts'

const NODES = { group: '', resource: 'nodes' } as const
const HOSTNAME = 'kubernetes.io/hostname'
/** Where it keeps its volumes on a node: kind's setting. */
const ROOT = '/var/local-path-provisioner'
/** Which node a volume is on, in the provisioner's own words. */
const ON_NODE = 'local.path.provisioner/selected-node'
/** Milliseconds that its helper Pod takes to make or remove a directory. */
const DIRECTORY_TIME = 2_000
/** Milliseconds until what failed is tried again: the provisioner library's. */
const BACKOFF = { first: 15_000, longest: 1_000_000 }

/** What there is of volumes on the nodes themselves. */
export interface Directories {
  /** A volume's files are to go; on a node that is gone they are already. */
  remove(node: string, path: string): void
}

/** Makes volumes of directories on nodes, and removes them: kind's local-path-provisioner (v0.0.30). */
export class LocalPathProvisioner extends QueueController {
  readonly #events: EventRecorder
  readonly #directories: Directories | undefined
  /** Keys whose directory is being made or removed, and when that is done. */
  readonly #busy = new Map<string, number>()

  constructor(cluster: Cluster, report?: (error: unknown) => void, directories?: Directories) {
    super(cluster, { report, manager: 'local-path-provisioner', backoff: BACKOFF })
    this.#directories = directories
    // Its library names itself by its Pod and a uid
    const { ids } = cluster.backend
    const component = `${LOCAL_PATH}_local-path-provisioner_${ids.uid()}`
    this.#events = new EventRecorder(cluster.backend, { component }, 'local-path-provisioner')
  }

  protected follows(): readonly Followed[] {
    return [
      { resource: CLAIMS, told: ({ type, object }) => this.#claimChanged(type, object) },
      { resource: VOLUMES, told: ({ object }) => this.#volumeChanged(object) },
    ]
  }

  override stop(): void {
    this.#busy.clear()
    super.stop()
  }

  #claimChanged(type: string, claim: ApiObject): void {
    const { namespace, name } = claim.metadata
    if (type !== 'DELETED' && this.#wants(claim) !== undefined) this.queue.add(`claim/${namespace}/${name}`)
  }

  #volumeChanged(volume: ApiObject): void {
    if (isReleased(volume)) this.queue.add(`volume//${volume.metadata.name}`)
  }

  protected sync(key: string): void {
    const [what, namespace = '', name = ''] = key.split('/')
    const { store } = this.cluster.backend
    if (what === 'volume') {
      const volume = store.collection(VOLUMES)?.get(undefined, name)
      if (volume === undefined || !isReleased(volume)) this.#busy.delete(key)
      else if (this.#isDone(key)) this.#remove(volume)
      return
    }
    const claim = store.collection(CLAIMS)?.get(namespace, name)
    const wanted = claim === undefined ? undefined : this.#wants(claim)
    if (claim === undefined || wanted === undefined) this.#busy.delete(key)
    else this.#provision(key, claim, wanted)
  }

  /** The class of a claim for which a volume is to be made. */
  #wants(claim: ApiObject): StorageClass | undefined {
    const { annotations = {}, deletionTimestamp } = claim.metadata
    if ((claimSpecOf(claim).volumeName ?? '') !== '' || deletionTimestamp !== undefined) return undefined
    if (annotations[PROVISIONER] !== LOCAL_PATH) return undefined
    const found = storageClass(this.cluster.backend.store, classOf(claim))
    if (found?.provisioner !== LOCAL_PATH) return undefined
    if (found.volumeBindingMode === 'WaitForFirstConsumer' && annotations[SELECTED_NODE] === undefined) return undefined
    return found
  }

  #provision(key: string, claim: ApiObject, wanted: StorageClass): void {
    const { namespace, name, uid, annotations } = claim.metadata
    const { store } = this.cluster.backend
    const selected = annotations?.[SELECTED_NODE]
    const node = selected === undefined ? undefined : store.collection(NODES)?.get(undefined, selected)
    if (selected !== undefined && node === undefined) {
      // The scheduler is to choose again
      this.#busy.delete(key)
      this.writer.update({ resource: CLAIMS, namespace, name }, withoutNode)
      return
    }
    if (!this.#busy.has(key)) {
      const message = `External provisioner is provisioning volume for claim "${namespace}/${name}"`
      this.#events.normal(claim, 'Provisioning', message)
    }
    const problem = node === undefined ? 'configuration error, no node was specified' : problemWith(claim)
    if (node === undefined || problem !== undefined) {
      const why = `failed to provision volume with StorageClass "${wanted.metadata.name}": ${problem}`
      this.#events.warning(claim, 'ProvisioningFailed', why)
      throw new NotYet(why)
    }
    if (!this.#isDone(key)) return
    const volume = `pvc-${uid}`
    orElse(() => this.writer.create(VOLUMES, volumeFor(claim, wanted, node)), 'AlreadyExists')
    this.#events.normal(claim, 'ProvisioningSucceeded', `Successfully provisioned volume ${volume}`)
  }

  #remove(volume: ApiObject): void {
    const { name, uid, annotations } = volume.metadata
    const { hostPath } = volumeSpecOf(volume)
    const node = annotations?.[ON_NODE]
    if (hostPath !== undefined && node !== undefined) this.#directories?.remove(node, hostPath.path)
    orElse(
      () => this.cluster.backend.registry(VOLUMES)?.delete(undefined, name, { preconditions: { uid } }),
      'NotFound',
    )
  }

  /** Whether the work on the key has taken its time; begins it. */
  #isDone(key: string): boolean {
    const now = this.cluster.backend.clock.now()
    const until = this.#busy.get(key)
    if (until !== undefined && until <= now) {
      this.#busy.delete(key)
      return true
    }
    if (until === undefined) this.#busy.set(key, now + DIRECTORY_TIME)
    this.queue.addAfter(key, (until ?? now + DIRECTORY_TIME) - now)
    return false
  }
}

function isReleased(volume: ApiObject): boolean {
  const { annotations } = volume.metadata
  if (volumeStatusOf(volume).phase !== 'Released' || annotations?.[PROVISIONED_BY] !== LOCAL_PATH) return false
  return volumeSpecOf(volume).persistentVolumeReclaimPolicy === 'Delete'
}

function withoutNode(claim: ApiObject): ApiObject {
  const { [SELECTED_NODE]: _, ...annotations } = claim.metadata.annotations ?? {}
  return withMetadata(claim, { annotations })
}

function problemWith(claim: ApiObject): string | undefined {
  const { selector, accessModes = [] } = claimSpecOf(claim)
  if (selector !== undefined) return 'claim.Spec.Selector is not supported'
  const single = accessModes.every((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod')
  return single ? undefined : 'NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes'
}

function volumeFor(claim: ApiObject, wanted: StorageClass, node: ApiObject) {
  const { namespace, name, uid, resourceVersion } = claim.metadata
  const { accessModes, resources, volumeMode } = claimSpecOf(claim)
  const volume = `pvc-${uid}`
  const hostname = node.metadata.labels?.[HOSTNAME] ?? node.metadata.name
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volume,
      annotations: { [ON_NODE]: node.metadata.name, [PROVISIONED_BY]: LOCAL_PATH },
      finalizers: ['kubernetes.io/pv-protection'],
    },
    spec: {
      accessModes,
      capacity: { storage: resources?.requests?.storage ?? '0' },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, resourceVersion, uid },
      hostPath: { path: `${ROOT}/${volume}_${namespace}_${name}`, type: 'DirectoryOrCreate' },
      ...(wanted.mountOptions === undefined ? {} : { mountOptions: wanted.mountOptions }),
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: HOSTNAME, operator: 'In', values: [hostname] }] }],
        },
      },
      persistentVolumeReclaimPolicy: wanted.reclaimPolicy ?? 'Delete',
      storageClassName: wanted.metadata.name,
      volumeMode: volumeMode ?? 'Filesystem',
    },
  }
}
