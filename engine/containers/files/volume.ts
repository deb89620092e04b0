import type { FileSystem, VolumeTree } from '../contract.ts'
import type { Blobs } from './blobs.ts'
import { DirectoryNode } from './inode.ts'
import { type KeptFile, keepFiles, putFilesBack } from './kept.ts'
import { Layer, type LayerOptions } from './layer.ts'
import { Namespace, ROOT } from './namespace.ts'
import { FileView } from './view.ts'

/** A tree of files in memory, of one layer: what happens through one mount is seen through all. */
export class MemoryTree implements VolumeTree {
  readonly layer: Layer
  readonly root: DirectoryNode
  readonly files: FileSystem

  constructor(options: LayerOptions, kept?: KeptTree) {
    this.layer = new Layer(options)
    this.root =
      kept === undefined
        ? new DirectoryNode(this.layer, { mode: 0o755, uid: 0, gid: 0, modified: options.now() })
        : putFilesBack(kept.files, { blobs: kept.blobs, layer: this.layer })
    this.files = new FileView(new Namespace({ root: this.root, layer: this.layer, readOnly: false, prefix: '/' }), ROOT)
  }

  size(): number {
    return this.layer.size
  }
}

/** What was in a volume. */
export interface KeptTree {
  readonly files: KeptFile
  readonly blobs: Blobs
}

/** A volume with nothing in it, or what was kept of one. `limit` in bytes: an emptyDir's sizeLimit is looked after by the kubelet, a memory one's by the kernel. */
export function emptyTree(options: LayerOptions, kept?: KeptTree): VolumeTree {
  return new MemoryTree(options, kept)
}

/** What is in a volume now. */
export function keepTree(tree: VolumeTree, blobs: Blobs): KeptFile {
  if (!(tree instanceof MemoryTree)) throw new TypeError('A kept tree is one of emptyTree().')
  return keepFiles(tree.root, blobs)
}
