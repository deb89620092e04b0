import type { Expr } from './ast.ts'
import { anySize, MATCHING, MOST, plus, productOf, READING, type Size, sumOf, times, weighed } from './cost-size.ts'
import { type CelType, formatType, sameType, unwrapOptional } from './types.ts'

/** An argument of a call. */
export interface CallSite {
  readonly expr: Expr
  readonly type: CelType
  readonly size: Size
  /** How large its items are at most, where that is said. */
  readonly elements: number | undefined
}

/** A call of one overload. */
export interface CostedCall {
  readonly name: string
  readonly target: CallSite | undefined
  readonly args: readonly CallSite[]
  /** Of the overload, the receiver first. */
  readonly params: readonly CelType[]
}

export interface CallEstimate {
  /** Without that of the arguments. */
  readonly cost: number
  /** Of the result, where it is known. */
  readonly size?: Size
}

type Estimate = (call: CostedCall) => CallEstimate | undefined

const scalars = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint'])

/** Whether values of a type are of different sizes. */
export function isSized(type: CelType): boolean {
  const { type: inner, optional } = unwrapOptional(type)
  if (optional) return isSized(inner)
  return type.kind !== 'simple' || !scalars.has(type.name)
}

const isText = (type: CelType | undefined): boolean =>
  type?.kind === 'simple' && (type.name === 'string' || type.name === 'bytes')
const sizeOf = (site: CallSite | undefined): Size => site?.size ?? anySize
const read = ({ max }: Size, factor = READING): number => weighed(max, factor)

/** Reads the text in the first argument. */
const readsArgument: Estimate = ({ args: [first] }) => (first === undefined ? undefined : { cost: read(first.size) })

const readsToEqual: Estimate = ({ args: [first] }) =>
  first === undefined ? undefined : { cost: read(first.size), size: first.size }

/** Goes through the receiver, and makes something as large. */
const readsReceiver: Estimate = ({ target }) =>
  target === undefined ? undefined : { cost: read(target.size), size: target.size }

/** Compares each of a list's items, or looks through a text. */
const searches: Estimate = ({ target }) => {
  if (target === undefined) return undefined
  if (target.type.kind !== 'list') return { cost: read(target.size) }
  const each = isText(target.type.params[0]) ? plus(1, weighed(target.elements ?? MOST, READING)) : 1
  return { cost: times(target.size.max, each) }
}

const replaces: Estimate = ({ target, args: [from, to] }) => {
  if (target === undefined || from === undefined || to === undefined) return undefined
  return { cost: read(target.size, 2 * READING), size: replaced(target.size, from.size, to.size) }
}

function replaced(size: Size, from: Size, to: Size): Size {
  let most = 0
  let retainedMost = 0
  if (from.min === 0) {
    most = plus(size.max, 1)
    retainedMost = size.max
  } else if (to.max <= from.min) retainedMost = size.max
  else most = Math.ceil(size.max / from.min)
  let least = 0
  let retainedLeast = 0
  if (from.max === 0) {
    least = plus(size.min, 1)
    retainedLeast = size.min
  } else if (from.max <= to.min) retainedLeast = size.min
  else least = Math.ceil(size.min / from.max)
  return sumOf(productOf({ min: least, max: most }, to), { min: retainedLeast, max: retainedMost })
}

const splits: Estimate = ({ target, args: [, limit] }) => {
  if (target === undefined) return undefined
  const { expr } = limit ?? {}
  const given =
    expr?.op === 'literal' && typeof expr.value === 'bigint' ? Number(BigInt.asUintN(64, expr.value)) : undefined
  return { cost: read(target.size, 2 * READING), size: { min: 0, max: given ?? target.size.max } }
}

const joins: Estimate = ({ target, args: [separator] }) => {
  if (target === undefined) return undefined
  const elements = { min: 0, max: target.elements ?? MOST }
  let size = productOf(target.size, elements)
  if (separator !== undefined) {
    const between = { min: Math.max(0, target.size.min - 1), max: Math.max(0, target.size.max - 1) }
    size = sumOf(size, productOf(separator.size, between))
  }
  return { cost: read(size), size }
}

/** A text with a regular expression, whose length says what there is to do. */
function matched(target: Size, pattern: Size): number {
  return times(weighed(plus(target.max, 1), READING), weighed(pattern.max, MATCHING))
}

const finds: Estimate = ({ target, args: [pattern] }) => {
  if (target === undefined || pattern === undefined) return undefined
  return { cost: matched(target.size, pattern.size), size: { min: 0, max: target.size.max } }
}

/** Addresses are compared byte by byte: 16 at most on each side. */
const ADDRESSES = weighed(16 + 16, READING)
const contains =
  (more: number): Estimate =>
  ({ args: [other], params }) => {
    if (other === undefined) return undefined
    return { cost: plus(ADDRESSES, more, isText(params[1]) ? read(other.size) : 0) }
  }

