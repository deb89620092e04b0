import { type Applet, type Io, optionsOf, sizeOf, usage } from './applet.ts'
import { tail } from './tail.ts'

const cat: Applet = async (io) => {
  const { has, rest } = optionsOf(io, 'etnvAbsu')
  let number = 0
  for (const file of rest.length === 0 ? ['-'] : rest) {
    const input = await io.open(file)
    if (input === undefined) continue
    await io.attempt(`read error`, async () => {
      if (!has('n') && !has('b') && !has('e') && !has('A')) {
        for await (const chunk of io.chunks(input)) {
          await io.out(chunk)
          await io.flush()
        }
        return
      }
      for await (const { text, newline } of io.lines(input)) {
        const counted = has('n') || (has('b') && text !== '')
        if (counted) number++
        await io.out(
          `${counted ? `${String(number).padStart(6)}\t` : ''}${text}${has('e') || has('A') ? '$' : ''}${newline ? '\n' : ''}`,
        )
      }
    })
  }
}

function countArgument(io: Io, text: string): number {
  const size = sizeOf(text.replace(/^[-+]/, ''))
  return size ?? io.fail(`invalid number '${text}'`)
}

const head: Applet = async (io) => {
  const args = io.args.map((arg, index) =>
    /^-\d+$/.test(arg) && !/^-[nc]$/.test(io.args[index - 1] ?? '') ? `-n${arg.slice(1)}` : arg,
  )
  const { has, value, rest } = optionsOf(io, 'n:c:qv', {}, args)
  const bytes = value('c')
  const count = countArgument(io, bytes ?? value('n') ?? '10')
  const files = rest.length === 0 ? ['-'] : rest
  for (const [index, file] of files.entries()) {
    const input = await io.open(file)
    if (input === undefined) continue
    if ((files.length > 1 && !has('q')) || has('v'))
      await io.line(`${index > 0 ? '\n' : ''}==> ${file === '-' ? 'standard input' : file} <==`)
    let left = count
    if (count === 0) continue
    if (bytes !== undefined) {
      for await (const chunk of io.chunks(input)) {
        await io.out(chunk.subarray(0, left))
        await io.flush()
        if (chunk.length > left) input.unread?.(chunk.subarray(left))
        left -= chunk.length
        if (left <= 0) break
      }
    } else if ((value('n') ?? '').startsWith('-')) {
      const all: string[] = []
      for await (const { text } of io.lines(input)) all.push(text)
      for (const text of all.slice(0, Math.max(0, all.length - count))) await io.line(text)
    } else {
      for await (const { text, newline } of io.lines(input)) {
        await io.out(newline ? `${text}\n` : text)
        left--
        if (left <= 0) break
      }
    }
  }
}

const wc: Applet = async (io) => {
  const { has, rest } = optionsOf(io, 'lwcmL')
  const wanted = ['l', 'w', 'c', 'm', 'L'].filter(has)
  const columns = wanted.length === 0 ? ['l', 'w', 'c'] : wanted
  const total: Record<string, number> = {}
  const show = (counts: Record<string, number>, name: string, wide: boolean) =>
    io.line(
      columns.map((column) => String(counts[column] ?? 0).padStart(wide ? 9 : 0)).join(wide ? ' ' : '') +
        (name === '' ? '' : ` ${name}`),
    )
  for (const file of rest.length === 0 ? [''] : rest) {
    const input = await io.open(file === '' ? '-' : file)
    if (input === undefined) continue
    const counts: Record<string, number> = { l: 0, w: 0, c: 0, m: 0, L: 0 }
    const decoder = new TextDecoder()
    let inWord = false
    let length = 0
    for await (const chunk of io.chunks(input)) {
      counts.c = (counts.c ?? 0) + chunk.length
      for (const char of decoder.decode(chunk, { stream: true })) {
        counts.m = (counts.m ?? 0) + 1
        if (char === '\n') {
          counts.l = (counts.l ?? 0) + 1
          length = 0
        } else length++
        counts.L = Math.max(counts.L ?? 0, length)
        const blank = /\s/.test(char)
        if (!blank && !inWord) counts.w = (counts.w ?? 0) + 1
        inWord = !blank
      }
    }
    for (const [column, count] of Object.entries(counts)) total[column] = (total[column] ?? 0) + count
    await show(counts, file, columns.length > 1)
  }
  if (rest.length > 1) await show(total, 'total', columns.length > 1)
}

async function allLines(io: Io, files: readonly string[]): Promise<string[]> {
  const all: string[] = []
  for (const file of files.length === 0 ? ['-'] : files) {
    const input = await io.open(file)
    if (input === undefined) continue
    for await (const { text } of io.lines(input)) all.push(text)
  }
  return all
}

const UNITS = ['', 'K', 'M', 'G', 'T', 'P']

