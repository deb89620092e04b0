import { decode, encode } from '../../objects/bytes.ts'
import type { FileInput } from '../contract.ts'
import { absolute } from '../files/paths.ts'
import { KERNEL_RELEASE } from '../kernel.ts'
import { type Applet, type Io, optionsOf, sizeOf, usage } from './applet.ts'
import { dateText, readDate } from './date.ts'
import { echoText, rawBytes } from './echo.ts'
import { human } from './listing.ts'
import { md5 } from './md5.ts'
import { printfText } from './printf.ts'
import { memory } from './processes.ts'
import { evaluateTest, TestFault } from './test.ts'

const date: Applet = async (io) => {
  const { value, rest } = optionsOf(io, 'uRd:D:s:r:I:', { utc: 'u', date: 'd', reference: 'r' })
  const { process } = io
  const text = value('d')
  const file = value('r')
  const now =
    file !== undefined
      ? process.files.stat(io.path(file)).modified
      : text === undefined
        ? process.clock.now()
        : readDate(text, process.clock.now())
  if (now === undefined) return io.fail(`invalid date '${text}'`)
  const format = rest.find((arg) => arg.startsWith('+'))
  const [first] = rest
  if (first !== undefined && format === undefined) io.fail(`can't set date: Operation not permitted`)
  await io.line(dateText(format?.slice(1) ?? '%a %b %e %H:%M:%S UTC %Y', now))
}

const seq: Applet = async (io) => {
  const negative = io.args.findIndex((arg) => /^-[\d.]/.test(arg))
  const args =
    negative < 0 || io.args.includes('--') ? io.args : [...io.args.slice(0, negative), '--', ...io.args.slice(negative)]
  const { has, value, rest: words } = optionsOf(io, '+ws:', {}, args)
  const rest = words.filter((word) => word !== '--')
  const numbers = rest.map(Number)
  if (numbers.length === 0 || numbers.some(Number.isNaN)) usage(io)
  const [first, step, last] =
    numbers.length === 1 ? [1, 1, numbers[0]] : numbers.length === 2 ? [numbers[0], 1, numbers[1]] : numbers
  const places = Math.max(...rest.map((text) => text.split('.')[1]?.length ?? 0))
  const wide = has('w') ? Math.max(String(first).length, String(last).length) : 0
  const separator = value('s')
  let index = 0
  for (
    let now = first as number;
    (step as number) > 0 ? now <= (last as number) : now >= (last as number);
    now = (first as number) + ++index * (step as number)
  ) {
    const text = now.toFixed(places).padStart(wide, '0')
    await io.out(separator === undefined ? `${text}\n` : `${index > 0 ? separator : ''}${text}`)
    if (index % 1000 === 0) await io.process.compute(0.2)
  }
  if (separator !== undefined) await io.out('\n')
}

const uname: Applet = async (io) => {
  const { has } = optionsOf(io, 'asnrvmpio')
  const all: Readonly<Record<string, string>> = {
    s: 'Linux',
    n: io.process.hostname,
    r: KERNEL_RELEASE,
    v: '#1 SMP',
    m: 'x86_64',
    o: 'GNU/Linux',
  }
  const wanted = Object.keys(all).filter((letter) => has('a') || has(letter))
  await io.line((wanted.length === 0 ? ['s'] : wanted).map((letter) => all[letter]).join(' '))
}

const id: Applet = async (io) => {
  const { has, rest } = optionsOf(io, 'ugGnr')
  const [asked] = rest
  const { uid, gid, groups, files } = io.process
  const nameIn = (file: string, number: number) =>
    files.exists(file)
      ? files
          .readText(file)
          .split('\n')
          .find((line) => line.split(':')[2] === String(number))
          ?.split(':')[0]
      : undefined
  if (
    asked !== undefined &&
    !io.process.files
      .readText('/etc/passwd')
      .split('\n')
      .some((line) => line.startsWith(`${asked}:`))
  )
    return io.fail(`unknown user ${asked}`)
  const [user, group] = [nameIn('/etc/passwd', uid), nameIn('/etc/group', gid)]
  if (has('u')) return io.line(has('n') ? (user ?? `unknown ID ${uid}`) : String(uid))
  if (has('g')) return io.line(has('n') ? (group ?? `unknown ID ${gid}`) : String(gid))
  const all = [...new Set([gid, ...groups])]
  if (has('G'))
    return io.line(
      all.map((number) => (has('n') ? (nameIn('/etc/group', number) ?? String(number)) : String(number))).join(' '),
    )
  const shown = (number: number, name: string | undefined) =>
    name === undefined ? String(number) : `${number}(${name})`
  const list =
    all.length > 1 || group !== undefined
      ? ` groups=${all.map((number) => shown(number, nameIn('/etc/group', number))).join(',')}`
      : ''
  await io.line(`uid=${shown(uid, user)} gid=${shown(gid, group)}${list}`)
}

