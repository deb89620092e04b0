import type { Stat } from '../contract.ts'
import { errnoOf } from '../files/errors.ts'
import { nameOf, parentOf } from '../files/paths.ts'
import { passwdEntries } from '../users.ts'
import { type Applet, type Io, optionsOf, usage } from './applet.ts'
import { listing } from './listing.ts'

const MODES: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 }

/** `755`, `u+x,go-w`, applied to a mode. */
export function changedMode(text: string, before: number, directory: boolean): number | undefined {
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8)
  let mode = before
  for (const clause of text.split(',')) {
    const [, who = '', operations = ''] = /^([ugoa]*)((?:[-+=][rwxXst]*)+)$/.exec(clause) ?? []
    if (operations === '') return undefined
    const all = who === '' || who.includes('a')
    for (const [, sign, letters = ''] of operations.matchAll(/([-+=])([rwxXst]*)/g)) {
      let bits = 0
      for (const letter of letters)
        bits |= letter === 'X' ? (directory || before & 0o111 ? 1 : 0) : (MODES[letter] ?? 0)
      const shifts = [
        all || who.includes('u') ? 6 : -1,
        all || who.includes('g') ? 3 : -1,
        all || who.includes('o') ? 0 : -1,
      ].filter((shift) => shift >= 0)
      for (const shift of shifts) {
        if (sign === '=') mode &= ~(7 << shift)
        mode = sign === '-' ? mode & ~(bits << shift) : mode | (bits << shift)
      }
      if (letters.includes('t')) mode = sign === '-' ? mode & ~0o1000 : mode | 0o1000
      if (letters.includes('s')) mode = sign === '-' ? mode & ~0o6000 : mode | (who.includes('g') ? 0o2000 : 0o4000)
    }
  }
  return mode
}

async function walk(
  io: Io,
  file: string,
  recursive: boolean,
  visit: (file: string, stat: Stat) => void | Promise<void>,
): Promise<void> {
  await io.attempt(file, async () => {
    const stat = io.process.files.stat(io.path(file), { follow: !recursive })
    await visit(file, stat)
    if (!recursive || stat.type !== 'directory') return
    for (const name of io.process.files.list(io.path(file)))
      await walk(io, `${file.replace(/\/$/, '')}/${name}`, true, visit)
  })
}

const chmod: Applet = async (io) => {
  const recursive = /^-[a-zA-Z]*R/.test(io.args[0] ?? '')
  const [mode, ...files] = io.args.slice(/^-[Rcvf]+$/.test(io.args[0] ?? '') ? 1 : 0)
  if (mode === undefined || files.length === 0) usage(io)
  for (const file of files) {
    await walk(io, file, recursive, (path, stat) => {
      const changed = changedMode(mode, stat.mode, stat.type === 'directory')
      io.process.files.chmod(io.path(path), changed ?? io.fail(`invalid mode '${mode}'`))
    })
  }
}

function idOf(io: Io, file: string, name: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name)
  const { files } = io.process
  const line = files.exists(file)
    ? files
        .readText(file)
        .split('\n')
        .find((text) => text.startsWith(`${name}:`))
    : undefined
  return line === undefined ? undefined : Number(line.split(':')[2])
}

const chown: Applet = async (io) => {
  const { has, rest } = optionsOf(io, 'Rhcvf')
  const [owner, ...files] = rest
  if (owner === undefined || files.length === 0) usage(io)
  const [user = '', group] = io.name === 'chgrp' ? ['', owner] : owner.split(/[:.]/)
  const uid = user === '' ? undefined : (idOf(io, '/etc/passwd', user) ?? io.fail(`unknown user ${user}`))
  const gid =
    group === undefined || group === ''
      ? undefined
      : (idOf(io, '/etc/group', group) ?? io.fail(`unknown group ${group}`))
  for (const file of files) {
    await walk(io, file, has('R'), (path, stat) =>
      io.process.files.chown(io.path(path), uid ?? stat.uid, gid ?? stat.gid),
    )
  }
}

