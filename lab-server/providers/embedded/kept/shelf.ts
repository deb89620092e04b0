/** The folder in which an installation keeps its simulated clusters: for each a folder of its own, with its parts. Private to the server's user. */
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pack, unpack } from '../../../../engine/objects/packed.ts'
import type { ClusterKeys } from '../worker/messages.ts'
import { type Kept, Slots } from './slots.ts'

/** What a cluster is for as long as it lives. */
export interface Identity {
  readonly workers: number
  readonly ingress: boolean
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly keys: ClusterKeys
}

/** What the process said of itself last. */
export interface Note {
  /** When it looked, in ms since the epoch. */
  readonly at: number
  /** Whether it stopped in order. */
  readonly stopped: boolean
  /** Ids of the clusters of which something was not written down. */
  readonly changed: readonly string[]
}

const CLUSTER = 'QUAYSIDE CLUSTER 1\n'

export interface PackedCluster {
  /** Compressed. */
  readonly snapshot: Uint8Array
  /** Ids of the templates of databases that it needs. */
  readonly templates: readonly string[]
}

export const packCluster = ({ snapshot, templates }: PackedCluster): Uint8Array =>
  pack(CLUSTER, { value: { templates }, parts: [snapshot] })

/** Throws Error for what is none. */
export function unpackCluster(bytes: Uint8Array): PackedCluster {
  const found = unpack<{ templates: readonly string[] }>(CLUSTER, bytes)
  const [snapshot] = found?.parts ?? []
  if (found === undefined || snapshot === undefined) throw new Error('These bytes are no cluster that is known here.')
  return { snapshot, templates: found.value.templates }
}

export type Part = 'identity' | 'cluster' | 'home' | 'shells'

/** Bytes of one part of one cluster: what is larger is not written. */
export const LARGEST_PART = 32 * 1024 * 1024

/** As ids are made; nothing else in a path. */
const ID = /^[\w-]{1,64}$/

export class Shelf {
  readonly #folder: string
  readonly #slots = new Map<string, Slots>()
  /** Ids of clusters whose folder this process has made. */
  readonly #made = new Set<string>()
  #noted = ''

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Clusters of which something is here. */
  async ids(): Promise<string[]> {
    return (await readdir(join(this.#folder, 'clusters')).catch(() => [])).filter((id) => ID.test(id))
  }

  read(id: string, part: Part): Promise<Kept | undefined> {
    return this.#of(id, part).read()
  }

  /** @throws {Error} for what is too large */
  async write(id: string, part: Part, bytes: Uint8Array, taken: number): Promise<void> {
    if (bytes.length > LARGEST_PART) throw new Error(`${part} is too large to be kept: ${bytes.length} bytes`)
    if (!this.#made.has(id)) await mkdir(this.#place(id), { recursive: true, mode: 0o700 })
    this.#made.add(id)
    await this.#of(id, part).write(bytes, taken)
  }

  async clear(id: string): Promise<void> {
    this.#made.delete(id)
    for (const name of [...this.#slots.keys()]) if (name.startsWith(`${id}/`)) this.#slots.delete(name)
    await rm(this.#place(id), { recursive: true, force: true })
  }

  async note(note: Note): Promise<void> {
    const { at, ...rest } = note
    const text = JSON.stringify(rest)
    const file = this.#noteFile
    if (text === this.#noted) {
      const seconds = at / 1000
      await utimes(file, seconds, seconds)
      return
    }
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFile(`${file}.new`, JSON.stringify(note), { mode: 0o600 })
    await rename(`${file}.new`, file)
    this.#noted = text
  }

  /** What the process before this one said last. */
  async lastNote(): Promise<Note | undefined> {
    try {
      const note = JSON.parse(await readFile(this.#noteFile, 'utf8')) as Note
      return { ...note, at: Math.max(note.at, (await stat(this.#noteFile)).mtimeMs) }
    } catch {
      return undefined
    }
  }

  async template(id: string): Promise<Buffer | undefined> {
    return (await new Slots(this.#template(id)).read())?.bytes
  }

  async writeTemplate(id: string, bytes: Uint8Array, taken: number): Promise<void> {
    await mkdir(join(this.#folder, 'databases'), { recursive: true, mode: 0o700 })
    await new Slots(this.#template(id)).write(bytes, taken)
  }

  /** All but these are of clusters that are gone. */
  async keepTemplates(ids: ReadonlySet<string>): Promise<void> {
    const folder = join(this.#folder, 'databases')
    const found = await readdir(folder).catch(() => [])
    await Promise.all(
      found.filter((name) => !ids.has(name.split('.')[0] ?? '')).map((name) => rm(join(folder, name), { force: true })),
    )
  }

  #of(id: string, part: Part): Slots {
    const name = `${id}/${part}`
    const slots = this.#slots.get(name) ?? new Slots(join(this.#place(id), part))
    this.#slots.set(name, slots)
    return slots
  }

  #place(id: string): string {
    if (!ID.test(id)) throw new Error(`${JSON.stringify(id)} is no id of a cluster`)
    return join(this.#folder, 'clusters', id)
  }

  #template(id: string): string {
    if (!ID.test(id)) throw new Error(`${JSON.stringify(id)} is no id of a template`)
    return join(this.#folder, 'databases', id)
  }

  get #noteFile(): string {
    return join(this.#folder, 'note.json')
  }
}