const sort: Applet = async (io) => {
  const { has, value, values, rest } = optionsOf(io, 'bcdfghiMnrsuVzk:t:o:T:m')
  const separator = value('t')
  const keys = values('k').map((text) => {
    const [, from = '1', fromFlags = '', to, toFlags = ''] =
      /^(\d+)(?:\.\d+)?([a-zA-Z]*)(?:,(\d+)(?:\.\d+)?([a-zA-Z]*))?$/.exec(text) ?? []
    return { from: Number(from), to: to === undefined ? undefined : Number(to), flags: fromFlags + toFlags }
  })
  const fieldsOf = (line: string) => (separator === undefined ? (line.match(/\s*\S+/g) ?? []) : line.split(separator))
  const keyOf = (line: string, { from, to }: { from: number; to: number | undefined }) =>
    fieldsOf(line)
      .slice(from - 1, to)
      .join(separator ?? '')
  const human = (text: string) => {
    const [, digits = '0', unit = ''] = /^\s*(-?[\d.]+)([KMGTP]?)/i.exec(text) ?? []
    return Number(digits) * 1024 ** UNITS.indexOf(unit.toUpperCase())
  }
  const compare = (a: string, b: string, flags: (flag: string) => boolean): number => {
    let [left, right] = [a, b]
    if (flags('n') || flags('g')) return (Number.parseFloat(left) || 0) - (Number.parseFloat(right) || 0)
    if (flags('h')) return human(left) - human(right)
    if (flags('V')) return left.localeCompare(right, 'en', { numeric: true })
    if (flags('b')) [left, right] = [left.trimStart(), right.trimStart()]
    if (flags('f')) [left, right] = [left.toUpperCase(), right.toUpperCase()]
    return left < right ? -1 : left > right ? 1 : 0
  }
  const order = (a: string, b: string): number => {
    for (const key of keys) {
      const own = (flag: string) => (key.flags === '' ? has(flag) : key.flags.includes(flag))
      const by = compare(keyOf(a, key), keyOf(b, key), own)
      if (by !== 0) return own('r') ? -by : by
    }
    if (keys.length > 0 && has('u')) return 0
    const by = keys.length > 0 ? 0 : compare(a, b, has)
    if (by !== 0 || has('s') || has('u')) return has('r') ? -by : by
    return (a < b ? -1 : a > b ? 1 : 0) * (has('r') ? -1 : 1)
  }
  const lines = await allLines(io, rest)
  if (io.status !== 0) return 2
  await io.process.compute(lines.length / 500)
  const done = lines
    .sort(order)
    .filter((line, index, all) => !has('u') || index === 0 || order(all[index - 1] as string, line) !== 0)
  const text = done.map((line) => `${line}\n`).join('')
  const file = value('o')
  if (file === undefined) await io.out(text)
  else io.process.files.write(io.path(file), text)
  return 0
}

const uniq: Applet = async (io) => {
  const { has, value, rest } = optionsOf(io, 'cduif:s:w:')
  const input = await io.open(rest[0] ?? '-')
  if (input === undefined) return
  const skip = Number(value('f') ?? 0)
  const keyOf = (line: string) => {
    const text = skip === 0 ? line : line.replace(new RegExp(`^(?:\\s*\\S+){0,${skip}}`), '')
    return (has('i') ? text.toLowerCase() : text).slice(
      Number(value('s') ?? 0),
      value('w') === undefined ? undefined : Number(value('w')),
    )
  }
  let held: { line: string; count: number } | undefined
  const flush = async () => {
    if (held === undefined || (has('d') && held.count < 2) || (has('u') && held.count > 1)) return
    await io.line(has('c') ? `${String(held.count).padStart(7)} ${held.line}` : held.line)
  }
  for await (const { text } of io.lines(input)) {
    if (held !== undefined && keyOf(held.line) === keyOf(text)) held.count++
    else {
      await flush()
      held = { line: text, count: 1 }
    }
  }
  await flush()
}

/** `1-3,5,7-` */
function ranges(io: Io, text: string): (position: number) => boolean {
  const all = text.split(',').map((part) => {
    const [, from = '', dash = '', to = ''] = /^(\d*)(-?)(\d*)$/.exec(part) ?? []
    if (from === '' && to === '') io.fail(`invalid number '${part}'`)
    return [
      from === '' ? 1 : Number(from),
      dash === '' ? Number(from) : to === '' ? Number.POSITIVE_INFINITY : Number(to),
    ] as const
  })
  return (position) => all.some(([from, to]) => position >= from && position <= to)
}

