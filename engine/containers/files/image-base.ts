import { encode } from '../../objects/bytes.ts'
import type { Image, ImageFile } from '../contract.ts'
import { Content } from './content.ts'
import { DirectoryNode, FileNode, type Inode, isDirectory, LinkNode } from './inode.ts'
import { Layer } from './layer.ts'
import { partsOf } from './paths.ts'

/** When images say they were made: 2025-01-01. */
const MADE = Date.UTC(2025, 0, 1)

/** Bytes that `ls` shows of a program: of zeros, which take no memory. */
const PROGRAM_SIZE = 1_131_168

/** One tree for an image, whoever runs it: it never changes. */
const bases = new WeakMap<Image, DirectoryNode>()

export function baseOf(image: Image): DirectoryNode {
  const known = bases.get(image)
  if (known !== undefined) return known
  const made = build(image)
  bases.set(image, made)
  return made
}

const meta = (mode: number, uid = 0) => ({ mode, uid, gid: uid, modified: MADE })

function build({ files }: Image): DirectoryNode {
  const layer = new Layer({ now: () => MADE, limit: Number.POSITIVE_INFINITY, memoryLimit: Number.POSITIVE_INFINITY })
  const root = new DirectoryNode(layer, meta(0o755))
  const directory = (parts: readonly string[]): DirectoryNode => {
    let at = root
    for (const part of parts) {
      let next = at.get(part)
      if (next === undefined) {
        next = new DirectoryNode(layer, meta(part === 'tmp' ? 0o1777 : part === 'root' ? 0o700 : 0o755))
        at.set(part, next)
      }
      if (!(next instanceof DirectoryNode)) throw new Error(`/${parts.join('/')} of an image is in a file.`)
      at = next
    }
    return at
  }
  for (const path of ['/dev', '/etc', '/proc', '/root', '/run', '/sys', '/tmp', '/var']) directory(partsOf(path))
  for (const [path, file] of Object.entries(files)) {
    const parts = partsOf(path)
    const name = parts.pop()
    if (name === undefined) continue
    const parent = directory(parts)
    const there = parent.get(name)
    if ('directory' in file && isDirectory(there)) {
      there.mode = file.mode ?? 0o755
      there.uid = file.uid ?? 0
      there.gid = file.uid ?? 0
    } else parent.set(name, inodeOf(file, layer))
  }
  return root
}

function inodeOf(file: ImageFile, layer: Layer): Inode {
  if ('text' in file) {
    return new FileNode(layer, meta(file.mode ?? 0o644, file.uid), new Content(encode(file.text)))
  }
  if ('link' in file) return new LinkNode(layer, meta(0o777), file.link)
  if ('directory' in file) return new DirectoryNode(layer, meta(file.mode ?? 0o755, file.uid))
  const content = new Content()
  content.resize(PROGRAM_SIZE)
  return new FileNode(layer, meta(0o755), content, file.program)
}