const sets =
  (factor: number): Estimate =>
  ({ args: [left, right] }) => {
    if (left === undefined || right === undefined) return undefined
    return { cost: plus(1, weighed(times(left.size.max, right.size.max), factor)) }
  }

/** The longest format, and the longest regular expression of one. */
const FORMAT = 64
const FORMAT_PATTERN = 128

const byName: ReadonlyMap<string, Estimate> = new Map<string, Estimate>([
  ...named('isSorted sum max min indexOf lastIndexOf', searches),
  ...named('url jsonpatch.escapeKey', readsToEqual),
  ...named('lowerAscii upperAscii substring trim', readsReceiver),
  ['replace', replaces],
  ['split', splits],
  ['join', joins],
  ...named('find findAll', finds),
  ...named('cidr isIP isCIDR quantity isQuantity semver isSemver', readsArgument),
  ['ip', ({ args: [text] }) => ({ cost: text === undefined ? 1 : read(text.size) })],
  ['ip.isCanonical', ({ args: [text] }) => ({ cost: read(sizeOf(text), 2 * READING) })],
  ['containsIP', contains(0)],
  ['containsCIDR', contains(weighed(16, READING) + 1)],
  ['validate', ({ args: [text] }) => ({ cost: weighed(read(sizeOf(text)), FORMAT_PATTERN * MATCHING) })],
  ['sets.contains', sets(1)],
  ['sets.intersects', sets(1)],
  ['sets.equivalent', sets(2)],
  ['strings.quote', ({ args: [text] }) => ({ cost: read(sizeOf(text)), size: quoted(sizeOf(text)) })],
  ['format', ({ target }) => ({ cost: read(sizeOf(target)) })],
  ['bytes', ({ args: [text], params }) => (isPlain(params[0], 'string') ? toBytes(sizeOf(text)) : undefined)],
  ['string', ({ args: [bytes], params }) => (isPlain(params[0], 'bytes') ? fromBytes(sizeOf(bytes)) : undefined)],
  ...named('startsWith endsWith', readsArgument),
  ['@in', ({ args: [, list], params }) => (params[1]?.kind === 'list' ? { cost: sizeOf(list).max } : undefined)],
  ['matches', ({ target, args: [pattern] }) => target && { cost: matched(target.size, sizeOf(pattern)) }],
  ['contains', ({ target, args: [part] }) => target && part && { cost: times(read(target.size), read(part.size)) }],
  ['_+_', adds],
  ...named('_<_ _>_ _<=_ _>=_', (call) => (isText(call.params[0]) ? compares(call) : undefined)),
  ['_==_', (call) => equalsOwn(call) ?? compares(call)],
  ['_!=_', compares],
])

function named(names: string, estimate: Estimate): [string, Estimate][] {
  return names.split(' ').map((name) => [name, estimate])
}

const isPlain = (type: CelType | undefined, name: string): boolean => type?.kind === 'simple' && type.name === name
const quoted = ({ min, max }: Size): Size => ({ min: plus(min, 2), max: plus(times(max, 2), 2) })
const toBytes = (size: Size): CallEstimate => ({ cost: read(size), size: { min: size.min, max: times(size.max, 4) } })
const fromBytes = (size: Size): CallEstimate => ({
  cost: read(size),
  size: { min: Math.floor(size.min / 4), max: size.max },
})

function adds({ args: [left, right], params }: CostedCall): CallEstimate | undefined {
  const [type] = params
  if (left === undefined || right === undefined || !(isText(type) || type?.kind === 'list')) return undefined
  const size = sumOf(left.size, right.size)
  return { cost: type?.kind === 'list' ? 1 : read(size), size }
}

function compares({ args: [left, right] }: CostedCall): CallEstimate {
  return { cost: weighed(Math.min(sizeOf(left).max, sizeOf(right).max), READING) }
}

/** Values of Kubernetes' own types are compared at once, but URLs and formats. */
function equalsOwn({ args: [left, right] }: CostedCall): CallEstimate | undefined {
  if (left === undefined || right === undefined || !sameType(left.type, right.type)) return undefined
  if (left.type.kind !== 'opaque') return undefined
  switch (formatType(left.type)) {
    case 'net.IP':
    case 'net.CIDR':
    case 'kubernetes.Quantity':
    case 'kubernetes.Semver':
      return { cost: 1 }
    case 'kubernetes.NamedFormat':
      return { cost: weighed(FORMAT, READING) }
    case 'kubernetes.URL':
      return { cost: weighed(right.size.max, READING) }
    default:
      return undefined
  }
}

/** What a call costs besides its arguments, and how large its result is. */
export function callCost(call: CostedCall): CallEstimate {
  return byName.get(call.name)?.(call) ?? { cost: 1 }
}
