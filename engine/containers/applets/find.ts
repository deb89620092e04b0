import type { Stat } from '../contract.ts'
import { nameOf } from '../files/paths.ts'
import { patternOf } from '../shell/pattern.ts'
import { type Applet, type Io, sizeOf } from './applet.ts'
import { notRun } from './processes.ts'

interface Found {
  readonly path: string
  readonly stat: Stat
}

type Test = (found: Found) => Promise<boolean>

const KINDS: Readonly<Record<string, Stat['type']>> = {
  f: 'file',
  d: 'directory',
  l: 'symlink',
  p: 'pipe',
  c: 'device',
}

/** `find` */
export const find: Applet = async (io) => {
  const begin = io.args.findIndex((arg) => /^[-(!]/.test(arg))
  const paths = begin < 0 ? io.args : io.args.slice(0, begin)
  const reader = new Expression(io, begin < 0 ? [] : io.args.slice(begin))
  const test = reader.test()
  for (const path of paths.length === 0 ? ['.'] : paths) await visit(io, path, 0, reader, test)
  await reader.finish()
}

async function visit(io: Io, path: string, depth: number, reader: Expression, test: Test): Promise<void> {
  await io.attempt(path, async () => {
    const stat = io.process.files.stat(io.path(path), { follow: false })
    const down = async () => {
      if (stat.type !== 'directory' || depth >= reader.deepest || reader.pruned.delete(path)) return
      for (const name of io.process.files.list(io.path(path)))
        await visit(io, `${path.replace(/(.)\/$/, '$1').replace(/^\/$/, '')}/${name}`, depth + 1, reader, test)
    }
    if (reader.contentsFirst) await down()
    if (depth >= reader.shallowest) await test({ path, stat })
    if (!reader.contentsFirst) await down()
  })
}

class Expression {
  readonly #io: Io
  readonly #args: string[]
  readonly #batches: { argv: string[]; paths: string[] }[] = []
  readonly pruned = new Set<string>()
  deepest = Number.POSITIVE_INFINITY
  shallowest = 0
  contentsFirst = false
  #acts = false

  constructor(io: Io, args: readonly string[]) {
    this.#io = io
    this.#args = [...args]
  }

  test(): Test {
    const test = this.#or()
    if (this.#args.length > 0) this.#io.fail(`unrecognized: ${this.#args[0]}`)
    return this.#acts ? test : async (found) => (await test(found)) && this.#print(found, '\n')
  }

  /** `-exec … +` runs at the end. */
  async finish(): Promise<void> {
    for (const { argv, paths } of this.#batches) if (paths.length > 0) await this.#run([...argv, ...paths])
  }

  async #print({ path }: Found, end: string): Promise<boolean> {
    await this.#io.out(`${path}${end}`)
    return true
  }

  #or(): Test {
    let left = this.#and()
    while (this.#args[0] === '-o' || this.#args[0] === '-or') {
      this.#args.shift()
      const [a, b] = [left, this.#and()]
      left = async (found) => (await a(found)) || b(found)
    }
    return left
  }

  #and(): Test {
    let left: Test = async () => true
    while (this.#args.length > 0 && !['-o', '-or', ')'].includes(this.#args[0] as string)) {
      if (this.#args[0] === '-a' || this.#args[0] === '-and') this.#args.shift()
      const [a, b] = [left, this.#one()]
      left = async (found) => (await a(found)) && b(found)
    }
    return left
  }

  #value(name: string): string {
    return this.#args.shift() ?? this.#io.fail(`${name} requires an argument`)
  }

  #one(): Test {
    const word = this.#args.shift() ?? ''
    switch (word) {
      case '!':
      case '-not': {
        const inner = this.#one()
        return async (found) => !(await inner(found))
      }
      case '(': {
        const inner = this.#or()
        if (this.#args.shift() !== ')') this.#io.fail('unmatched (')
        return inner
      }
      case '-name':
      case '-iname': {
        const pattern = patternOf(this.#value(word), { ignoreCase: word === '-iname' })
        return async ({ path }) => pattern.test(nameOf(path.replace(/(.)\/+$/, '$1')))
      }
      case '-path': {
        const pattern = patternOf(this.#value(word))
        return async ({ path }) => pattern.test(path)
      }
      case '-type': {
        const kind = KINDS[this.#value(word)]
        return async ({ stat }) => stat.type === kind
      }
      case '-size': {
        const [, sign = '', text = ''] = /^([-+]?)(.*)$/.exec(this.#value(word)) ?? []
        const size = sizeOf(/\d$/.test(text) ? `${text}b` : text) ?? 0
        const unit = /\d$/.test(text) ? 512 : 1
        return async ({ stat }) => compare(sign, Math.ceil(stat.size / unit), size / unit)
      }
      case '-mtime':
      case '-mmin': {
        const [, sign = '', number = '0'] = /^([-+]?)(\d+)$/.exec(this.#value(word)) ?? []
        const unit = word === '-mmin' ? 60_000 : 86_400_000
        return async ({ stat }) =>
          compare(sign, Math.floor((this.#io.process.clock.now() - stat.modified) / unit), Number(number))
      }
      case '-newer': {
        const { modified } = this.#io.process.files.stat(this.#io.path(this.#value(word)))
        return async ({ stat }) => stat.modified > modified
      }
      case '-empty':
        return async ({ path, stat }) =>
          stat.type === 'directory'
            ? this.#io.process.files.list(this.#io.path(path)).length === 0
            : stat.type === 'file' && stat.size === 0
      case '-user': {
        const uid = Number(this.#value(word))
        return async ({ stat }) => stat.uid === uid
      }
      case '-perm': {
        const mode = Number.parseInt(this.#value(word), 8)
        return async ({ stat }) => (stat.mode & 0o7777) === mode
      }
      case '-maxdepth':
        this.deepest = Number(this.#value(word))
        return async () => true
      case '-mindepth':
        this.shallowest = Number(this.#value(word))
        return async () => true
      case '-depth':
        this.contentsFirst = true
        return async () => true
      case '-xdev':
      case '-follow':
        return async () => true
      case '-prune':
        return async ({ path }) => {
          this.pruned.add(path)
          return true
        }
      case '-print':
        this.#acts = true
        return (found) => this.#print(found, '\n')
      case '-print0':
        this.#acts = true
        return (found) => this.#print(found, '\0')
      case '-quit':
        this.#acts = true
        return async () => {
          this.deepest = -1
          return true
        }
      case '-delete':
        this.#acts = true
        this.contentsFirst = true
        return async ({ path }) => {
          this.#io.process.files.remove(this.#io.path(path))
          return true
        }
      case '-exec':
        return this.#exec()
      default:
        return this.#io.fail(`unrecognized: ${word}`)
    }
  }

  #exec(): Test {
    this.#acts = true
    const end = this.#args.findIndex((arg, at) => arg === ';' || (arg === '+' && this.#args[at - 1] === '{}'))
    if (end < 0) this.#io.fail("unterminated '-exec'")
    const argv = this.#args.splice(0, end)
    if (this.#args.shift() === '+') {
      const batch = { argv: argv.slice(0, -1), paths: [] as string[] }
      this.#batches.push(batch)
      return async ({ path }) => batch.paths.push(path) > 0
    }
    return async ({ path }) => (await this.#run(argv.map((word) => word.replaceAll('{}', path)))) === 0
  }

  async #run(argv: readonly string[]): Promise<number> {
    await this.#io.flush()
    try {
      return (await this.#io.process.wait(this.#io.process.spawn(argv).ended)).code
    } catch (error) {
      return notRun(this.#io, argv, error)
    }
  }
}

const compare = (sign: string, value: number, wanted: number): boolean =>
  sign === '+' ? value > wanted : sign === '-' ? value < wanted : value === wanted
