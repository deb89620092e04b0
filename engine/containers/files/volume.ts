import type { FileSystem, VolumeTree } from '../contract.ts'
import { DirectoryNode } from './inode.ts'
import { Layer, type LayerOptions } from './layer.ts'
import { Namespace, ROOT } from './namespace.ts'
import { FileView } from './view.ts'

/** A tree of files in memory, of one layer: what happens through one mount is seen through all. */
export class MemoryTree implements VolumeTree {
  readonly layer: Layer
  readonly root: DirectoryNode
  readonly files: FileSystem

  constructor(options: LayerOptions) {
    this.layer = new Layer(options)
    this.root = new DirectoryNode(this.layer, { mode: 0o755, uid: 0, gid: 0, modified: options.now() })
    this.files = new FileView(new Namespace({ root: this.root, layer: this.layer, readOnly: false, prefix: '/' }), ROOT)
  }

  size(): number {
    return this.layer.size
  }
}

/** A volume with nothing in it. `limit` in bytes: an emptyDir's sizeLimit is looked after by the kubelet, a memory one's by the kernel. */
export function emptyTree(options: LayerOptions): VolumeTree {
  return new MemoryTree(options)
}
