/**
 * A data directory on a volume. Most of a new database's 25 MB never change: the volume has such files by their length only, and the list
 * of them, while their bytes are the template's, once for all databases of the thread. What changes is written through.
 */
import type { FileSystem } from '../../containers/contract.ts'
import type { BaseFilesystem, Pglite, Template } from './pglite.ts'
import { LIST_NAME, templateOf } from './templates.ts'

/** Which files are the template's. */
const LIST = `/${LIST_NAME}`
/** Bytes: a file that is smaller than this and no relation is written as it is, so that people can read it. */
const READABLE = 64 * 1024
/** Bytes of a page of a relation. */
const PAGE = 8192
/** Numbers of the databases that CREATE DATABASE copies. */
const TEMPLATE_DATABASES = ['1', '4']
const MODE = 0o600
const DIRECTORY_MODE = 0o700
const IS_FILE = 0o100000
const IS_DIRECTORY = 0o040000

export class DirectoryFault extends Error {}

interface Node {
  /** Undefined until it is read from the volume. */
  bytes: Uint8Array | undefined
  size: number
  /** The bytes are shared: a write copies them first. */
  shared: boolean
  /** The template's file that has the same bytes: they are not on the volume. */
  source: string | undefined
  changed: boolean
  modified: number
}

export class DataDirectory {
  readonly #files: FileSystem
  readonly #path: string
  readonly #template: Template
  readonly #now: () => number
  readonly #nodes = new Map<string, Node>()
  readonly #directories = new Set<string>(['/'])
  readonly #gone = new Set<string>()
  #listChanged = false

  private constructor(files: FileSystem, path: string, template: Template, now: () => number) {
    this.#files = files
    this.#path = path.replace(/\/+$/, '')
    this.#template = template
    this.#now = now
  }

  static exists(files: FileSystem, path: string): boolean {
    return files.exists(`${path}/PG_VERSION`)
  }