const which: Applet = async (io) => {
  const { files, env } = io.process
  let status = 0
  for (const name of io.args) {
    const places = name.includes('/')
      ? [name]
      : (env.get('PATH') ?? '').split(':').map((directory) => `${directory}/${name}`)
    const found = places.find(
      (path) => files.exists(absolute(path, io.process.cwd)) && files.allows(absolute(path, io.process.cwd), 1),
    )
    if (found === undefined) status = 1
    else await io.line(found)
  }
  return status
}

const free: Applet = async (io) => {
  const { has } = optionsOf(io, 'bkmgh')
  const [total = 0, left = 0] = memory(io)
  const unit = has('b') ? 1 / 1024 : has('m') ? 1024 : has('g') ? 1024 ** 2 : 1
  const text = (kib: number) => (has('h') ? human(kib * 1024) : String(Math.floor(kib / unit))).padStart(12)
  await io.line('              total        used        free      shared  buff/cache   available')
  await io.line(`Mem:   ${[total, total - left, left, 0, 0, left].map(text).join('')}`)
  await io.line(`Swap:  ${[0, 0, 0].map(text).join('')}`)
}

const df: Applet = async (io) => {
  const { has, rest } = optionsOf(io, 'kmhTPai')
  const { files } = io.process
  const paths =
    rest.length > 0
      ? rest
      : files
          .readText('/proc/mounts')
          .trim()
          .split('\n')
          .map((line) => line.split(' ')[1] as string)
          .filter((path) => !/^\/(proc|sys)$/.test(path))
  const unit = has('m') ? 1024 ** 2 : 1024
  const text = (bytes: number) => (has('h') ? human(bytes) : String(Math.ceil(bytes / unit)))
  await io.line(
    has('h')
      ? 'Filesystem                Size      Used Available Use% Mounted on'
      : `Filesystem           ${has('m') ? '1M' : '1K'}-blocks      Used Available Use% Mounted on`,
  )
  for (const path of paths) {
    await io.attempt(path, async () => {
      const { size, used, mount } = files.space(io.path(path))
      const name = mount === '/' ? 'overlay' : 'tmpfs'
      const percent = `${Math.ceil((used / size) * 100)}%`
      await io.line(
        `${name.padEnd(20)} ${text(size).padStart(9)} ${text(used).padStart(9)} ${text(size - used).padStart(9)} ${percent.padStart(4)} ${mount}`,
      )
    })
  }
}

const du: Applet = async (io) => {
  const { has, value, rest } = optionsOf(io, 'aHLdclsxhmkd:')
  const { files } = io.process
  const depth = has('s') ? 0 : Number(value('d') || Number.POSITIVE_INFINITY)
  const show = (bytes: number, path: string) =>
    io.line(`${has('h') ? human(bytes) : Math.ceil(bytes / (has('m') ? 1024 ** 2 : 1024))}\t${path}`)
  const sum = async (path: string, level: number): Promise<number> => {
    const stat = files.stat(io.path(path), { follow: false })
    let size = Math.ceil(stat.size / 4096) * 4096
    if (stat.type !== 'directory') {
      if (has('a') || level === 0) await show(size, path)
      return size
    }
    for (const name of files.list(io.path(path))) size += await sum(`${path.replace(/\/$/, '')}/${name}`, level + 1)
    if (level <= depth) await show(size, path)
    return size
  }
  for (const path of rest.length === 0 ? ['.'] : rest) await io.attempt(path, () => sum(path, 0))
}

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

