import type { VolumeTree } from '../../containers/contract.ts'

export type Trees = () => VolumeTree

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
}
