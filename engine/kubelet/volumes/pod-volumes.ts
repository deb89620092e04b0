import type { Clock } from '../../clock/clock.ts'
import type { Mount, VolumeTree } from '../../containers/contract.ts'
import type { Blobs } from '../../containers/files/blobs.ts'
import type { KeptFile } from '../../containers/files/kept.ts'
import { keepTree } from '../../containers/files/volume.ts'
import type { Pod } from '../../kinds/pod/status.ts'
import type { Container, Volume } from '../../kinds/pod/types.ts'
import { Quantity } from '../../objects/quantity.ts'
import type { ApiObject } from '../../objects/types.ts'
import { expand } from '../env/expansion.ts'
import type { ClusterObjects } from '../objects.ts'
import type { Task } from '../task.ts'
import { writeAtomically } from './atomic.ts'
import type { NodeDisk, Place, SharedDisks, Trees } from './disks.ts'
import { type PayloadSources, payloadOf } from './payload.ts'

export interface VolumeOptions {
  readonly clock: Clock
  readonly trees: Trees
  readonly disk: NodeDisk
  readonly shared: SharedDisks
}

interface Mounted extends Place {
  readonly readOnly: boolean
  /** Filled from the API, and kept as that is. */
  readonly filled: boolean
  /** Belongs to the Pod alone. */
  readonly own: boolean
}

/** A volume that was set up. Those that are not the Pod's own are found again where they were. */
export interface KeptVolume {
  readonly name: string
  readonly own?: { readonly files: KeptFile; readonly filled: boolean }
}

/** A claim that is not there, or not bound: nothing else is tried for the Pod before it is. */
export class ClaimError extends Error {
  override name = 'ClaimError'
}

/** The volumes of one Pod. */
export class PodVolumes {
  readonly #options: VolumeOptions
  readonly #mounted = new Map<string, Mounted>()

  constructor(options: VolumeOptions) {
    this.#options = options
  }

  has(name: string): boolean {
    return this.#mounted.has(name)
  }