const cut: Applet = async (io) => {
  const { has, value, rest } = optionsOf(io, 'b:c:d:f:sn')
  const list = value('f') ?? value('c') ?? value('b')
  if (list === undefined) return io.fail('expected a list of bytes, characters, or fields')
  const wanted = ranges(io, list)
  const delimiter = value('d') ?? '\t'
  for (const file of rest.length === 0 ? ['-'] : rest) {
    const input = await io.open(file)
    if (input === undefined) continue
    for await (const { text } of io.lines(input)) {
      if (!has('f')) {
        await io.line([...text].filter((_, index) => wanted(index + 1)).join(''))
        continue
      }
      if (!text.includes(delimiter)) {
        if (!has('s')) await io.line(text)
        continue
      }
      await io.line(
        text
          .split(delimiter)
          .filter((_, index) => wanted(index + 1))
          .join(delimiter),
      )
    }
  }
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alpha: /[A-Za-z]/,
  digit: /\d/,
  alnum: /[A-Za-z0-9]/,
  upper: /[A-Z]/,
  lower: /[a-z]/,
  space: /\s/,
  blank: /[ \t]/,
  punct: /[!-/:-@[-`{-~]/,
  xdigit: /[0-9A-Fa-f]/,
}

/** The letters of a set of `tr`. */
function letters(set: string): string[] {
  const all: string[] = []
  const text = set.replace(/\\(n|t|r|\\|0|[0-7]{1,3})/g, (_, code: string) =>
    /\d/.test(code)
      ? String.fromCharCode(Number.parseInt(code, 8))
      : ({ n: '\n', t: '\t', r: '\r', '\\': '\\' }[code] ?? code),
  )
  for (let at = 0; at < text.length; at++) {
    const named = /^\[:([a-z]+):\]/.exec(text.slice(at))
    if (named !== null) {
      for (let code = 0; code < 128; code++)
        if (CLASSES[named[1] as string]?.test(String.fromCharCode(code))) all.push(String.fromCharCode(code))
      at += named[0].length - 1
    } else if (text[at + 1] === '-' && text[at + 2] !== undefined) {
      for (let code = text.charCodeAt(at); code <= text.charCodeAt(at + 2); code++) all.push(String.fromCharCode(code))
      at += 2
    } else all.push(text[at] as string)
  }
  return all
}

const tr: Applet = async (io) => {
  const { has, rest } = optionsOf(io, '+cCdst')
  const [first = usage(io), second] = rest
  const from = letters(first)
  const to = second === undefined ? [] : letters(second)
  const [complement, deletes, squeezes] = [has('c') || has('C'), has('d'), has('s')]
  const inFrom = new Set(from)
  const matches = (char: string) => inFrom.has(char) !== complement
  const squeezed = new Set(to.length > 0 ? to : from)
  const map = new Map(from.map((char, index) => [char, to[Math.min(index, to.length - 1)] ?? char]))
  let last = ''
  const decoder = new TextDecoder()
  for await (const chunk of io.chunks(io.process.stdin)) {
    let text = ''
    for (const char of decoder.decode(chunk, { stream: true })) {
      let made = char
      if (matches(char)) {
        if (deletes) continue
        if (to.length > 0) made = complement ? (to.at(-1) as string) : (map.get(char) as string)
      }
      if (squeezes && made === last && (to.length > 0 ? squeezed.has(made) : matches(made))) continue
      text += made
      last = made
    }
    await io.out(text)
    await io.flush()
  }
}

const tee: Applet = async (io) => {
  const { has, rest } = optionsOf(io, 'ai')
  const outputs = []
  for (const file of rest) {
    const output = await io.attempt(file, () => io.process.files.openOutput(io.path(file), { append: has('a') }))
    if (output !== undefined) outputs.push(output)
  }
  for await (const chunk of io.chunks(io.process.stdin)) {
    for (const output of outputs) await output.write(chunk)
    await io.process.stdout.write(chunk)
  }
  for (const output of outputs) output.close()
}

export const TEXTS: Readonly<Record<string, Applet>> = {
  cat,
  head,
  tail,
  wc,
  sort,
  uniq,
  cut,
  tr,
  tee,
  tac: async (io) => {
    for (const line of (await allLines(io, io.args)).reverse()) await io.line(line)
  },
  rev: async (io) => {
    for (const line of await allLines(io, io.args)) await io.line([...line].reverse().join(''))
  },
  nl: async (io) => {
    let number = 0
    for (const line of await allLines(
      io,
      io.args.filter((arg) => !arg.startsWith('-')),
    ))
      await io.line(line === '' ? '       ' : `${String(++number).padStart(6)}\t${line}`)
  },
  paste: async (io) => {
    const { has, value, rest } = optionsOf(io, 'd:s')
    const delimiter = value('d') ?? '\t'
    const columns: string[][] = []
    for (const file of rest.length === 0 ? ['-'] : rest) columns.push(await allLines(io, [file]))
    if (has('s')) for (const column of columns) await io.line(column.join(delimiter))
    else
      for (let row = 0; row < Math.max(...columns.map(({ length }) => length)); row++)
        await io.line(
          columns
            .map((column) => column[row])
            .filter((cell) => cell !== undefined)
            .join(delimiter),
        )
  },
}
