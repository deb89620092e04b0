import { decode, toBytes } from '../../objects/bytes.ts'
import type { FileInput, FileSystem, OpenOptions, Output, Program, Stat } from '../contract.ts'
import { Pipe } from '../streams/pipe.ts'
import { errnoOf, FileFault } from './errors.ts'
import {
  ComputedNode,
  DeviceNode,
  DirectoryNode,
  FileNode,
  type Inode,
  isDirectory,
  LinkNode,
  type Viewer,
} from './inode.ts'
import type { Namespace, Place } from './namespace.ts'
import { put, readerOf, resize, writerOf } from './opened.ts'
import { childOf, nameOf, parentOf, partsOf } from './paths.ts'
import { mayRemove, mayUse } from './permissions.ts'
import { watchPlace } from './watching.ts'

/** Bytes: more is not read in one piece. */
const LARGEST_READ = 64 * 1024 ** 2

/** The files of a namespace as one process may see and change them. */
export class FileView implements FileSystem {
  readonly #space: Namespace
  readonly #viewer: Viewer

  constructor(space: Namespace, viewer: Viewer) {
    this.#space = space
    this.#viewer = viewer
  }

  stat(path: string, { follow = true }: { readonly follow?: boolean } = {}): Stat {
    const inode = this.#inode(path, follow)
    const { type, mode, uid, gid, modified } = inode
    return { type, mode, uid, gid, modified, size: this.#sizeOf(inode) }
  }

  #sizeOf(inode: Inode): number {
    if (inode instanceof FileNode) return inode.content.length
    if (inode instanceof LinkNode) return this.#targetOf(inode).length
    return inode.type === 'directory' && inode instanceof DirectoryNode ? 4096 : 0
  }

  exists(path: string): boolean {
    try {
      return this.#space.find(path, this.#viewer, true).inode !== undefined
    } catch (error) {
      if (errnoOf(error) === undefined) throw error
      return false
    }
  }

