import type { Input, Output, Program } from '../contract.ts'
import { Content } from './content.ts'
import type { Layer } from './layer.ts'

/** Who looks at files: whose /proc/self it is and what it may do. */
export interface Viewer {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  readonly pid: number
  readonly umask: number
}

export interface Meta {
  mode: number
  uid: number
  gid: number
  /** Milliseconds since 1970. */
  modified: number
}

abstract class Base {
  readonly layer: Layer
  mode: number
  uid: number
  gid: number
  modified: number

  constructor(layer: Layer, { mode, uid, gid, modified }: Meta) {
    this.layer = layer
    this.mode = mode
    this.uid = uid
    this.gid = gid
    this.modified = modified
  }
}

export class FileNode extends Base {
  readonly type = 'file'
  readonly content: Content
  readonly program: Program | undefined
  /** Names that it has. */
  links = 1

  constructor(layer: Layer, meta: Meta, content: Content = new Content(), program?: Program) {
    super(layer, meta)
    this.content = content
    this.program = program
  }
}

export class LinkNode extends Base {
  readonly type = 'symlink'
  readonly target: string | ((viewer: Viewer) => string)

  constructor(layer: Layer, meta: Meta, target: string | ((viewer: Viewer) => string)) {
    super(layer, meta)
    this.target = target
  }
}

/** Something that is opened, not stored. */
export interface Device {
  openInput(viewer: Viewer): Input
  openOutput(viewer: Viewer): Output
}

export class DeviceNode extends Base {
  readonly type: 'device' | 'pipe'
  readonly device: Device

  constructor(layer: Layer, meta: Meta, device: Device, type: 'device' | 'pipe' = 'device') {
    super(layer, meta)
    this.device = device
    this.type = type
  }
}

/** What is computed each time it is read, as all of /proc. */
export class ComputedNode extends Base {
  readonly type = 'file'
  readonly text: (viewer: Viewer) => string

  constructor(layer: Layer, meta: Meta, text: (viewer: Viewer) => string) {
    super(layer, meta)
    this.text = text
  }
}

export class ComputedDirectory extends Base {
  readonly type = 'directory'
  readonly get: (name: string) => Inode | undefined
  readonly names: () => Iterable<string>

  constructor(layer: Layer, meta: Meta, get: (name: string) => Inode | undefined, names: () => Iterable<string>) {
    super(layer, meta)
    this.get = get
    this.names = names
  }
}

/** A directory, perhaps of an upper layer over one of a lower that shows through where the upper says nothing. */
export class DirectoryNode extends Base {
  readonly type = 'directory'
  readonly #lower: DirectoryNode | undefined
  /** Null hides what is below. */
  #own: Map<string, Inode | null> | undefined

  constructor(layer: Layer, meta: Meta, lower?: DirectoryNode) {
    super(layer, meta)
    this.#lower = lower
  }

  get(name: string): Inode | undefined {
    const own = this.#own?.get(name)
    return own === undefined ? this.#lower?.get(name) : (own ?? undefined)
  }

  set(name: string, inode: Inode): void {
    this.#own ??= new Map()
    this.#own.set(name, inode)
  }

  delete(name: string): void {
    if (this.#lower?.get(name) !== undefined) {
      this.#own ??= new Map()
      this.#own.set(name, null)
    } else this.#own?.delete(name)
  }

  /** Something of a lower layer shows through it. */
  get isOver(): boolean {
    return this.#lower !== undefined
  }

  /** What it says itself, whatever is below. */
  own(): Iterable<[string, Inode | null]> {
    return this.#own ?? []
  }

  names(): Iterable<string> {
    if (this.#lower === undefined) return this.#own?.keys() ?? []
    const names = new Set(this.#lower.names())
    for (const [name, inode] of this.#own ?? []) {
      if (inode === null) names.delete(name)
      else names.add(name)
    }
    return names
  }
}

export type Directory = DirectoryNode | ComputedDirectory
export type Inode = FileNode | LinkNode | DeviceNode | ComputedNode | Directory

export function isDirectory(inode: Inode | undefined): inode is Directory {
  return inode?.type === 'directory'
}

/** The same in another layer, to be written there. */
export function copyUp<Node extends Inode>(inode: Node, layer: Layer): Node
export function copyUp(inode: Inode, layer: Layer): Inode {
  if (inode instanceof DirectoryNode) return new DirectoryNode(layer, inode, inode)
  if (inode instanceof FileNode) {
    layer.take(inode.content.length, inode.content.held)
    return new FileNode(layer, inode, inode.content.clone(), inode.program)
  }
  if (inode instanceof LinkNode) return new LinkNode(layer, inode, inode.target)
  if (inode instanceof DeviceNode) return new DeviceNode(layer, inode, inode.device, inode.type)
  return inode
}
