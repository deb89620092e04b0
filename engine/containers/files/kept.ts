/** Trees of files as they were at one moment: JSON, with the bytes of files beside it. What a snapshot of a cluster holds of volumes and containers. */
import type { Program } from '../contract.ts'
import { Pipe } from '../streams/pipe.ts'
import type { Blobs } from './blobs.ts'
import { Content } from './content.ts'
import { DeviceNode, DirectoryNode, FileNode, type Inode, LinkNode, type Meta } from './inode.ts'
import type { Layer } from './layer.ts'

/** Permission bits, owner, group, and when it was changed, in ms since 1970. */
type KeptMeta = readonly [mode: number, uid: number, gid: number, modified: number]

export type KeptFile =
  | {
      readonly meta: KeptMeta
      readonly directory: Readonly<Record<string, KeptFile | null>>
      /** What is below, in the image, shows through where nothing is said; null hides it. */
      readonly over?: true
    }
  | {
      readonly meta: KeptMeta
      /** Number of its bytes; none for a file of zeros. */
      readonly bytes?: number
      readonly size: number
      /** The same for all names of one file. */
      readonly same?: number
      /** Where the image has the program that this file is. */
      readonly program?: string
    }
  | { readonly meta: KeptMeta; readonly link: string }
  | { readonly meta: KeptMeta; readonly pipe: true }

const metaOf = ({ mode, uid, gid, modified }: Meta): KeptMeta => [mode, uid, gid, modified]
const fromMeta = ([mode, uid, gid, modified]: KeptMeta): Meta => ({ mode, uid, gid, modified })

/** `base`: the image's tree, where the tree is of a layer over it. */
export function keepFiles(root: DirectoryNode, blobs: Blobs, base?: DirectoryNode): KeptFile {
  const numbers = new Map<FileNode, number>()
  let programs: ReadonlyMap<Program, string> | undefined
  const keep = (inode: Inode): KeptFile | undefined => {
    const meta = metaOf(inode)
    if (inode instanceof DirectoryNode) {
      const directory: Record<string, KeptFile | null> = {}
      for (const [name, child] of inode.own()) {
        const kept = child === null ? null : keep(child)
        if (kept !== undefined) directory[name] = kept
      }
      return { meta, directory, ...(inode.isOver ? { over: true } : {}) }
    }
    if (inode instanceof FileNode) {
      const { content, links, program } = inode
      const known = numbers.get(inode)
      const same = links > 1 ? (known ?? numbers.size) : undefined
      if (same !== undefined) numbers.set(inode, same)
      if (program !== undefined && base !== undefined) programs ??= programsOf(base)
      const path = program === undefined ? undefined : programs?.get(program)
      return {
        meta,
        size: content.length,
        ...(content.held === 0 || known !== undefined ? {} : { bytes: blobs.add(content.slice(0, content.held)) }),
        ...(same === undefined ? {} : { same }),
        ...(path === undefined ? {} : { program: path }),
      }
    }
    if (inode instanceof LinkNode) return typeof inode.target === 'string' ? { meta, link: inode.target } : undefined
    return inode.type === 'pipe' ? { meta, pipe: true } : undefined
  }
  return keep(root) as KeptFile
}

export interface PutBack {
  readonly blobs: Blobs
  /** What the files belong to from now on. */
  readonly layer: Layer
  /** As it was for `keepFiles`. */
  readonly base?: DirectoryNode
}

/** The root of what was kept, made anew. Throws for what was no directory. */
export function putFilesBack(kept: KeptFile, { blobs, layer, base }: PutBack): DirectoryNode {
  const files = new Map<number, FileNode>()
  const make = (one: KeptFile, below: Inode | undefined): Inode => {
    layer.charge(0)
    const meta = fromMeta(one.meta)
    if ('directory' in one) {
      const lower = one.over === true && below instanceof DirectoryNode ? below : undefined
      const directory = new DirectoryNode(layer, meta, lower)
      for (const [name, child] of Object.entries(one.directory)) {
        if (child === null) directory.delete(name)
        else directory.set(name, make(child, lower?.get(name)))
      }
      return directory
    }
    if ('link' in one) return new LinkNode(layer, meta, one.link)
    if ('pipe' in one) {
      const pipe = new Pipe({ awaitsWriter: true })
      const device = { openInput: () => pipe.openReader(), openOutput: () => pipe.openWriter() }
      return new DeviceNode(layer, meta, device, 'pipe')
    }
    const known = one.same === undefined ? undefined : files.get(one.same)
    if (known !== undefined) {
      known.links++
      return known
    }
    const content = new Content(one.bytes === undefined ? undefined : blobs.at(one.bytes))
    content.resize(one.size)
    layer.charge(content.held, content.length)
    const program = one.program === undefined ? undefined : programAt(base, one.program)
    const file = new FileNode(layer, meta, content, program)
    if (one.same !== undefined) files.set(one.same, file)
    return file
  }
  const root = make(kept, base)
  if (!(root instanceof DirectoryNode)) throw new Error('A tree of files begins with a directory.')
  return root
}

function programsOf(base: DirectoryNode): ReadonlyMap<Program, string> {
  const paths = new Map<Program, string>()
  const walk = (directory: DirectoryNode, at: string) => {
    for (const name of directory.names()) {
      const child = directory.get(name)
      if (child instanceof DirectoryNode) walk(child, `${at}/${name}`)
      else if (child instanceof FileNode && child.program !== undefined) paths.set(child.program, `${at}/${name}`)
    }
  }
  walk(base, '')
  return paths
}

function programAt(base: DirectoryNode | undefined, path: string): Program | undefined {
  let at: Inode | undefined = base
  for (const name of path.split('/').slice(1)) at = at instanceof DirectoryNode ? at.get(name) : undefined
  return at instanceof FileNode ? at.program : undefined
}
