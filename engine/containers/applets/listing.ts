import type { Stat } from '../contract.ts'
import { passwdEntries } from '../users.ts'
import { type Applet, type Io, optionsOf } from './applet.ts'
import { modeText } from './files.ts'

interface Entry {
  readonly name: string
  readonly path: string
  readonly stat: Stat
}

/** Milliseconds after which `ls -l` shows the year in place of the time: half a year. */
const RECENT = 182 * 86_400_000

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `ls` */
export const listing: Applet = async (io) => {
  const { has, rest } = optionsOf(io, '1AaCxdLHRFplinshrSXvctTukgow:')
  const { files } = io.process
  const names = rest.length === 0 ? ['.'] : rest
  const entries: Entry[] = []
  for (const name of names) {
    const path = io.path(name)
    const found = await io.attempt(name, () => {
      const plain = files.stat(path, { follow: false })
      return plain.type === 'symlink' && !has('l') && !has('d') && files.exists(path) ? files.stat(path) : plain
    })
    if (found !== undefined) entries.push({ name, path, stat: found })
  }
  const plain = has('d') ? entries : entries.filter(({ stat }) => stat.type !== 'directory')
  await show(io, sorted(plain, has), has)
  const directories = has('d') ? [] : entries.filter(({ stat }) => stat.type === 'directory')
  for (const [index, directory] of sorted(directories, has).entries()) {
    await showDirectory(io, directory, has, names.length > 1 || has('R'), index > 0 || plain.length > 0)
  }
}

type Has = (letter: string) => boolean

async function showDirectory(io: Io, { name, path }: Entry, has: Has, titled: boolean, gap: boolean): Promise<void> {
  const { files } = io.process
  const names = await io.attempt(name, () => files.list(path))
  if (names === undefined) return
  if (titled) await io.line(`${gap ? '\n' : ''}${name}:`)
  const all = has('a') ? ['.', '..', ...names] : names
  const entries = all
    .filter((entry) => has('a') || has('A') || !entry.startsWith('.'))
    .map((entry) => ({
      name: entry,
      path: `${path}/${entry}`,
      stat: files.stat(`${path}/${entry}`, { follow: false }),
    }))
  if (has('l')) {
    const blocks = entries.reduce((sum, { stat }) => sum + Math.ceil(stat.size / 4096) * 4, 0)
    await io.line(`total ${blocks}`)
  }
  const order = sorted(entries, has)
  await show(io, order, has)
  if (!has('R')) return
  for (const entry of order) {
    if (entry.stat.type !== 'directory' || entry.name === '.' || entry.name === '..') continue
    await showDirectory(io, { ...entry, name: `${name}/${entry.name}` }, has, true, true)
  }
}

function sorted(entries: readonly Entry[], has: Has): Entry[] {
  const order = [...entries].sort((a, b) => {
    const by = has('t') ? b.stat.modified - a.stat.modified : has('S') ? b.stat.size - a.stat.size : 0
    return by !== 0 ? by : a.name < b.name ? -1 : a.name > b.name ? 1 : 0
  })
  return has('r') ? order.reverse() : order
}

async function show(io: Io, entries: readonly Entry[], has: Has): Promise<void> {
  if (has('l') || has('n')) {
    const rows = entries.map((entry) => longRow(io, entry, has))
    for (const row of rows) await io.line(row)
    return
  }
  const names = entries.map((entry) => (has('i') ? '1 ' : '') + entry.name + mark(entry, has))
  if (io.process.terminal === undefined || has('1')) {
    for (const name of names) await io.line(name)
    return
  }
  const { width } = io.process.terminal.size()
  const wide = Math.max(0, ...names.map((name) => name.length)) + 2
  const count = Math.max(1, Math.floor((width + 2) / wide))
  const rows = Math.ceil(names.length / count)
  for (let row = 0; row < rows; row++) {
    const cells = names.filter((_, index) => index % rows === row)
    await io.line(cells.map((cell, index) => (index < cells.length - 1 ? cell.padEnd(wide) : cell)).join(''))
  }
}

function mark({ stat }: Entry, has: Has): string {
  if (!has('F') && !has('p')) return ''
  if (stat.type === 'directory') return '/'
  if (!has('F')) return ''
  return stat.type === 'symlink' ? '@' : stat.type === 'pipe' ? '|' : stat.mode & 0o111 ? '*' : ''
}

function longRow(io: Io, entry: Entry, has: Has): string {
  const { stat, name, path } = entry
  const { files } = io.process
  const users = has('n') ? [] : files.exists('/etc/passwd') ? passwdEntries(files.readText('/etc/passwd')) : []
  const user = users.find(({ uid }) => uid === stat.uid)?.name ?? String(stat.uid)
  const groups =
    has('n') || !files.exists('/etc/group')
      ? []
      : passwdEntries(files.readText('/etc/group').replaceAll(/^([^:]*:[^:]*:(\d+)):/gm, '$1:$2:'))
  const group = groups.find(({ uid }) => uid === stat.gid)?.name ?? String(stat.gid)
  const size = stat.type === 'device' ? '1,   3' : has('h') ? human(stat.size) : String(stat.size)
  const links = stat.type === 'directory' ? 2 : 1
  const target = stat.type === 'symlink' ? ` -> ${files.readLink(path)}` : ''
  const time = timeText(stat.modified, io.process.clock.now())
  return `${modeText(stat)} ${String(links).padStart(4)} ${user.padEnd(8)} ${group.padEnd(8)} ${size.padStart(9)} ${time} ${name}${target || mark(entry, has)}`
}

function timeText(ms: number, now: number): string {
  const date = new Date(ms)
  const day = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)}`
  if (ms > now + 900_000 || ms < now - RECENT) return `${day}  ${date.getUTCFullYear()}`
  return `${day} ${date.toISOString().slice(11, 16)}`
}

/** `1.2K`: as `-h` shows sizes. */
export function human(bytes: number): string {
  const units = ['', 'K', 'M', 'G', 'T']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return unit === 0 ? String(bytes) : `${value.toFixed(1)}${units[unit]}`
}