const sums =
  (digest: (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array): Applet =>
  async (io) => {
    const { has, rest } = optionsOf(io, 'csw')
    for (const file of rest.length === 0 ? ['-'] : rest) {
      const input = await io.open(file)
      if (input === undefined) continue
      if (!has('c')) {
        await io.line(`${hex(await digest(await io.all(input)))}  ${file}`)
        continue
      }
      for await (const { text } of io.lines(input)) {
        const [sum, name = ''] = text.split(/\s[\s*]/)
        const right = hex(await digest(io.process.files.read(io.path(name)))) === sum
        if (!right) io.status = 1
        await io.line(`${name}: ${right ? 'OK' : 'FAILED'}`)
      }
    }
  }

const subtle = (name: string) => async (bytes: Uint8Array) =>
  new Uint8Array(await crypto.subtle.digest(name, bytes as Uint8Array<ArrayBuffer>))

const base64: Applet = async (io) => {
  const { has, value, rest } = optionsOf(io, 'dw:')
  const input = await io.open(rest[0] ?? '-')
  if (input === undefined) return
  const bytes = await io.all(input)
  if (has('d')) {
    try {
      await io.out(Uint8Array.from(atob(decode(bytes).replace(/\s/g, '')), (letter) => letter.charCodeAt(0)))
    } catch {
      io.fail('truncated input')
    }
    return
  }
  let text = ''
  for (let at = 0; at < bytes.length; at += 8190) text += btoa(String.fromCharCode(...bytes.subarray(at, at + 8190)))
  const wide = Number(value('w') ?? 76)
  await io.out(wide === 0 ? text : text.replace(new RegExp(`.{1,${wide}}`, 'g'), '$&\n'))
}

const dd: Applet = async (io) => {
  const given = new Map(io.args.map((arg) => arg.split('=') as [string, string]))
  const size = (name: string, fallback: number) => {
    const text = given.get(name)
    return text === undefined ? fallback : (sizeOf(text) ?? io.fail(`invalid number '${text}'`))
  }
  const block = size('bs', 512)
  const count = given.has('count') ? size('count', 0) : Number.POSITIVE_INFINITY
  const started = io.process.clock.now()
  const [from, to] = [given.get('if'), given.get('of')]
  const input = from === undefined ? io.process.stdin : io.process.files.openInput(io.path(from))
  if (given.has('skip') && from !== undefined) (input as FileInput).seek(size('skip', 0) * block)
  const output =
    to === undefined
      ? io.process.stdout
      : io.process.files.openOutput(io.path(to), { keep: given.get('conv')?.includes('notrunc') ?? false })
  const wanted = block * count
  let done = 0
  try {
    while (done < wanted) {
      const chunk = await io.process.wait(input.read(io.process.signal))
      if (chunk === null) break
      const part = chunk.subarray(0, Math.min(chunk.length, wanted - done))
      // A whole block is held until it is written
      if (block > 1024 ** 2) io.process.setMemory(Math.min(block, done + part.length))
      await io.process.wait(output.write(part))
      done += part.length
      await io.process.compute(part.length / 1_000_000)
    }
  } catch (error) {
    if (!(error instanceof Error) || !('errno' in error)) throw error
    await io.complain(`error writing '${to ?? 'standard output'}': ${error.message}`)
  }
  if (to !== undefined) output.close()
  if (given.get('status') === 'none') return
  const seconds = Math.max(1e-6, (io.process.clock.now() - started) / 1000)
  const records = `${Math.floor(done / block)}+${done % block === 0 ? 0 : 1}`
  await io.process.stderr.write(
    `${records} records in\n${records} records out\n${given.get('status') === 'noxfer' ? '' : `${done} bytes (${human(done)}B) copied, ${seconds.toFixed(6)} seconds, ${human(done / seconds)}B/s\n`}`,
  )
}

const dump: Applet = async (io) => {
  const hexdump = io.name === 'hexdump' || io.name === 'hd' || io.name === 'xxd'
  const { has, value, rest } = optionsOf(io, 'CvA:t:bcdoxn:N:s:')
  const input = await io.open(rest[0] ?? '-')
  if (input === undefined) return
  const limit = value('n') ?? value('N')
  const all = (await io.all(input)).subarray(0, limit === undefined ? undefined : Number(limit))
  const canonical = has('C') || io.name === 'hd'
  for (let at = 0; at < all.length; at += 16) {
    const row = all.subarray(at, at + 16)
    const pairs = Array.from(
      { length: Math.ceil(row.length / 2) },
      (_, index) => (row[2 * index] as number) | ((row[2 * index + 1] ?? 0) << 8),
    )
    if (canonical) {
      const cells = Array.from({ length: 16 }, (_, index) =>
        row[index] === undefined ? '  ' : hex(row.subarray(index, index + 1)),
      )
      const text = [...row].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')
      await io.line(
        `${at.toString(16).padStart(8, '0')}  ${cells.slice(0, 8).join(' ')}  ${cells.slice(8).join(' ')}  |${text}|`,
      )
    } else if (hexdump)
      await io.line(
        `${at.toString(16).padStart(7, '0')} ${pairs.map((pair) => pair.toString(16).padStart(4, '0')).join(' ')}`,
      )
    else if (has('c'))
      await io.line(
        `${at.toString(8).padStart(7, '0')} ${[...row].map((byte) => (byte === 10 ? '\\n' : byte === 9 ? '\\t' : byte === 0 ? '\\0' : byte >= 32 && byte < 127 ? String.fromCharCode(byte) : byte.toString(8).padStart(3, '0')).padStart(3)).join(' ')}`,
      )
    else if (value('t')?.startsWith('x1') || has('x'))
      await io.line(
        `${at.toString(8).padStart(7, '0')} ${[...row].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`,
      )
    else
      await io.line(
        `${at.toString(8).padStart(7, '0')} ${pairs.map((pair) => pair.toString(8).padStart(6, '0')).join(' ')}`,
      )
  }
  const end = all.length
  await io.line(
    canonical
      ? end.toString(16).padStart(8, '0')
      : hexdump
        ? end.toString(16).padStart(7, '0')
        : end.toString(8).padStart(7, '0'),
  )
}

const test: Applet = async (io) => {
  const args = io.name === 'test' ? io.args : io.args.slice(0, -1)
  if (io.name !== 'test' && io.args.at(-1) !== (io.name === '[[' ? ']]' : ']'))
    io.fail(`missing ${io.name === '[[' ? ']]' : ']'}`, 2)
  try {
    return evaluateTest(io.process, args, io.name === '[[') ? 0 : 1
  } catch (error) {
    if (error instanceof TestFault) io.fail(error.message, 2)
    throw error
  }
}

const yes: Applet = async (io) => {
  const line = `${io.args.join(' ') || 'y'}\n`
  const block = encode(line.repeat(Math.max(1, Math.floor(4096 / line.length))))
  for (;;) await io.process.stdout.write(block)
}

export const SYSTEM: Readonly<Record<string, Applet>> = {
  date,
  seq,
  uname,
  id,
  which,
  free,
  df,
  du,
  base64,
  dd,
  test,
  yes,
  '[': test,
  '[[': test,
  od: dump,
  hexdump: dump,
  hd: dump,
  md5sum: sums(md5),
  sha1sum: sums(subtle('SHA-1')),
  sha256sum: sums(subtle('SHA-256')),
  sha512sum: sums(subtle('SHA-512')),
  true: async () => 0,
  false: async () => 1,
  clear: (io) => io.out('\x1b[H\x1b[J'),
  sync: async () => {},
  tty: async (io) => {
    await io.line(io.process.terminal === undefined ? 'not a tty' : '/dev/pts/0')
    return io.process.terminal === undefined ? 1 : 0
  },
  nproc: async (io) => io.line(String(io.process.files.readText('/proc/cpuinfo').match(/^processor/gm)?.length ?? 1)),
  arch: (io) => io.line('x86_64'),
  pwd: (io) => io.line(io.process.cwd),
  whoami: async (io) => {
    const { files, uid } = io.process
    const name = files.exists('/etc/passwd')
      ? files
          .readText('/etc/passwd')
          .split('\n')
          .find((line) => line.split(':')[2] === String(uid))
          ?.split(':')[0]
      : undefined
    if (name === undefined) return io.fail(`unknown uid ${uid}`)
    await io.line(name)
  },
  hostname: async (io) => {
    const { has } = optionsOf(io, 'sifd')
    await io.line(has('i') ? io.process.network.address : io.process.hostname)
  },
  uptime: async (io) => {
    const now = io.process.clock.now()
    const up = Math.floor(Number(io.process.files.readText('/proc/uptime').split(' ')[0]) / 60)
    const [one, five, fifteen] = io.process.files.readText('/proc/loadavg').split(' ')
    await io.line(
      ` ${new Date(now).toISOString().slice(11, 19)} up ${up >= 60 ? `${Math.floor(up / 60)}:${String(up % 60).padStart(2, '0')}` : `${up} min`},  0 users,  load average: ${one}, ${five}, ${fifteen}`,
    )
  },
  basename: async (io) => {
    const [path = usage(io), suffix = ''] = io.args
    const name = path.replace(/(.)\/+$/, '$1').replace(/^.*\/(?=.)/, '')
    await io.line(suffix !== '' && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name)
  },
  dirname: async (io) => {
    const [path = usage(io)] = io.args
    const trimmed = path.replace(/(.)\/+$/, '$1')
    await io.line(trimmed.includes('/') ? trimmed.replace(/\/+[^/]*$/, '') || '/' : '.')
  },
  echo: async (io) => io.out(rawBytes(echoText(io.args))),
  printf: async (io) => {
    const [format = usage(io), ...args] = io.args
    const { text, errors } = printfText(format, args)
    await io.out(rawBytes(text))
    for (const error of errors) await io.complain(error)
  },
  expr: async (io) => {
    const [value, truth] = expression(io)
    await io.line(value)
    return truth ? 0 : 1
  },
  mount: async (io) => {
    for (const line of io.process.files.readText('/proc/mounts').trim().split('\n')) {
      const [what, where, kind, how] = line.split(' ')
      await io.line(`${what} on ${where} type ${kind} (${how})`)
    }
  },
}

/** The value of `expr`, and whether it is neither empty nor 0. */
function expression(io: Io): [string, boolean] {
  const args = [...io.args]
  const number = (text: string) => (/^-?\d+$/.test(text) ? BigInt(text) : io.fail('non-numeric argument', 2))
  const isTrue = (text: string) => text !== '' && text !== '0'
  const levels: readonly (readonly string[])[] = [
    ['|'],
    ['&'],
    ['=', '==', '!=', '<', '<=', '>', '>='],
    ['+', '-'],
    ['*', '/', '%'],
    [':'],
  ]
  const primary = (): string => {
    const word = args.shift() ?? io.fail('syntax error', 2)
    if (word === '(') {
      const inside = level(0)
      if (args.shift() !== ')') io.fail('syntax error', 2)
      return inside
    }
    if (word === 'length') return String((args.shift() ?? '').length)
    if (word === 'substr') {
      const [text = '', from = '', length = ''] = args.splice(0, 3)
      return text.slice(Number(from) - 1, Number(from) - 1 + Number(length))
    }
    return word
  }
  const level = (depth: number): string => {
    const operators = levels[depth]
    if (operators === undefined) return primary()
    let left = level(depth + 1)
    for (let operator = args[0]; operator !== undefined && operators.includes(operator); operator = args[0]) {
      args.shift()
      left = apply(operator, left, level(depth + 1))
    }
    return left
  }
  const apply = (operator: string, left: string, right: string): string => {
    if (operator === '|') return isTrue(left) ? left : right
    if (operator === '&') return isTrue(left) && isTrue(right) ? left : '0'
    if (operator === ':') {
      const found = new RegExp(`^(?:${right.replaceAll('\\(', '(').replaceAll('\\)', ')')})`).exec(left)
      return found === null ? (right.includes('\\(') ? '' : '0') : (found[1] ?? String(found[0].length))
    }
    const numeric = /^-?\d+$/.test(left) && /^-?\d+$/.test(right)
    if (/^[=!<>]/.test(operator)) {
      const order = numeric ? Number(number(left) - number(right)) : left < right ? -1 : left > right ? 1 : 0
      const outcomes: Readonly<Record<string, boolean>> = {
        '=': order === 0,
        '==': order === 0,
        '!=': order !== 0,
        '<': order < 0,
        '<=': order <= 0,
        '>': order > 0,
        '>=': order >= 0,
      }
      return outcomes[operator] ? '1' : '0'
    }
    const [a, b] = [number(left), number(right)]
    if ((operator === '/' || operator === '%') && b === 0n) io.fail('division by zero', 2)
    return String(
      operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : operator === '/' ? a / b : a % b,
    )
  }
  const value = level(0)
  if (args.length > 0) io.fail('syntax error', 2)
  return [value, isTrue(value)]
}
