import { FileFault } from './errors.ts'
import { copyUp, type Directory, DirectoryNode, type Inode, isDirectory, LinkNode, type Viewer } from './inode.ts'
import type { Layer } from './layer.ts'
import { childOf, parentOf, partsOf } from './paths.ts'
import { mayUse } from './permissions.ts'

/** How many links are followed on one way, as Linux's MAXSYMLINKS. */
const MOST_LINKS = 40
const LONGEST_NAME = 255
const LONGEST_PATH = 4096

export interface MountPoint {
  readonly path: string
  /** Replaced where it is of a lower layer and is written. */
  root: Inode
  readonly layer: Layer
  readonly readOnly: boolean
  /** Where its root is in the layer's own tree. */
  readonly prefix: string
}

/** Where a way led: what is there, if it is, and in which directory it is or would be. */
export interface Place {
  /** With all links resolved but for the last part where it is not followed. */
  readonly path: string
  readonly inode: Inode | undefined
  readonly mount: MountPoint
  /** Links that were followed, as places of their layers. */
  readonly links: readonly Watched[]
}

export interface Watched {
  readonly layer: Layer
  readonly path: string
}

/** The mounts of a container: one tree out of many. */
export class Namespace {
  readonly #mounts = new Map<string, MountPoint>()

  constructor(root: Omit<MountPoint, 'path'>) {
    this.#mounts.set('/', { ...root, path: '/' })
  }

  get mounts(): Iterable<MountPoint> {
    return this.#mounts.values()
  }

  /** Over what is there; directories on the way are made where they are missing, as runc does. */
  mount(path: string, mounted: Omit<MountPoint, 'path'>): void {
    let at = '/'
    const parts = partsOf(path)
    for (const [index, part] of parts.entries()) {
      const found = this.find(childOf(at, part), ROOT, true)
      if (found.inode === undefined && index < parts.length - 1) {
        const { layer } = this.mountOf(at)
        this.own(at, true).set(part, new DirectoryNode(layer, { mode: 0o755, uid: 0, gid: 0, modified: layer.now() }))
      }
      at = found.path
    }
    this.#mounts.set(at, { ...mounted, path: at })
  }

  mountOf(path: string): MountPoint {
    let at = path
    for (;;) {
      const mount = this.#mounts.get(at)
      if (mount !== undefined) return mount
      at = parentOf(at)
    }
  }

  /** Where in its layer's tree a resolved path is. */
  watched(path: string): Watched {
    const mount = this.mountOf(path)
    const rest = mount.path === '/' ? path : path.slice(mount.path.length)
    const whole = `${mount.prefix === '/' ? '' : mount.prefix}${rest}`
    return { layer: mount.layer, path: whole === '' ? '/' : whole }
  }

  /** Names of mounts directly below a directory that its tree may not have. */
  mountNames(path: string): string[] {
    const names: string[] = []
    for (const { path: at } of this.#mounts.values()) {
      if (at !== '/' && parentOf(at) === path) names.push(at.slice(at.lastIndexOf('/') + 1))
    }
    return names
  }

  /** Follows `path` from the root. Throws ENOENT for what is missing on the way, not for its last part. */
  find(path: string, viewer: Viewer, follow: boolean): Place {
    if (path.length > LONGEST_PATH) throw new FileFault('ENAMETOOLONG')
    if (path === '') throw new FileFault('ENOENT')
    const parts = partsOf(path).reverse()
    const mustBeDirectory = path.endsWith('/')
    const links: Watched[] = []
    const root = this.#mounts.get('/') as MountPoint
    let at = '/'
    let mount = root
    let inode: Inode | undefined = root.root
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      if (part.length > LONGEST_NAME) throw new FileFault('ENAMETOOLONG')
      if (inode === undefined) throw new FileFault('ENOENT')
      if (!isDirectory(inode)) throw new FileFault('ENOTDIR')
      if (!mayUse(inode, viewer, 1)) throw new FileFault('EACCES')
      if (part === '..') {
        const up: Place = this.find(parentOf(at), ROOT, false)
        ;({ path: at, inode, mount } = up)
        continue
      }
      const next = childOf(at, part)
      const over = this.#mounts.get(next)
      const child: Inode | undefined = over?.root ?? inode.get(part)
      if (child instanceof LinkNode && (parts.length > 0 || follow || mustBeDirectory)) {
        links.push(this.watched(next))
        if (links.length > MOST_LINKS) throw new FileFault('ELOOP')
        const target = typeof child.target === 'string' ? child.target : child.target(viewer)
        parts.push(...partsOf(target).reverse())
        if (target.startsWith('/')) [at, inode, mount] = ['/', root.root, root]
        continue
      }
      at = next
      inode = child
      mount = over ?? mount
    }
    if (mustBeDirectory && inode !== undefined && !isDirectory(inode)) throw new FileFault('ENOTDIR')
    return { path: at, inode, mount, links }
  }

  /** The directory at a resolved path, in the layer that is written. Throws EROFS where none is. */
  own(path: string, force = false): DirectoryNode {
    const found = this.#own(path, force)
    if (!(found instanceof DirectoryNode)) throw new FileFault(isDirectory(found) ? 'EPERM' : 'ENOTDIR')
    return found
  }

  /** What is at a resolved path, copied up to be written. */
  ownInode(path: string): Inode {
    return this.#own(path, false)
  }

  #own(path: string, force: boolean): Inode {
    const mount = this.mountOf(path)
    if (mount.readOnly && !force) throw new FileFault('EROFS')
    if (mount.root.layer !== mount.layer) mount.root = copyUp(mount.root, mount.layer)
    let inode = mount.root
    for (const part of partsOf(mount.path === '/' ? path : path.slice(mount.path.length))) {
      if (!isDirectory(inode)) throw new FileFault('ENOTDIR')
      let child: Inode | undefined = (inode as Directory).get(part)
      if (child === undefined) throw new FileFault('ENOENT')
      if (child.layer !== mount.layer && inode instanceof DirectoryNode) {
        child = copyUp(child, mount.layer)
        inode.set(part, child)
      }
      inode = child
    }
    return inode
  }
}

export const ROOT: Viewer = { uid: 0, gid: 0, groups: [], pid: 1, umask: 0o022 }
