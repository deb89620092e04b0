import { toBytes } from '../../objects/bytes.ts'
import type { FileInput, OpenOptions, Output } from '../contract.ts'
import type { Content } from './content.ts'
import type { FileNode } from './inode.ts'

/** Bytes that one read of a file gives at most. */
const BLOCK = 65_536

/** Reads a file as it is at each read, from where the last one ended. */
export function readerOf(content: () => Content | Uint8Array): FileInput {
  let position = 0
  return {
    async read() {
      const now = content()
      const chunk =
        now instanceof Uint8Array
          ? now.subarray(position, position + BLOCK)
          : now.slice(position, Math.min(position + BLOCK, now.length))
      position += chunk.length
      return chunk.length === 0 ? null : chunk
    },
    close() {},
    seek(to) {
      position = to
    },
  }
}

/** Writes on from the beginning, or always at the end. */
export function writerOf(file: FileNode, { append = false }: OpenOptions, changed: () => void): Output {
  let position = 0
  return {
    async write(data) {
      const bytes = toBytes(data)
      if (bytes.length === 0) return
      if (append) position = file.content.length
      put(file, position, bytes)
      position += bytes.length
      changed()
    },
    close() {},
  }
}

/** Writes into a file, if its layer has room. */
export function put(file: FileNode, at: number, bytes: Uint8Array): void {
  const { content, layer } = file
  layer.take(Math.max(0, at + bytes.length - content.length), content.growth(at, bytes))
  content.write(at, bytes)
  file.modified = layer.now()
}

export function resize(file: FileNode, size: number): void {
  const { content, layer } = file
  const { length, held } = content
  if (size > length) layer.take(size - length, 0)
  content.resize(size)
  layer.give(Math.max(0, length - size), held - content.held)
  file.modified = layer.now()
}