  /** Puts a new database there. Throws FileError. */
  static create(files: FileSystem, path: string, template: Template, now: () => number): DataDirectory {
    const directory = new DataDirectory(files, path, template, now)
    files.makeDirectory(path, { parents: true, mode: DIRECTORY_MODE })
    for (const name of template.directories) {
      files.makeDirectory(directory.#path + name, { parents: true, mode: DIRECTORY_MODE })
      directory.#directories.add(name)
    }
    for (const [name, bytes] of template.files) {
      const written = bytes.length < READABLE && !/^\/(?:base|global|pg_\w+)\//.test(name)
      files.write(directory.#path + name, written ? bytes : '', { mode: MODE })
      if (!written) files.resize(directory.#path + name, bytes.length)
      const node = { bytes, size: bytes.length, shared: true, changed: false, modified: now() }
      directory.#nodes.set(name, { ...node, source: written ? undefined : name })
    }
    directory.#writeList()
    return directory
  }

  /** What an earlier server left. Throws DirectoryFault for a database of whose template nothing is known here. */
  static open(files: FileSystem, path: string, own: Template, now: () => number): DataDirectory {
    const [id, ...names] = readList(files, path.replace(/\/+$/, '') + LIST)
    const template = id === undefined || id === own.id ? own : templateOf(id)
    if (template === undefined) throw new DirectoryFault('the data directory was made by another server program')
    const directory = new DataDirectory(files, path, template, now)
    const sources = new Map(
      names.map((line): [string, string] => {
        const [name = '', source = name] = line.split('\t')
        return [name, source]
      }),
    )
    const walk = (at: string) => {
      for (const name of files.list(directory.#path + at)) {
        const inner = `${at}/${name}`
        const stat = files.stat(directory.#path + inner)
        if (stat.type === 'directory') {
          directory.#directories.add(inner)
          walk(inner)
        } else if (stat.type === 'file' && inner !== LIST) {
          const source = sources.get(inner)
          const bytes = source === undefined ? undefined : template.files.get(source)
          const known = bytes !== undefined && bytes.length === stat.size
          directory.#nodes.set(inner, {
            bytes: known ? bytes : undefined,
            size: stat.size,
            shared: known,
            source: known ? source : undefined,
            changed: false,
            modified: stat.modified,
          })
        }
      }
    }
    walk('')
    return directory
  }

  /** Bytes of memory that are this directory's own. */
  held(): number {
    let sum = 0
    for (const { bytes, shared } of this.#nodes.values()) if (bytes !== undefined && !shared) sum += bytes.length
    return sum
  }

  /** Writes what has changed to the volume. Throws FileError ENOSPC: the rest is still to write. */
  flush(): void {
    for (const path of this.#gone) {
      if (this.#files.exists(this.#path + path)) this.#files.remove(this.#path + path, { recursive: true })
      this.#gone.delete(path)
    }
    for (const [path, node] of this.#nodes) {
      if (!node.changed) continue
      const source = this.#sourceOf(path, node)
      if (source !== node.source) this.#listChanged = true
      node.source = source
      this.#files.write(this.#path + path, source === undefined ? bytesOf(node) : '', { mode: MODE })
      if (source !== undefined) {
        this.#files.resize(this.#path + path, node.size)
        node.bytes = this.#template.files.get(source)
        node.shared = true
      }
      node.changed = false
    }
    if (this.#listChanged) this.#writeList()
  }

  /** A file of a database that was copied is the same as that of the template's database, under the same name. */
  #sourceOf(path: string, node: Node): string | undefined {
    const name = /^\/base\/\d+(\/[^/]+)$/.exec(path)?.[1]
    if (name === undefined || node.size < PAGE) return undefined
    const bytes = bytesOf(node)
    for (const database of TEMPLATE_DATABASES) {
      const theirs = this.#template.files.get(`/base/${database}${name}`)
      if (theirs?.length === bytes.length && theirs.every((byte, at) => byte === bytes[at]))
        return `/base/${database}${name}`
    }
    return undefined
  }

  #writeList(): void {
    const names = [...this.#nodes].flatMap(([name, { source }]) =>
      source === undefined ? [] : [source === name ? name : `${name}\t${source}`],
    )
    this.#files.write(this.#path + LIST, `${[this.#template.id, ...names].join('\n')}\n`, { mode: MODE })
    this.#listChanged = false
  }

  /** As PGlite's Emscripten sees it. */
  filesystem({ BaseFilesystem }: Pglite): BaseFilesystem {
    const nodes = this.#nodes
    const directories = this.#directories
    const gone = this.#gone
    const now = this.#now
    const makeDirectory = (path: string) => {
      this.#files.makeDirectory(this.#path + path, { parents: true, mode: DIRECTORY_MODE })
      gone.delete(path)
    }
    const dropped = (node: Node | undefined) => {
      if (node?.source !== undefined) this.#listChanged = true
    }
    const load = (path: string, node: Node): Uint8Array => {
      if (node.bytes === undefined) {
        node.bytes = this.#files.read(this.#path + path)
        node.shared = true
      }
      return node.bytes
    }
    const named = (path: string) => (path === '' ? '/' : path.replace(/(.)\/+$/, '$1'))

    return new (class extends BaseFilesystem {
      readonly #open = new Map<number, { path: string; node: Node }>()
      #next = 1

      #stat(mode: number, size: number, modified: number) {
        return {
          dev: 0,
          ino: 0,
          mode,
          nlink: 1,
          uid: 0,
          gid: 0,
          rdev: 0,
          size,
          blksize: 4096,
          blocks: Math.ceil(size / 512),
          atime: modified,
          mtime: modified,
          ctime: modified,
        }
      }

      #node(path: string): Node {
        const node = nodes.get(path)
        if (node === undefined) throw errno(directories.has(path) ? 31 : 44)
        return node
      }

      lstat(path: string) {
        const at = named(path)
        const node = nodes.get(at)
        if (node !== undefined) return this.#stat(IS_FILE | MODE, node.size, node.modified)
        if (!directories.has(at)) throw errno(44)
        return this.#stat(IS_DIRECTORY | DIRECTORY_MODE, 4096, now())
      }

      fstat(fd: number) {
        const { node } = this.#file(fd)
        return this.#stat(IS_FILE | MODE, node.size, node.modified)
      }

      #file(fd: number): { path: string; node: Node } {
        const file = this.#open.get(fd)
        if (file === undefined) throw errno(8)
        return file
      }

      open(path: string): number {
        const at = named(path)
        this.#open.set(this.#next, { path: at, node: this.#node(at) })
        return this.#next++
      }

      close(fd: number): void {
        this.#open.delete(fd)
      }

      read(fd: number, buffer: Uint8Array, offset: number, length: number, position: number): number {
        const { path, node } = this.#file(fd)
        const count = Math.min(length, node.size - position)
        if (count <= 0) return 0
        const held = load(path, node).subarray(position, position + count)
        const target = new Uint8Array(buffer.buffer, buffer.byteOffset + offset, count)
        target.set(held)
        if (held.length < count) target.fill(0, held.length)
        return count
      }

      write(
        fd: number,
        buffer: Uint8Array | ArrayBufferLike,
        offset: number,
        length: number,
        position: number,
      ): number {
        const { path, node } = this.#file(fd)
        const source = ArrayBuffer.isView(buffer)
          ? new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length)
          : new Uint8Array(buffer, offset, length)
        const end = position + length
        const bytes = load(path, node)
        if (node.shared || end > bytes.length) {
          const grown = new Uint8Array(
            Math.max(end, node.size, end > bytes.length ? Math.min(2 * bytes.length, end + GROWTH) : 0),
          )
          grown.set(bytes.subarray(0, node.size))
          node.bytes = grown
          node.shared = false
        }
        node.bytes?.set(source, position)
        node.size = Math.max(node.size, end)
        node.modified = now()
        node.changed = true
        return length
      }

      writeFile(path: string, data: string | Uint8Array): void {
        const at = named(path)
        const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data.slice()
        dropped(nodes.get(at))
        nodes.set(at, { bytes, size: bytes.length, shared: false, source: undefined, changed: true, modified: now() })
        gone.delete(at)
      }

      truncate(path: string, length: number): void {
        const at = named(path)
        const node = this.#node(at)
        if (length === node.size) return
        const bytes = load(at, node)
        // What was cut off must not come back when the file grows again.
        const kept = new Uint8Array(length)
        kept.set(bytes.subarray(0, Math.min(length, node.size)))
        node.bytes = kept
        node.shared = false
        node.size = length
        node.changed = true
      }

      unlink(path: string): void {
        const at = named(path)
        dropped(this.#node(at))
        nodes.delete(at)
        gone.add(at)
      }

      rename(from: string, to: string): void {
        const source = named(from)
        const target = named(to)
        if (directories.has(source)) {
          for (const inner of [...directories]) {
            if (inner !== source && !inner.startsWith(`${source}/`)) continue
            directories.delete(inner)
            directories.add(target + inner.slice(source.length))
            makeDirectory(target + inner.slice(source.length))
          }
          for (const inner of [...nodes.keys()]) {
            if (inner.startsWith(`${source}/`)) this.#move(inner, target + inner.slice(source.length))
          }
          gone.add(source)
        } else this.#move(source, target)
      }

      #move(from: string, to: string): void {
        const node = this.#node(from)
        load(from, node)
        dropped(node)
        dropped(nodes.get(to))
        nodes.delete(from)
        nodes.set(to, { ...node, source: undefined, changed: true })
        gone.add(from)
        gone.delete(to)
        for (const file of this.#open.values()) {
          if (file.node !== node) continue
          file.node = nodes.get(to) as Node
          file.path = to
        }
      }

      mkdir(path: string): void {
        const at = named(path)
        if (directories.has(at) || nodes.has(at)) throw errno(20)
        directories.add(at)
        makeDirectory(at)
      }

      rmdir(path: string): void {
        const at = named(path)
        if (this.readdir(at).length > 0) throw errno(55)
        directories.delete(at)
        gone.add(at)
      }

      readdir(path: string): string[] {
        const at = named(path)
        if (!directories.has(at)) throw errno(nodes.has(at) ? 54 : 44)
        const start = at === '/' ? '/' : `${at}/`
        const names: string[] = []
        for (const inner of [...directories, ...nodes.keys()]) {
          if (inner.length > start.length && inner.startsWith(start) && !inner.includes('/', start.length)) {
            names.push(inner.slice(start.length))
          }
        }
        return names
      }

      chmod(): void {}

      utimes(path: string, _: number, modified: number): void {
        const node = nodes.get(named(path))
        if (node !== undefined) node.modified = modified
      }
    })()
  }
}

/** Bytes by which a file grows at most beyond what is asked. */
const GROWTH = 256 * 1024

const bytesOf = ({ bytes, size }: Node): Uint8Array => (bytes ?? new Uint8Array(0)).subarray(0, size)

/** Emscripten's numbers. */
function errno(code: number): Error {
  return Object.assign(new Error(`errno ${code}`), { code })
}

function readList(files: FileSystem, path: string): string[] {
  return files.exists(path) ? files.readText(path).trim().split('\n') : []
}