  list(path: string): string[] {
    const { inode, path: at } = this.#found(path)
    if (!isDirectory(inode)) throw new FileFault('ENOTDIR')
    this.#need(inode, 4)
    return [...new Set([...inode.names(), ...this.#space.mountNames(at)])].sort(byCodePoint)
  }

  read(path: string): Uint8Array {
    const inode = this.#inode(path, true)
    if (isDirectory(inode)) throw new FileFault('EISDIR')
    this.#need(inode, 4)
    if (inode instanceof ComputedNode) return toBytes(inode.text(this.#viewer))
    if (!(inode instanceof FileNode)) throw new FileFault('EINVAL')
    if (inode.content.length > LARGEST_READ) throw new FileFault('EFBIG')
    return inode.content.slice()
  }

  readText(path: string): string {
    return decode(this.read(path))
  }

  write(
    path: string,
    content: Uint8Array | string,
    { append = false, mode }: { readonly append?: boolean; readonly mode?: number } = {},
  ): void {
    const { file, place } = this.#openFile(path, mode)
    if (file instanceof DeviceNode) {
      const output = file.device.openOutput(this.#viewer)
      output.write(content).then(
        () => output.close(),
        () => output.close(),
      )
      return
    }
    if (!append) resize(file, 0)
    put(file, append ? file.content.length : 0, toBytes(content))
    this.#changed(place.path)
  }

  openInput(path: string): FileInput {
    const inode = this.#inode(path, true)
    this.#need(inode, 4)
    if (inode instanceof DeviceNode) return { seek() {}, ...inode.device.openInput(this.#viewer) }
    if (inode instanceof FileNode) return readerOf(() => inode.content)
    if (inode instanceof ComputedNode) {
      const bytes = toBytes(inode.text(this.#viewer))
      return readerOf(() => bytes)
    }
    return { read: () => Promise.reject(new FileFault('EISDIR')), close() {}, seek() {} }
  }

  openOutput(path: string, options: OpenOptions = {}): Output {
    const { file, place } = this.#openFile(path, options.mode)
    if (file instanceof DeviceNode) return file.device.openOutput(this.#viewer)
    if (!options.append && !options.keep) resize(file, 0)
    this.#changed(place.path)
    return writerOf(file, options, () => this.#changed(place.path))
  }

  /** An existing file or device that may be written, or a new file. */
  #openFile(path: string, mode = 0o666 & ~this.#viewer.umask): { file: FileNode | DeviceNode; place: Place } {
    const place = this.#space.find(path, this.#viewer, true)
    const { inode } = place
    if (isDirectory(inode) || path.endsWith('/')) throw new FileFault('EISDIR')
    if (inode instanceof DeviceNode) {
      this.#need(inode, 2)
      return { file: inode, place }
    }
    if (inode === undefined)
      return { file: this.#make(place, (meta, layer) => new FileNode(layer, { ...meta, mode })), place }
    if (place.mount.readOnly) throw new FileFault('EROFS')
    this.#need(inode, 2)
    if (!(inode instanceof FileNode)) throw new FileFault('EACCES')
    return { file: this.#space.ownInode(place.path) as FileNode, place }
  }

  #make<Node extends Inode>(
    place: Place,
    make: (meta: { mode: number; uid: number; gid: number; modified: number }, layer: Inode['layer']) => Node,
  ): Node {
    if (place.inode !== undefined) throw new FileFault('EEXIST')
    const up = parentOf(place.path)
    const mount = this.#space.mountOf(up)
    if (mount.readOnly) throw new FileFault('EROFS')
    const { inode } = this.#space.find(up, this.#viewer, true)
    if (inode === undefined) throw new FileFault('ENOENT')
    this.#need(inode, 3)
    const directory = this.#space.own(up)
    directory.layer.takeEntry()
    const modified = directory.layer.now()
    const { uid, gid } = this.#viewer
    const made = make(
      { mode: 0o644, uid, gid: directory.mode & 0o2000 ? directory.gid : gid, modified },
      directory.layer,
    )
    directory.set(nameOf(place.path), made)
    directory.modified = modified
    this.#changed(place.path)
    return made
  }

  makeDirectory(
    path: string,
    {
      parents = false,
      mode = 0o777 & ~this.#viewer.umask,
    }: { readonly parents?: boolean; readonly mode?: number } = {},
  ): void {
    if (parents) {
      const parts = partsOf(path)
      for (const [index] of parts.entries()) {
        const at = `/${parts.slice(0, index + 1).join('/')}`
        const { inode } = this.#space.find(at, this.#viewer, true)
        if (inode === undefined) this.makeDirectory(at, { mode: index === parts.length - 1 ? mode : 0o755 })
        else if (!isDirectory(inode)) throw new FileFault(index === parts.length - 1 ? 'EEXIST' : 'ENOTDIR')
      }
      return
    }
    const place = this.#space.find(path.replace(/(.)\/+$/, '$1'), this.#viewer, false)
    this.#make(place, (meta, layer) => new DirectoryNode(layer, { ...meta, mode }))
  }

  remove(path: string, { recursive = false }: { readonly recursive?: boolean } = {}): void {
    const place = this.#found(path, false)
    const { inode } = place
    if (inode === undefined) throw new FileFault('ENOENT')
    if (place.mount.path === place.path) throw new FileFault('EBUSY')
    if (isDirectory(inode)) {
      const names = [...inode.names(), ...this.#space.mountNames(place.path)]
      if (names.length > 0 && !recursive) throw new FileFault('ENOTEMPTY')
      for (const name of new Set(names)) this.remove(childOf(place.path, name), { recursive })
    }
    this.#unlink(place)
  }

  #unlink(place: Place): void {
    const up = parentOf(place.path)
    if (place.mount.readOnly) throw new FileFault('EROFS')
    const { inode: above } = this.#space.find(up, this.#viewer, true)
    if (above === undefined || !mayRemove(above, place.inode as Inode, this.#viewer)) throw new FileFault('EACCES')
    const directory = this.#space.own(up)
    const inode = place.inode as Inode
    if (inode.layer === directory.layer) {
      directory.layer.giveEntry()
      if (inode instanceof FileNode) {
        inode.links--
        if (inode.links === 0) directory.layer.give(inode.content.length, inode.content.held)
      }
    }
    directory.delete(nameOf(place.path))
    directory.modified = directory.layer.now()
    this.#changed(place.path)
  }

  rename(from: string, to: string): void {
    const source = this.#found(from, false)
    const target = this.#space.find(to.replace(/(.)\/+$/, '$1'), this.#viewer, false)
    if (source.mount.path === source.path || target.mount.path === target.path) throw new FileFault('EBUSY')
    if (source.mount !== target.mount) throw new FileFault('EXDEV')
    if (source.mount.readOnly) throw new FileFault('EROFS')
    if (source.path === target.path) return
    if (target.path.startsWith(`${source.path}/`)) throw new FileFault('EINVAL')
    if (target.inode !== undefined) {
      if (isDirectory(target.inode) && !isDirectory(source.inode)) throw new FileFault('EISDIR')
      if (!isDirectory(target.inode) && isDirectory(source.inode)) throw new FileFault('ENOTDIR')
      this.remove(target.path)
    }
    for (const place of [source, target]) {
      const { inode } = this.#space.find(parentOf(place.path), this.#viewer, true)
      if (inode === undefined || !mayUse(inode, this.#viewer, 3)) throw new FileFault('EACCES')
    }
    const moved = this.#space.ownInode(source.path)
    this.#space.own(parentOf(source.path)).delete(nameOf(source.path))
    this.#space.own(parentOf(target.path)).set(nameOf(target.path), moved)
    this.#changed(source.path)
    this.#changed(target.path)
  }

  link(target: string, path: string): void {
    const place = this.#space.find(path, this.#viewer, false)
    this.#make(place, (meta, layer) => new LinkNode(layer, { ...meta, mode: 0o777 }, target))
  }

  hardLink(path: string, second: string): void {
    const source = this.#found(path, false)
    if (isDirectory(source.inode)) throw new FileFault('EPERM')
    const place = this.#space.find(second, this.#viewer, false)
    if (this.#space.mountOf(parentOf(place.path)) !== source.mount) throw new FileFault('EXDEV')
    const inode = this.#space.ownInode(source.path)
    this.#make(place, () => inode)
    if (inode instanceof FileNode) inode.links++
  }

  makePipe(path: string, mode = 0o644): void {
    const place = this.#space.find(path, this.#viewer, false)
    const pipe = new Pipe({ awaitsWriter: true })
    const device = { openInput: () => pipe.openReader(), openOutput: () => pipe.openWriter() }
    this.#make(place, (meta, layer) => new DeviceNode(layer, { ...meta, mode }, device, 'pipe'))
  }

  readLink(path: string): string {
    const inode = this.#inode(path, false)
    if (!(inode instanceof LinkNode)) throw new FileFault('EINVAL')
    return this.#targetOf(inode)
  }

  #targetOf({ target }: LinkNode): string {
    return typeof target === 'string' ? target : target(this.#viewer)
  }

  resolve(path: string): string {
    return this.#found(path).path
  }

  chmod(path: string, mode: number): void {
    this.#changeMeta(path, true, (inode) => {
      inode.mode = mode
    })
  }

  chown(path: string, uid: number, gid: number): void {
    if (this.#viewer.uid !== 0) throw new FileFault('EPERM')
    this.#changeMeta(path, false, (inode) => {
      inode.uid = uid
      inode.gid = gid
    })
  }

  touch(path: string, modified?: number): void {
    const place = this.#space.find(path, this.#viewer, true)
    if (place.inode === undefined) this.write(path, '')
    this.#changeMeta(path, true, (inode) => {
      inode.modified = modified ?? inode.layer.now()
    })
  }

  resize(path: string, size: number): void {
    const { file, place } = this.#openFile(path)
    if (file instanceof FileNode) resize(file, size)
    this.#changed(place.path)
  }

  #changeMeta(path: string, touchOnly: boolean, change: (inode: Inode) => void): void {
    const { inode, mount, path: at } = this.#found(path)
    if (mount.readOnly) throw new FileFault('EROFS')
    const owns = this.#viewer.uid === 0 || inode?.uid === this.#viewer.uid
    if (!owns && !(touchOnly && inode !== undefined && mayUse(inode, this.#viewer, 2))) throw new FileFault('EPERM')
    change(this.#space.ownInode(at))
    this.#changed(at)
  }

  watch(path: string, changed: () => void): () => void {
    return watchPlace(this.#space, path, this.#viewer, changed)
  }

  allows(path: string, bits: number): boolean {
    try {
      const { inode, mount } = this.#space.find(path, this.#viewer, true)
      if (inode === undefined || !mayUse(inode, this.#viewer, bits)) return false
      return (bits & 2) === 0 || !mount.readOnly || inode.type === 'device'
    } catch (error) {
      if (errnoOf(error) === undefined) throw error
      return false
    }
  }

  space(path: string): { readonly size: number; readonly used: number; readonly mount: string } {
    const { mount } = this.#found(path)
    return { size: mount.layer.limit, used: mount.layer.size, mount: mount.path }
  }

  /** What runs when the file is executed: an image's program, or the text of a script. Throws EACCES, ENOEXEC. */
  executable(path: string): Program | Uint8Array {
    const inode = this.#inode(path, true)
    if (!(inode instanceof FileNode) || !mayUse(inode, this.#viewer, 1)) throw new FileFault('EACCES')
    return inode.program ?? inode.content.slice(0, Math.min(inode.content.length, LARGEST_READ))
  }

  #found(path: string, follow = true): Place {
    const place = this.#space.find(path, this.#viewer, follow)
    if (place.inode === undefined) throw new FileFault('ENOENT')
    return place
  }

  #inode(path: string, follow: boolean): Inode {
    return this.#found(path, follow).inode as Inode
  }

  #need(inode: Inode, bits: number): void {
    if (!mayUse(inode, this.#viewer, bits)) throw new FileFault('EACCES')
  }

  #changed(path: string): void {
    const { layer, path: at } = this.#space.watched(path)
    layer.changed(at)
  }
}

const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
