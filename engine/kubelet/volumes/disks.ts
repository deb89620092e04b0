import type { VolumeTree } from '../../containers/contract.ts'
import type { Blobs } from '../../containers/files/blobs.ts'
import type { KeptFile } from '../../containers/files/kept.ts'
import { type KeptTree, keepTree } from '../../containers/files/volume.ts'

/** Makes a volume: with nothing in it, or with what was kept of one. */
export type Trees = (kept?: KeptTree) => VolumeTree

/** A place in a tree. */
export interface Place {
  readonly tree: VolumeTree
  /** Within it, '' for all of it. */
  readonly path: string
}

/** What is on a node's disk from the beginning, as far as Pods mount it. */
const DIRECTORIES = [
  ...[
    '/dev',
    '/etc/cni/net.d',
    '/etc/kubernetes/manifests',
    '/etc/kubernetes/pki',
    '/etc/ssl/certs',
    '/home',
    '/lib/modules',
  ],
  ...[
    '/mnt',
    '/opt/cni/bin',
    '/root',
    '/run',
    '/sys',
    '/tmp',
    '/usr/share/ca-certificates',
    '/usr/local/share/ca-certificates',
  ],
  ...[
    '/var/lib/containerd',
    '/var/lib/etcd',
    '/var/lib/kubelet',
    '/var/local-path-provisioner',
    '/var/log/containers',
    '/var/log/pods',
  ],
]

/** What a node's own disk holds for hostPath and local volumes. It outlives Pods, and the node's standstill. */
export class NodeDisk {
  readonly #trees: Trees
  #tree: VolumeTree | undefined

  constructor(trees: Trees) {
    this.#trees = trees
  }

  get tree(): VolumeTree {
    this.#tree ??= this.#new()
    return this.#tree
  }

  #new(): VolumeTree {
    const tree = this.#trees()
    for (const path of DIRECTORIES) tree.files.makeDirectory(path, { parents: true, mode: 0o755 })
    return tree
  }

  /** Bytes in use. */
  size(): number {
    return this.#tree?.size() ?? 0
  }

  keep(blobs: Blobs): KeptFile | undefined {
    return this.#tree === undefined ? undefined : keepTree(this.#tree, blobs)
  }

  putBack(kept: KeptTree): void {
    this.#tree = this.#trees(kept)
  }

  place(path: string): Place {
    return { tree: this.tree, path: path.replace(/^\/+|\/+$/g, '') }
  }
}

/** Volumes that are reached from every node, by the name of their PersistentVolume or what else they are known by. */
export class SharedDisks {
  readonly #trees: Trees
  readonly #byName = new Map<string, VolumeTree>()

  constructor(trees: Trees) {
    this.#trees = trees
  }

  place(name: string): Place {
    const known = this.#byName.get(name) ?? this.#trees()
    this.#byName.set(name, known)
    return { tree: known, path: '' }
  }

  remove(name: string): void {
    this.#byName.delete(name)
  }

  keep(blobs: Blobs): Readonly<Record<string, KeptFile>> {
    return Object.fromEntries([...this.#byName].map(([name, tree]) => [name, keepTree(tree, blobs)]))
  }

  putBack(kept: Readonly<Record<string, KeptFile>>, blobs: Blobs): void {
    for (const [name, files] of Object.entries(kept)) this.#byName.set(name, this.#trees({ files, blobs }))
  }
}