  /** Throws Error with the sentence of FailedMount. */
  *setUp(volume: Volume, pod: Pod, sources: PayloadSources): Task {
    if (this.#mounted.has(volume.name)) return
    const payload = yield* payloadOf(volume, pod, sources)
    if (payload !== undefined) {
      const tree = this.#options.trees()
      writeAtomically(tree.files, payload, this.#options.clock.now())
      this.#mounted.set(volume.name, { tree, path: '', readOnly: true, filled: true, own: true })
      return
    }
    this.#mounted.set(volume.name, this.#place(volume, pod, sources.objects))
  }

  /** Brings what the API fills up to date; what has gone from the API stays as it was. */
  *refresh(pod: Pod, sources: PayloadSources): Task {
    for (const volume of pod.spec.volumes ?? []) {
      const mounted = this.#mounted.get(volume.name)
      if (mounted?.filled !== true) continue
      try {
        const payload = yield* payloadOf(volume, pod, sources)
        if (payload !== undefined) writeAtomically(mounted.tree.files, payload, this.#options.clock.now())
      } catch {
        // As upstream: it is tried again with the next change
      }
    }
  }

  mountsFor(container: Container, env: ReadonlyMap<string, string>): Mount[] {
    return (container.volumeMounts ?? []).flatMap(({ name, mountPath, subPath, subPathExpr, readOnly }) => {
      const mounted = this.#mounted.get(name)
      if (mounted === undefined) return []
      const inner = subPathExpr === undefined ? (subPath ?? '') : expand(subPathExpr, (key) => env.get(key))
      const path = [mounted.path, inner.replace(/^\/+|\/+$/g, '')].filter((part) => part !== '').join('/')
      if (path !== '' && !mounted.tree.files.exists(`/${path}`)) {
        mounted.tree.files.makeDirectory(`/${path}`, { parents: true, mode: 0o777 })
      }
      return [{ tree: mounted.tree, subPath: path, path: mountPath, readOnly: readOnly === true || mounted.readOnly }]
    })
  }

  /** Bytes of the volumes that are the Pod's own, by name. */
  sizes(): ReadonlyMap<string, number> {
    return new Map(
      [...this.#mounted]
        .filter(([, { own, filled }]) => own && !filled)
        .map(([name, { tree }]): [string, number] => [name, tree.size()]),
    )
  }

  keep(blobs: Blobs): KeptVolume[] {
    return [...this.#mounted].map(([name, { own, filled, tree }]) =>
      own ? { name, own: { files: keepTree(tree, blobs), filled } } : { name },
    )
  }

  putBack(kept: readonly KeptVolume[], pod: Pod, objects: ClusterObjects, blobs: Blobs): void {
    const { trees } = this.#options
    for (const { name, own } of kept) {
      const volume = pod.spec.volumes?.find((one) => one.name === name)
      if (volume === undefined) continue
      if (own !== undefined) {
        const { files, filled } = own
        this.#mounted.set(name, { tree: trees({ files, blobs }), path: '', readOnly: filled, filled, own: true })
        continue
      }
      try {
        this.#mounted.set(name, this.#place(volume, pod, objects))
      } catch {
        // What it was has gone since from under it: it is set up anew, and says what is wrong
      }
    }
  }

  #place(volume: Volume, pod: Pod, objects: ClusterObjects): Mounted {
    const { emptyDir, hostPath, persistentVolumeClaim, ephemeral, nfs } = volume
    const { trees, shared } = this.#options
    const rest = { readOnly: false, filled: false, own: false }
    if (emptyDir !== undefined) return { ...rest, tree: emptyDirTree(trees), path: '', own: true }
    if (hostPath !== undefined) return { ...rest, ...this.#hostPath(hostPath) }
    if (persistentVolumeClaim !== undefined) {
      const { claimName, readOnly = false } = persistentVolumeClaim
      return { ...rest, ...this.#claim(claimName, pod, objects), readOnly }
    }
    if (ephemeral !== undefined) {
      return { ...rest, ...this.#claim(`${pod.metadata.name}-${volume.name}`, pod, objects, true) }
    }
    if (nfs !== undefined) return { ...rest, ...shared.place(`nfs/${nfs.server}/${nfs.path}`) }
    const [kind = 'unknown'] = Object.keys(volume).filter((key) => key !== 'name')
    throw new Error(`no volume plugin matched for ${kind}`)
  }

  #hostPath({ path, type = '' }: { readonly path: string; readonly type?: string }): Place {
    const place = this.#options.disk.place(path)
    const { files } = place.tree
    const full = `/${place.path}`
    const found = files.exists(full) ? files.stat(full).type : undefined
    if (type === 'DirectoryOrCreate' || type === '') {
      if (found === undefined) files.makeDirectory(full, { parents: true, mode: 0o755 })
    } else if (type === 'FileOrCreate') {
      if (found === undefined) files.write(full, '', { mode: 0o644 })
    } else if (type === 'Directory' || type === 'File') {
      if (found !== type.toLowerCase())
        throw new Error(`hostPath type check failed: ${path} is not a ${type.toLowerCase()}`)
    } else if (found === undefined) {
      throw new Error(
        `hostPath type check failed: ${path} is not a ${type.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()}`,
      )
    }
    return place
  }

  #claim(name: string, pod: Pod, objects: ClusterObjects, ownedByPod = false): Place {
    const claim = claimOf(name, pod, objects, ownedByPod)
    const { volumeName = '' } = claim.spec as { readonly volumeName?: string }
    let volume: ApiObject
    try {
      volume = objects.volume(volumeName)
    } catch (error) {
      throw new ClaimError(`failed to fetch PV ${volumeName} from API server: ${(error as Error).message}`)
    }
    const { hostPath, local, nfs } = volume.spec as {
      readonly hostPath?: { readonly path: string; readonly type?: string }
      readonly local?: { readonly path: string }
      readonly nfs?: { readonly server: string; readonly path: string }
    }
    const { disk, shared } = this.#options
    if (nfs !== undefined) return shared.place(`nfs/${nfs.server}/${nfs.path}`)
    const path = hostPath?.path ?? local?.path
    if (path === undefined) return shared.place(volumeName)
    const place = disk.place(path)
    const full = `/${place.path}`
    if (!place.tree.files.exists(full)) {
      if (local !== undefined) throw new Error(`path ${JSON.stringify(path)} does not exist`)
      place.tree.files.makeDirectory(full, { parents: true, mode: 0o777 })
    }
    return place
  }
}

/** The claim, bound. Throws ClaimError. */
export function claimOf(name: string, pod: Pod, objects: ClusterObjects, ownedByPod = false): ApiObject {
  const namespace = pod.metadata.namespace ?? ''
  const fail = (why: string): never => {
    throw new ClaimError(`error processing PVC ${namespace}/${name}: ${why}`)
  }
  let claim: ApiObject
  try {
    claim = objects.claim(namespace, name)
  } catch (error) {
    return fail(`failed to fetch PVC from API server: ${(error as Error).message}`)
  }
  const { metadata, status, spec } = claim as ApiObject & {
    readonly status?: { readonly phase?: string }
    readonly spec: { readonly volumeName?: string }
  }
  if (ownedByPod && !metadata.ownerReferences?.some(({ uid }) => uid === pod.metadata.uid)) {
    return fail(`PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`)
  }
  if (status?.phase !== 'Bound') return fail('PVC is not bound')
  if ((spec.volumeName ?? '') === '') return fail('PVC has empty pvc.Spec.VolumeName')
  return claim
}

function emptyDirTree(trees: Trees): VolumeTree {
  const tree = trees()
  tree.files.chmod('/', 0o777)
  return tree
}

/** Bytes that an emptyDir may hold; undefined for one without a limit. */
export function sizeLimitOf({ emptyDir }: Volume): number | undefined {
  const { sizeLimit } = emptyDir ?? {}
  if (sizeLimit === undefined) return undefined
  const limit = Quantity.fromJson(sizeLimit)
  return limit.sign() > 0 ? limit.value() : undefined
}
