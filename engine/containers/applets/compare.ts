import { type Applet, type Io, optionsOf, usage } from './applet.ts'

/** Lines around a change that are shown with it. */
const CONTEXT = 3
/** Above so many line pairs a change is told as one: a table of them would take the memory of a whole container. */
const LARGEST_TABLE = 4_000_000

interface Step {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
}

/** What makes `b` of `a`, by their longest common subsequence. */
function steps(a: readonly string[], b: readonly string[], key: (line: string) => string): Step[] {
  let begin = 0
  const [left, right] = [a.map(key), b.map(key)]
  while (begin < a.length && begin < b.length && left[begin] === right[begin]) begin++
  let end = 0
  while (end < Math.min(a.length, b.length) - begin && left[a.length - 1 - end] === right[b.length - 1 - end]) end++
  const [height, width] = [a.length - begin - end, b.length - begin - end]
  const kept = (line: string): Step => ({ sign: ' ', text: line })
  const middle: Step[] = []
  let [row, column] = [0, 0]
  if (height * width <= LARGEST_TABLE) {
    const table = Array.from({ length: height + 1 }, () => new Uint16Array(width + 1))
    const at = (y: number, x: number) => table[y]?.[x] ?? 0
    for (let y = height - 1; y >= 0; y--)
      for (let x = width - 1; x >= 0; x--)
        (table[y] as Uint16Array)[x] =
          left[begin + y] === right[begin + x] ? at(y + 1, x + 1) + 1 : Math.max(at(y + 1, x), at(y, x + 1))
    while (row < height && column < width) {
      if (left[begin + row] === right[begin + column]) {
        middle.push(kept(a[begin + row] as string))
        row++
        column++
      } else if (at(row + 1, column) >= at(row, column + 1))
        middle.push({ sign: '-', text: a[begin + row++] as string })
      else middle.push({ sign: '+', text: b[begin + column++] as string })
    }
  }
  while (row < height) middle.push({ sign: '-', text: a[begin + row++] as string })
  while (column < width) middle.push({ sign: '+', text: b[begin + column++] as string })
  return [...a.slice(0, begin).map(kept), ...middle, ...a.slice(a.length - end).map(kept)]
}

/** Unified hunks of it. */
export function hunks(all: readonly Step[], context = CONTEXT): string {
  let text = ''
  const changed = all.flatMap(({ sign }, index) => (sign === ' ' ? [] : [index]))
  for (let at = 0; at < changed.length; ) {
    let last = at
    while (last + 1 < changed.length && (changed[last + 1] as number) - (changed[last] as number) <= context * 2 + 1)
      last++
    const from = Math.max(0, (changed[at] as number) - context)
    const to = Math.min(all.length, (changed[last] as number) + context + 1)
    const before = all.slice(0, from)
    const some = all.slice(from, to)
    const range = (other: '+' | '-') => {
      const count = some.filter(({ sign }) => sign !== other).length
      const begin = before.filter(({ sign }) => sign !== other).length + (count === 0 ? 0 : 1)
      return count === 1 ? String(begin) : `${begin},${count}`
    }
    text += `@@ -${range('+')} +${range('-')} @@\n${some.map(({ sign, text }) => `${sign}${text}\n`).join('')}`
    at = last + 1
  }
  return text
}

const linesOf = (text: string): string[] => {
  const lines = text.split('\n')
  const rest = lines.pop()
  // A last line without a newline is another line than with one.
  return rest === undefined || rest === '' ? lines : [...lines, `${rest}\n\\ No newline at end of file`]
}

async function content(io: Io, file: string): Promise<string> {
  if (file === '-') return io.text(io.process.stdin)
  try {
    io.process.files.stat(io.path(file))
  } catch (error) {
    return io.fail(`can't stat '${file}': ${(error as Error).message}`, 2)
  }
  return io.process.files.readText(io.path(file))
}

