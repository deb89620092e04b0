import type { Process } from '../contract.ts'
import { errnoOf } from '../files/errors.ts'
import { absolute } from '../files/paths.ts'
import { patternOf } from '../shell/pattern.ts'

export class TestFault extends Error {}

const UNARY = new Set([
  '-n',
  '-z',
  '-e',
  '-f',
  '-d',
  '-r',
  '-w',
  '-x',
  '-s',
  '-h',
  '-L',
  '-b',
  '-c',
  '-p',
  '-S',
  '-t',
  '-u',
  '-g',
  '-k',
  '-O',
  '-G',
])
const BINARY = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef', '=~'])

/** `test`, `[` and `[[`: true or false. `patterns`: `[[` compares with patterns. Throws TestFault in busybox's words. */
export function evaluateTest(process: Process, args: readonly string[], patterns = false): boolean {
  return new Test(process, args, patterns).value()
}

class Test {
  readonly #process: Process
  readonly #args: readonly string[]
  readonly #patterns: boolean
  #at = 0

  constructor(process: Process, args: readonly string[], patterns: boolean) {
    this.#process = process
    this.#args = args
    this.#patterns = patterns
  }

  value(): boolean {
    const [first, second, third] = this.#args
    switch (this.#args.length) {
      case 0:
        return false
      case 1:
        return first !== ''
      case 2:
        if (first === '!') return second === ''
        break
      case 3:
        if (BINARY.has(second as string)) return this.#binary(first as string, second as string, third as string)
    }
    const value = this.#or()
    if (this.#at < this.#args.length) throw new TestFault(`${this.#args[this.#at]}: unknown operand`)
    return value
  }

  #take(...words: string[]): boolean {
    if (!words.includes(this.#args[this.#at] ?? '')) return false
    this.#at++
    return true
  }

  #or(): boolean {
    let value = this.#and()
    while (this.#take('-o', '||')) {
      const right = this.#and()
      value ||= right
    }
    return value
  }

  #and(): boolean {
    let value = this.#not()
    while (this.#take('-a', '&&')) {
      const right = this.#not()
      value &&= right
    }
    return value
  }

  #not(): boolean {
    let negated = false
    while (
      this.#args[this.#at] === '!' &&
      this.#at + 1 < this.#args.length &&
      !BINARY.has(this.#args[this.#at + 1] as string)
    ) {
      this.#at++
      negated = !negated
    }
    return this.#primary() !== negated
  }

  #primary(): boolean {
    const word = this.#args[this.#at]
    if (word === undefined) throw new TestFault('argument expected')
    const next = this.#args[this.#at + 1]
    if (next !== undefined && BINARY.has(next) && this.#at + 2 < this.#args.length) {
      this.#at += 3
      return this.#binary(word, next, this.#args[this.#at - 1] as string)
    }
    if (word === '(') {
      this.#at++
      const value = this.#or()
      if (!this.#take(')')) throw new TestFault('closing paren expected')
      return value
    }
    if (UNARY.has(word) && next !== undefined) {
      this.#at += 2
      return this.#unary(word, next)
    }
    this.#at++
    return word !== ''
  }

  #unary(operator: string, word: string): boolean {
    const { files, cwd, uid, gid, terminal } = this.#process
    if (operator === '-n') return word !== ''
    if (operator === '-z') return word === ''
    if (operator === '-t') return terminal !== undefined && Number(word) <= 2
    const path = absolute(word, cwd)
    if (word === '') return false
    try {
      if (operator === '-h' || operator === '-L') return files.stat(path, { follow: false }).type === 'symlink'
      const stat = files.stat(path)
      switch (operator) {
        case '-f':
          return stat.type === 'file'
        case '-d':
          return stat.type === 'directory'
        case '-c':
          return stat.type === 'device'
        case '-p':
          return stat.type === 'pipe'
        case '-b':
        case '-S':
          return false
        case '-s':
          return stat.size > 0
        case '-r':
          return files.allows(path, 4)
        case '-w':
          return files.allows(path, 2)
        case '-x':
          return files.allows(path, 1)
        case '-u':
          return (stat.mode & 0o4000) !== 0
        case '-g':
          return (stat.mode & 0o2000) !== 0
        case '-k':
          return (stat.mode & 0o1000) !== 0
        case '-O':
          return stat.uid === uid
        case '-G':
          return stat.gid === gid
        default:
          return true
      }
    } catch (error) {
      if (errnoOf(error) === undefined) throw error
      return false
    }
  }

  #binary(left: string, operator: string, right: string): boolean {
    switch (operator) {
      case '=':
      case '==':
        return this.#patterns ? patternOf(right).test(left) : left === right
      case '!=':
        return this.#patterns ? !patternOf(right).test(left) : left !== right
      case '<':
        return left < right
      case '>':
        return left > right
      case '=~':
        return new RegExp(right).test(left)
      case '-nt':
      case '-ot':
      case '-ef':
        return this.#files(left, operator, right)
    }
    const [a, b] = [number(left), number(right)]
    switch (operator) {
      case '-eq':
        return a === b
      case '-ne':
        return a !== b
      case '-lt':
        return a < b
      case '-le':
        return a <= b
      case '-gt':
        return a > b
      default:
        return a >= b
    }
  }

  #files(left: string, operator: string, right: string): boolean {
    const { files, cwd } = this.#process
    const [a, b] = [absolute(left, cwd), absolute(right, cwd)]
    if (operator === '-ef') return files.exists(a) && files.exists(b) && files.resolve(a) === files.resolve(b)
    const time = (path: string) => (files.exists(path) ? files.stat(path).modified : Number.NEGATIVE_INFINITY)
    return operator === '-nt' ? time(a) > time(b) : time(a) < time(b)
  }
}

function number(text: string): bigint {
  const trimmed = text.trim()
  if (!/^[-+]?\d+$/.test(trimmed)) throw new TestFault(`${text}: bad number`)
  return BigInt(trimmed)
}
