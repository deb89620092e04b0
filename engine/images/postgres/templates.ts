/**
 * Most of a database's files are those of the template that the process has made for all, and are not on its volume (see data-directory.ts). Each
 * process makes another template: where databases go on in a process after the one in which they were made, theirs goes with them, once.
 */
import type { KeptFile } from '../../containers/files/kept.ts'
import { decode } from '../../objects/bytes.ts'
import { pack, unpack } from '../../objects/packed.ts'
import type { ClusterSnapshot } from '../../snapshot.ts'
import type { Template } from './pglite.ts'

const FORM = 'QUAYSIDE DATABASE TEMPLATE 1\n'
/** Of a data directory: says which template it is of, in its first line, and what it has of it. */
export const LIST_NAME = 'pglite.template'

/** By their ids. */
const templates = new Map<string, Template>()

/** Databases of that template go on here from now on. */
export function addTemplate(template: Template): void {
  templates.set(template.id, template)
}

export const templateOf = (id: string): Template | undefined => templates.get(id)

/** Ids of the templates that a snapshot's databases need. */
export function templatesIn({ nodes, blobs }: ClusterSnapshot): ReadonlySet<string> {
  const ids = new Set<string>()
  const look = (file: KeptFile | null | undefined): void => {
    if (file === null || file === undefined || !('directory' in file)) return
    for (const [name, inner] of Object.entries(file.directory)) {
      if (name !== LIST_NAME || inner === null || !('size' in inner) || inner.bytes === undefined) look(inner)
      else ids.add(decode(blobs[inner.bytes] ?? new Uint8Array(0)).split('\n', 1)[0] ?? '')
    }
  }
  for (const node of Object.values(nodes?.nodes ?? {})) {
    look(node.disk)
    for (const { runs, volumes = [] } of node.pods) {
      for (const { files } of runs) look(files)
      for (const { own } of volumes) look(own?.files)
    }
  }
  for (const files of Object.values(nodes?.shared ?? {})) look(files)
  return ids
}

/** A template as bytes, 25 MB of them. */
export function encodeTemplate({ id, directories, files }: Template): Uint8Array {
  return pack(FORM, { value: { id, directories, names: [...files.keys()] }, parts: [...files.values()] })
}

/** Throws Error for bytes that are none. */
export function decodeTemplate(bytes: Uint8Array): Template {
  const found = unpack<{ id: string; directories: readonly string[]; names: readonly string[] }>(FORM, bytes)
  if (found === undefined) throw new Error('These bytes are no template of databases that is known here.')
  const { id, directories, names } = found.value
  return { id, directories, files: new Map(names.map((name, at) => [name, found.parts[at] ?? new Uint8Array(0)])) }
}