async function copyTree(io: Io, from: string, to: string, recursive: boolean, links: boolean): Promise<void> {
  const { files } = io.process
  const stat = files.stat(io.path(from), { follow: !links })
  if (stat.type === 'directory') {
    if (!recursive) return io.complain(`omitting directory '${from}'`)
    if (!files.exists(io.path(to))) files.makeDirectory(io.path(to), { mode: stat.mode })
    for (const name of files.list(io.path(from))) await copyTree(io, `${from}/${name}`, `${to}/${name}`, true, true)
    return
  }
  if (stat.type === 'symlink') {
    if (lexists(io, to)) files.remove(io.path(to))
    files.link(files.readLink(io.path(from)), io.path(to))
    return
  }
  if (files.exists(io.path(to)) && files.resolve(io.path(from)) === files.resolve(io.path(to))) {
    return io.complain(`'${from}' and '${to}' are the same file`)
  }
  const output = files.openOutput(io.path(to), { mode: stat.mode })
  for await (const chunk of io.chunks(files.openInput(io.path(from)))) await output.write(chunk)
  output.close()
}

function lexists(io: Io, path: string): boolean {
  try {
    io.process.files.stat(io.path(path), { follow: false })
    return true
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return false
  }
}

const isDirectory = (io: Io, path: string): boolean =>
  io.process.files.exists(io.path(path)) && io.process.files.stat(io.path(path)).type === 'directory'

/** Sources and where each goes, as cp, mv and ln take them. */
function targets(io: Io, rest: readonly string[], intoDirectory = true): [string, string][] {
  const last = rest.at(-1)
  if (last === undefined || rest.length < 2) usage(io)
  const sources = rest.slice(0, -1)
  if (intoDirectory && isDirectory(io, last))
    return sources.map((from) => [from, `${last.replace(/(.)\/+$/, '$1')}/${nameOf(from.replace(/\/+$/, ''))}`])
  if (sources.length > 1) io.fail(`target '${last}' is not a directory`)
  return [[sources[0] as string, last]]
}

const cp: Applet = async (io) => {
  const { has, rest } = optionsOf(io, 'adfilpPrRsTuvLH')
  const recursive = has('a') || has('r') || has('R')
  for (const [from, to] of targets(io, rest, !has('T'))) {
    await io.attempt(lexists(io, from) ? `can't create '${to}'` : `can't stat '${from}'`, () =>
      copyTree(io, from, to, recursive, has('a') || has('d') || has('P')),
    )
    if (has('v')) await io.line(`'${from}' -> '${to}'`)
  }
}

const mv: Applet = async (io) => {
  const { has, rest } = optionsOf(io, 'finTv')
  for (const [from, to] of targets(io, rest, !has('T'))) {
    if (!lexists(io, from)) {
      await io.complain(`can't rename '${from}': No such file or directory`)
      continue
    }
    if (has('n') && lexists(io, to)) continue
    await io.attempt(`can't rename '${from}'`, async () => {
      try {
        io.process.files.rename(io.path(from), io.path(to))
      } catch (error) {
        if (errnoOf(error) !== 'EXDEV') throw error
        await copyTree(io, from, to, true, true)
        io.process.files.remove(io.path(from), { recursive: true })
      }
    })
    if (has('v')) await io.line(`'${from}' -> '${to}'`)
  }
}

