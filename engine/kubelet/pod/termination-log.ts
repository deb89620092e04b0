import type { Mount, VolumeTree } from '../../containers/contract.ts'
import type { ContainerLog } from '../logs/container-log.ts'
import type { Trees } from '../volumes/disks.ts'

/** Bytes of a message from the file, and from the log in its place; lines of the log. */
const MOST = 4096
const MOST_OF_LOG = 2048
const LINES_OF_LOG = 80
const FILE = 'termination-log'

/** The file in which a container says why it ended. */
export class TerminationLog {
  readonly #tree: VolumeTree | undefined

  constructor(trees: Trees | undefined) {
    this.#tree = trees?.()
    this.#tree?.files.write(`/${FILE}`, '', { mode: 0o666 })
  }

  mounts(path: string): Mount[] {
    if (this.#tree === undefined || path === '') return []
    return [{ tree: this.#tree, subPath: FILE, path, readOnly: false }]
  }

  /** What was written; where that is nothing, the end of the log, if one is given. */
  read(log: ContainerLog | undefined): string {
    const written = this.#tree?.files.exists(`/${FILE}`) === true ? this.#tree.files.read(`/${FILE}`) : new Uint8Array()
    if (written.length > 0) return text(written.subarray(Math.max(0, written.length - MOST)))
    return log === undefined ? '' : endOf(log)
  }
}

function endOf(log: ContainerLog): string {
  const parts: Uint8Array[] = []
  let size = 0
  for (let at = log.end - 1; at >= log.start && parts.length < LINES_OF_LOG && size < MOST_OF_LOG; at--) {
    const { bytes } = log.at(at) ?? { bytes: new Uint8Array() }
    parts.unshift(bytes)
    size += bytes.length
  }
  const all = parts.map(text).join('')
  return all.slice(Math.max(0, all.length - MOST_OF_LOG))
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