async function compareFiles(io: Io, first: string, second: string, has: (letter: string) => boolean, context: number) {
  const [a, b] = [await content(io, first), await content(io, second)]
  const key = (line: string) => {
    const spaced = has('w') ? line.replace(/\s+/g, '') : has('b') ? line.replace(/\s+/g, ' ').trimEnd() : line
    return has('i') ? spaced.toLowerCase() : spaced
  }
  const [left, right] = [linesOf(a), linesOf(b)]
  if (left.length === right.length && left.every((line, index) => key(line) === key(right[index] as string))) {
    if (has('s') && first !== second) await io.line(`Files ${first} and ${second} are identical`)
    return 0
  }
  if (has('q')) await io.line(`Files ${first} and ${second} differ`)
  else await io.out(`--- ${first}\n+++ ${second}\n${hunks(steps(left, right, key), context)}`)
  return 1
}

const diff: Applet = async (io) => {
  const { has, value, rest } = optionsOf(io, 'abBdiNqrTstwuU:L:S:')
  const [first = usage(io), second = usage(io)] = rest
  const { files } = io.process
  const isDirectory = (file: string) =>
    file !== '-' && files.exists(io.path(file)) && files.stat(io.path(file)).type === 'directory'
  const context = Number(value('U') ?? CONTEXT)
  if (!isDirectory(first) || !isDirectory(second)) {
    const inside = (directory: string, file: string) => `${directory}/${file.replace(/^.*\//, '')}`
    return compareFiles(
      io,
      isDirectory(first) ? inside(first, second) : first,
      isDirectory(second) ? inside(second, first) : second,
      has,
      context,
    )
  }
  const walk = async (left: string, right: string): Promise<number> => {
    const [a, b] = [files.list(io.path(left)), files.list(io.path(right))]
    let status = 0
    for (const name of [...new Set([...a, ...b])].sort()) {
      const [one, two] = [`${left}/${name}`, `${right}/${name}`]
      if (!a.includes(name) || !b.includes(name)) {
        await io.line(`Only in ${a.includes(name) ? left : right}: ${name}`)
        status = 1
      } else if (isDirectory(one) && isDirectory(two)) {
        if (has('r')) status = Math.max(status, await walk(one, two))
        else await io.line(`Common subdirectories: ${one} and ${two}`)
      } else status = Math.max(status, await compareFiles(io, one, two, has, context))
    }
    return status
  }
  return walk(first, second)
}

const cmp: Applet = async (io) => {
  const { has, rest } = optionsOf(io, 'sln:')
  const [first = usage(io), second = '-'] = rest
  const bytes: Uint8Array[] = []
  for (const file of [first, second]) {
    const input = await io.open(file)
    if (input === undefined) return 2
    bytes.push(await io.all(input))
  }
  const [a, b] = bytes as [Uint8Array, Uint8Array]
  const shorter = Math.min(a.length, b.length)
  let line = 1
  let status = 0
  for (let at = 0; at < shorter; at++) {
    if (a[at] !== b[at]) {
      status = 1
      if (has('s')) return 1
      if (!has('l')) {
        await io.line(`${first} ${second} differ: char ${at + 1}, line ${line}`)
        return 1
      }
      await io.line(
        `${String(at + 1).padStart(4)} ${(a[at] as number).toString(8).padStart(3)} ${(b[at] as number).toString(8).padStart(3)}`,
      )
    }
    if (a[at] === 10) line++
  }
  if (a.length === b.length) return status
  if (!has('s')) {
    await io.flush()
    await io.process.stderr.write(`cmp: EOF on ${a.length < b.length ? first : second}\n`)
  }
  return 1
}

const comm: Applet = async (io) => {
  const { has, rest } = optionsOf(io, '123')
  if (rest.length !== 2) usage(io)
  const sides: string[][] = []
  for (const file of rest) {
    const input = await io.open(file)
    if (input === undefined) return
    sides.push((await io.text(input)).replace(/\n$/, '').split('\n'))
  }
  const [a, b] = sides as [string[], string[]]
  const show = async (column: 1 | 2 | 3, text: string) => {
    if (has(String(column))) return
    const before = [1, 2].filter((other) => other < column && !has(String(other))).length
    await io.line('\t'.repeat(before) + text)
  }
  let [left, right] = [0, 0]
  while (left < a.length || right < b.length) {
    const [one, two] = [a[left], b[right]]
    if (one !== undefined && one === two) {
      await show(3, one)
      left++
      right++
    } else if (two === undefined || (one !== undefined && one < two)) {
      await show(1, one as string)
      left++
    } else {
      await show(2, two)
      right++
    }
  }
}

export const COMPARISONS: Readonly<Record<string, Applet>> = { diff, cmp, comm }