const rm: Applet = async (io) => {
  const { has, rest } = optionsOf(io, 'firRv')
  if (rest.length === 0 && !has('f')) usage(io)
  const recursive = has('r') || has('R')
  for (const file of rest) {
    if (/(^|\/)\.{1,2}\/*$/.test(file)) {
      await io.complain("can't remove '.' or '..'")
      continue
    }
    if (!lexists(io, file)) {
      if (!has('f')) await io.complain(`can't remove '${file}': No such file or directory`)
      continue
    }
    if (!recursive && io.process.files.stat(io.path(file), { follow: false }).type === 'directory') {
      await io.complain(`'${file}' is a directory`)
      continue
    }
    await io.attempt(`can't remove '${file}'`, () => io.process.files.remove(io.path(file), { recursive }))
    if (has('v')) await io.line(`removed '${file}'`)
  }
}

const ln: Applet = async (io) => {
  const { has, rest } = optionsOf(io, 'sfnbTv')
  const pairs: [string, string][] =
    rest.length === 1 ? [[rest[0] as string, nameOf(rest[0] as string)]] : targets(io, rest, !has('T') && !has('n'))
  for (const [from, to] of pairs) {
    await io.attempt(to, () => {
      if (has('f') && lexists(io, to)) io.process.files.remove(io.path(to))
      if (has('s')) io.process.files.link(from, io.path(to))
      else io.process.files.hardLink(io.path(from), io.path(to))
    })
  }
}

const mkdir: Applet = async (io) => {
  const { has, value, rest } = optionsOf(io, 'm:pv', { parents: 'p', mode: 'm' })
  if (rest.length === 0) usage(io)
  const mode = value('m')
  for (const path of rest) {
    await io.attempt(`can't create directory '${path}'`, () =>
      io.process.files.makeDirectory(io.path(path), {
        parents: has('p'),
        ...(mode === undefined ? {} : { mode: changedMode(mode, 0o777, true) ?? 0o755 }),
      }),
    )
  }
}

const rmdir: Applet = async (io) => {
  const { has, rest } = optionsOf(io, 'p')
  for (const path of rest) {
    for (let at = path; at !== '/' && at !== '.' && at !== ''; at = at.includes('/') ? parentOf(at) : '') {
      const done = await io.attempt(`'${at}'`, () => {
        if (!isDirectory(io, at)) io.process.files.list(io.path(at))
        io.process.files.remove(io.path(at))
        return true
      })
      if (!has('p') || done === undefined) break
    }
  }
}

const touch: Applet = async (io) => {
  const { has, value, rest } = optionsOf(io, 'cd:t:r:amh')
  if (rest.length === 0) usage(io)
  const date = value('d')
  const reference = value('r')
  const time =
    reference !== undefined
      ? io.process.files.stat(io.path(reference)).modified
      : date === undefined
        ? undefined
        : Date.parse(`${date.replace(' ', 'T')}Z`.replace('ZZ', 'Z'))
  for (const file of rest) {
    if (has('c') && !io.process.files.exists(io.path(file))) continue
    await io.attempt(file, () => io.process.files.touch(io.path(file), time))
  }
}

const readlink: Applet = async (io): Promise<number | undefined> => {
  const { has, rest } = optionsOf(io, 'fnv')
  for (const file of rest) {
    if (!has('f') && io.name === 'readlink') {
      if (!lexists(io, file) || io.process.files.stat(io.path(file), { follow: false }).type !== 'symlink') return 1
      await io.out(io.process.files.readLink(io.path(file)) + (has('n') ? '' : '\n'))
      continue
    }
    const found = await io.attempt(file, () => resolveLast(io, io.path(file)))
    if (found !== undefined) await io.out(found + (has('n') ? '' : '\n'))
  }
  return undefined
}

function resolveLast(io: Io, path: string): string {
  if (io.process.files.exists(path)) return io.process.files.resolve(path)
  const parent = io.process.files.resolve(parentOf(path))
  return `${parent === '/' ? '' : parent}/${nameOf(path)}`
}

const mktemp: Applet = async (io) => {
  const { has, value, rest } = optionsOf(io, 'dup:tq')
  const [template = 'tmp.XXXXXX'] = rest
  const directory = value('p') ?? (rest.length === 0 || has('t') ? (io.process.env.get('TMPDIR') ?? '/tmp') : undefined)
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
  if (!template.endsWith('XXXXXX')) io.fail(`(null): Invalid argument`)
  const name = template.replace(/X+$/, (run) =>
    Array.from(run, () => letters[Math.floor(io.process.random() * letters.length)]).join(''),
  )
  const path = directory === undefined ? name : `${directory}/${name}`
  await io.attempt(path, () => {
    if (has('u')) return
    if (has('d')) io.process.files.makeDirectory(io.path(path), { mode: 0o700 })
    else io.process.files.write(io.path(path), '', { mode: 0o600 })
  })
  if (io.status === 0) await io.line(path)
}

const stat: Applet = async (io) => {
  const { has, value, rest } = optionsOf(io, 'Lc:ft')
  const { files } = io.process
  const passwd = files.exists('/etc/passwd') ? passwdEntries(files.readText('/etc/passwd')) : []
  const userOf = (uid: number) => passwd.find((entry) => entry.uid === uid)?.name ?? 'UNKNOWN'
  for (const file of rest) {
    await io.attempt(`can't stat '${file}'`, async () => {
      const found = files.stat(io.path(file), { follow: has('L') })
      const kind = {
        file: found.size === 0 ? 'regular empty file' : 'regular file',
        directory: 'directory',
        symlink: 'symbolic link',
        device: 'character special file',
        pipe: 'fifo',
      }[found.type]
      const time = `${new Date(found.modified).toISOString().replace('T', ' ').replace('Z', '000000')} +0000`
      const letters: Readonly<Record<string, string>> = {
        n: file,
        s: String(found.size),
        a: (found.mode & 0o7777).toString(8),
        A: modeText(found),
        F: kind,
        u: String(found.uid),
        U: userOf(found.uid),
        g: String(found.gid),
        G: userOf(found.gid),
        Y: String(Math.floor(found.modified / 1000)),
        y: time,
        N: file,
        h: '1',
        b: String(Math.ceil(found.size / 512)),
      }
      const format = value('c')
      if (format !== undefined) {
        await io.line(format.replace(/%(.)/g, (whole, letter: string) => letters[letter] ?? whole))
        return
      }
      const shown = found.type === 'symlink' ? `'${file}' -> '${files.readLink(io.path(file))}'` : file
      await io.out(
        `  File: ${shown}\n  Size: ${String(found.size).padEnd(10)}\tBlocks: ${String(Math.ceil(found.size / 4096) * 8).padEnd(10)} IO Block: 4096   ${kind}\n` +
          `Device: 0h/0d\tInode: 1           Links: 1\nAccess: (${(found.mode & 0o7777).toString(8).padStart(4, '0')}/${modeText(found)})  Uid: (${String(found.uid).padStart(5)}/${userOf(found.uid).padStart(8)})   Gid: (${String(found.gid).padStart(5)}/${userOf(found.gid).padStart(8)})\n` +
          `Access: ${time}\nModify: ${time}\nChange: ${time}\n`,
      )
    })
  }
}

/** `-rw-r--r--` */
export function modeText({ type, mode }: Pick<Stat, 'type' | 'mode'>): string {
  const kind = { file: '-', directory: 'd', symlink: 'l', device: 'c', pipe: 'p' }[type]
  const triple = (bits: number, special: boolean, letter: string) =>
    `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${special ? (bits & 1 ? letter : letter.toUpperCase()) : bits & 1 ? 'x' : '-'}`
  return (
    kind +
    triple(mode >> 6, (mode & 0o4000) !== 0, 's') +
    triple(mode >> 3, (mode & 0o2000) !== 0, 's') +
    triple(mode, (mode & 0o1000) !== 0, 't')
  )
}

export const FILES: Readonly<Record<string, Applet>> = {
  chmod,
  chown,
  chgrp: chown,
  cp,
  mv,
  rm,
  ln,
  mkdir,
  rmdir,
  touch,
  readlink,
  realpath: readlink,
  mktemp,
  stat,
  ls: listing,
  unlink: rm,
  mkfifo: async (io) => {
    for (const path of io.args) await io.attempt(path, () => io.process.files.makePipe(io.path(path)))
  },
  truncate: async (io) => {
    const { value, rest } = optionsOf(io, 's:c')
    const size = Number(value('s') ?? 0)
    for (const file of rest) await io.attempt(file, () => io.process.files.resize(io.path(file), size))
  },
}
