import type { FileSystem } from '../../containers/contract.ts'
import type { Payload } from './payload.ts'

const DATA = '/..data'
const NEXT = '/..data_tmp'

/**
 * Writes all files of a volume at once: into a directory of their time, to which the link `..data` is then moved (kubelet's `AtomicWriter`,
 * 1.34). Who reads sees the old files or the new ones, never some of both. False if they were as they are to be. `now` in ms since 1970.
 */
export function writeAtomically(files: FileSystem, payload: Payload, now: number): boolean {
  const old = files.exists(DATA) ? files.readLink(DATA) : undefined
  if (old !== undefined && isSame(files, payload, `/${old}`)) return false
  const directory = freeName(files, now)
  files.makeDirectory(`/${directory}`, { mode: 0o755 })
  for (const [path, { bytes, mode }] of payload) {
    const parent = path.slice(0, path.lastIndexOf('/') + 1)
    if (parent !== '') files.makeDirectory(`/${directory}/${parent}`, { parents: true })
    files.write(`/${directory}/${path}`, bytes, { mode })
  }
  files.link(directory, NEXT)
  files.rename(NEXT, DATA)
  const names = new Set([...payload.keys()].map((path) => path.split('/')[0] as string))
  for (const name of names) if (!isLink(files, `/${name}`)) files.link(`..data/${name}`, `/${name}`)
  for (const name of files.list('/')) if (!name.startsWith('..') && !names.has(name)) files.remove(`/${name}`)
  if (old !== undefined) files.remove(`/${old}`, { recursive: true })
  return true
}

/** `..2026_01_01_00_00_00.000000000`, the fraction counted up where there is one already. */
function freeName(files: FileSystem, now: number): string {
  const whole = Math.floor(now)
  const base = `..${new Date(whole).toISOString().slice(0, 19).replace(/[-T:]/g, '_')}`
  for (let fraction = (whole % 1000) * 1_000_000; ; fraction++) {
    const name = `${base}.${String(fraction).padStart(9, '0')}`
    if (!files.exists(`/${name}`)) return name
  }
}

function isLink(files: FileSystem, path: string): boolean {
  try {
    return files.stat(path, { follow: false }).type === 'symlink'
  } catch {
    return false
  }
}

function isSame(files: FileSystem, payload: Payload, directory: string): boolean {
  let found = 0
  const visit = (path: string): boolean =>
    files.list(`${directory}${path}`).every((name) => {
      const inner = `${path}/${name}`
      const { type, mode } = files.stat(`${directory}${inner}`)
      if (type === 'directory') return visit(inner)
      found++
      const wanted = payload.get(inner.slice(1))
      if (wanted === undefined || (mode & 0o777) !== wanted.mode) return false
      const bytes = files.read(`${directory}${inner}`)
      return bytes.length === wanted.bytes.length && bytes.every((byte, index) => byte === wanted.bytes[index])
    })
  return visit('') && found === payload.size
}
