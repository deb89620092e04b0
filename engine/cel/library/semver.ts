import { goQuote } from '../../objects/go-quote.ts'
import type { Declarations } from '../environment.ts'
import { EvaluationError, Opaque, type Value } from '../values.ts'

/** A version as blang/semver reads it. */
class Semver extends Opaque {
  readonly typeName = 'kubernetes.Semver'
  readonly numbers: readonly [bigint, bigint, bigint]
  readonly pre: readonly string[]

  constructor(numbers: readonly [bigint, bigint, bigint], pre: readonly string[]) {
    super()
    this.numbers = numbers
    this.pre = pre
  }

  override equals(other: Opaque): boolean {
    return other instanceof Semver && this.compare(other) === 0
  }

  compare(other: Semver): number {
    for (const [at, number] of this.numbers.entries()) {
      const theirs = other.numbers[at] ?? 0n
      if (number !== theirs) return number > theirs ? 1 : -1
    }
    if (this.pre.length === 0 || other.pre.length === 0) return Math.sign(other.pre.length - this.pre.length)
    for (let at = 0; at < Math.min(this.pre.length, other.pre.length); at++) {
      const order = compareParts(this.pre[at] ?? '', other.pre[at] ?? '')
      if (order !== 0) return order
    }
    return Math.sign(this.pre.length - other.pre.length)
  }
}

const digits = /^[0-9]+$/

function compareParts(one: string, other: string): number {
  const [left, right] = [digits.test(one), digits.test(other)]
  if (left && right) return BigInt(one) === BigInt(other) ? 0 : BigInt(one) > BigInt(other) ? 1 : -1
  if (left !== right) return left ? -1 : 1
  return one === other ? 0 : one > other ? 1 : -1
}

/** A version, or the sentence that says why the text is none. */
function parse(text: string): Semver | string {
  if (text === '') return 'Version string empty'
  const parts = splitThree(text)
  if (parts === undefined) return 'No Major.Minor.Patch elements found'
  const [major, minor, rest] = parts
  const plus = rest.indexOf('+')
  const build = plus === -1 ? undefined : rest.slice(plus + 1).split('.')
  const beforeBuild = plus === -1 ? rest : rest.slice(0, plus)
  const dash = beforeBuild.indexOf('-')
  const pre = dash === -1 ? undefined : beforeBuild.slice(dash + 1).split('.')
  const patch = dash === -1 ? beforeBuild : beforeBuild.slice(0, dash)
  const numbers: bigint[] = []
  for (const [name, number] of [
    ['Major', major],
    ['Minor', minor],
    ['Patch', patch],
  ] as const) {
    if (!digits.test(number)) {
      if (number === '') return `strconv.ParseUint: parsing "": invalid syntax`
      return `Invalid character(s) found in ${name.toLowerCase()} number ${goQuote(number)}`
    }
    if (number.length > 1 && number.startsWith('0')) {
      return `${name} number must not contain leading zeroes ${goQuote(number)}`
    }
    numbers.push(BigInt(number))
  }
  for (const part of pre ?? []) {
    if (part === '') return 'Prerelease is empty'
    if (digits.test(part) && part.length > 1 && part.startsWith('0')) {
      return `Numeric PreRelease version must not contain leading zeroes ${goQuote(part)}`
    }
    if (!/^[0-9A-Za-z-]+$/.test(part)) return `Invalid character(s) found in prerelease ${goQuote(part)}`
  }
  for (const part of build ?? []) {
    if (part === '') return 'Build meta data is empty'
    if (!/^[0-9A-Za-z-]+$/.test(part)) return `Invalid character(s) found in build meta data ${goQuote(part)}`
  }
  return new Semver([numbers[0] ?? 0n, numbers[1] ?? 0n, numbers[2] ?? 0n], pre ?? [])
}

function splitThree(text: string): readonly [string, string, string] | undefined {
  const [major, minor, ...rest] = text.split('.')
  if (major === undefined || minor === undefined || rest.length === 0) return undefined
  return [major, minor, rest.join('.')]
}

/** Without a leading v, with the numbers that are missing, without leading zeros. */
function normalized(text: string): string {
  const [first = '', second, ...others] = text.replace(/^v/, '').split('.')
  const third = others.length === 0 ? undefined : others.join('.')
  const parts = [first, second, third].filter((part) => part !== undefined)
  const clean = parts.map((part) => {
    if (part.length <= 1) return part
    const stripped = part.replace(/^0+/, '')
    return stripped === '' || !/^[0-9]/.test(stripped) ? `0${stripped}` : stripped
  })
  const last = clean.at(-1) ?? ''
  if (clean.length < 3 && !/[+-]/.test(last)) while (clean.length < 3) clean.push('0')
  return clean.join('.')
}

function made(version: Semver | string): Semver {
  if (typeof version === 'string') throw new EvaluationError(version)
  return version
}

const of = (value: Value | undefined): Semver => value as Semver
const reading = (text: Value | undefined, normalize: Value | undefined): Semver | string =>
  parse(normalize === true ? normalized(text as string) : (text as string))

/** Kubernetes' functions of semantic versions. */
export const semvers: Declarations = {
  'semver(string): kubernetes.Semver': ([text]) => made(parse(text as string)),
  'semver(string, bool): kubernetes.Semver': ([text, normalize]) => made(reading(text, normalize)),
  'isSemver(string): bool': ([text]) => typeof parse(text as string) !== 'string',
  'isSemver(string, bool): bool': ([text, normalize]) => typeof reading(text, normalize) !== 'string',
  'kubernetes.Semver => isGreaterThan(kubernetes.Semver): bool': ([one, other]) => of(one).compare(of(other)) > 0,
  'kubernetes.Semver => isLessThan(kubernetes.Semver): bool': ([one, other]) => of(one).compare(of(other)) < 0,
  'kubernetes.Semver => compareTo(kubernetes.Semver): int': ([one, other]) => BigInt(of(one).compare(of(other))),
  'kubernetes.Semver => major(): int': ([value]) => of(value).numbers[0],
  'kubernetes.Semver => minor(): int': ([value]) => of(value).numbers[1],
  'kubernetes.Semver => patch(): int': ([value]) => of(value).numbers[2],
}
