import { type Applet, type Io, optionsOf, usage } from './applet.ts'
import { PatternFault, posixRegex } from './regex.ts'

interface Search {
  readonly matches: readonly RegExp[]
  readonly has: (letter: string) => boolean
  readonly most: number
  readonly before: number
  readonly after: number
  readonly named: boolean
}

/** `grep`, `egrep` and `fgrep` */
export const grep: Applet = async (io) => {
  const args = io.args.flatMap((arg) => (arg === '--color' || arg.startsWith('--color=') ? [] : [arg]))
  const { has, value, values, rest } = optionsOf(
    io,
    'EFGHhLrRilnqsvowxzce:f:m:A:B:C:',
    {
      'ignore-case': 'i',
      'invert-match': 'v',
      count: 'c',
      quiet: 'q',
      'line-number': 'n',
      'only-matching': 'o',
      'extended-regexp': 'E',
      'fixed-strings': 'F',
      recursive: 'r',
      regexp: 'e',
      'word-regexp': 'w',
      'files-with-matches': 'l',
      'no-filename': 'h',
      'with-filename': 'H',
      'max-count': 'm',
      'after-context': 'A',
      'before-context': 'B',
      context: 'C',
    },
    args,
  )
  const files = [...rest]
  const given = values('e').flatMap((text) => text.split('\n'))
  for (const file of values('f')) given.push(...io.process.files.readText(io.path(file)).replace(/\n$/, '').split('\n'))
  if (!has('e') && !has('f')) given.push(...(files.shift() ?? usage(io)).split('\n'))
  const extended = has('E') || io.name === 'egrep'
  const fixed = has('F') || io.name === 'fgrep'
  const flags = `g${has('i') ? 'i' : ''}`
  const recursive = has('r') || has('R')
  const search: Search = {
    has,
    matches: given.map((pattern) => compile(io, pattern, { extended, fixed, flags, word: has('w'), whole: has('x') })),
    most: value('m') === undefined ? Number.POSITIVE_INFINITY : Number(value('m')),
    before: Number(value('B') ?? value('C') ?? 0),
    after: Number(value('A') ?? value('C') ?? 0),
    named: has('H') || (!has('h') && (files.length > 1 || recursive)),
  }
  let found = false
  for (const file of files.length === 0 ? [recursive ? '.' : '-'] : files) {
    for (const one of recursive ? below(io, file) : [file]) found = (await searchFile(io, one, search)) || found
    if (found && has('q')) return 0
  }
  return found ? 0 : io.status === 0 ? 1 : 2
}

function compile(
  io: Io,
  pattern: string,
  {
    extended,
    fixed,
    flags,
    word,
    whole,
  }: { extended: boolean; fixed: boolean; flags: string; word: boolean; whole: boolean },
): RegExp {
  try {
    const { source } = fixed
      ? { source: pattern.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&') }
      : posixRegex(pattern, { extended, flags })
    const bounded = word ? `(?<!\\w)(?:${source})(?!\\w)` : whole ? `^(?:${source})$` : source
    return new RegExp(bounded, `${flags}u`)
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error
    return io.fail(`bad regex '${pattern}': ${error.message}`, 2)
  }
}

function below(io: Io, file: string): string[] {
  const { files } = io.process
  const path = io.path(file)
  if (!files.exists(path) || files.stat(path).type !== 'directory') return [file]
  return files
    .list(path)
    .filter((name) => files.stat(`${path}/${name}`, { follow: false }).type !== 'symlink')
    .flatMap((name) => below(io, `${file.replace(/\/$/, '')}/${name}`))
}

async function searchFile(io: Io, file: string, search: Search): Promise<boolean> {
  const { has, most, before, after } = search
  const path = io.path(file)
  if (file !== '-' && io.process.files.exists(path) && io.process.files.stat(path).type === 'directory') {
    return false
  }
  const input =
    file === '-'
      ? io.process.stdin
      : has('s') && !io.process.files.exists(path)
        ? undefined
        : await io.attempt(file, () => io.process.files.openInput(path))
  if (input === undefined) {
    io.status = 2
    return false
  }
  const name = file === '-' ? '(standard input)' : file
  let [count, number, trailing, shown] = [0, 0, 0, 0]
  const held: { text: string; number: number }[] = []
  const show = async (text: string, at: number, mark: string) => {
    if ((before > 0 || after > 0) && shown > 0 && at > shown + 1) await io.line('--')
    shown = at
    await io.line(`${search.named ? `${name}${mark}` : ''}${has('n') ? `${at}${mark}` : ''}${text}`)
  }
  const silent = has('q') || has('c') || has('l') || has('L')
  for await (const { text } of io.lines(input)) {
    number++
    const hits = search.matches.flatMap((pattern) => [...text.matchAll(pattern)])
    if (hits.length > 0 === has('v')) {
      if (trailing > 0 && !silent) {
        trailing--
        await show(text, number, '-')
      } else if (before > 0) {
        held.push({ text, number })
        if (held.length > before) held.shift()
      }
      continue
    }
    count++
    if (has('q') || has('l')) break
    if (!silent) {
      for (const line of held.splice(0)) await show(line.text, line.number, '-')
      if (!has('o')) await show(text, number, ':')
      else for (const [hit] of hits.sort((a, b) => a.index - b.index)) if (hit !== '') await show(hit, number, ':')
      trailing = after
      await io.flush()
    }
    if (count >= most) break
  }
  if (has('c')) await io.line(`${search.named ? `${name}:` : ''}${count}`)
  if (has('l') && count > 0) await io.line(name)
  if (has('L') && count === 0) await io.line(name)
  return count > 0
}
