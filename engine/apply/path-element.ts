import { goQuote } from '../objects/go-quote.ts'
import { compareText } from '../objects/requirement.ts'

/**
 * One step of a field's path in the form that `managedFields` has it: `f:replicas` a field, `k:{"name":"web"}` an item of a list by its keys,
 * `v:"a"` an item of a set, `i:0` an item by its index. Canonical, so that equal steps are equal strings.
 */
export type PathElement = string

export function fieldElement(name: string): PathElement {
  return `f:${name}`
}

/** Keys in any order. */
export function keyElement(keys: ReadonlyMap<string, unknown>): PathElement {
  const fields = [...keys].sort(([left], [right]) => compareText(left, right))
  return `k:{${fields.map(([name, value]) => `${goJson(name)}:${goJson(value)}`).join(',')}}`
}

export function valueElement(value: unknown): PathElement {
  return `v:${goJson(value)}`
}

/** A value as Go's JSON encoder writes them: it escapes what HTML would take for a tag. */
export function goJson(value: unknown): string {
  const json = JSON.stringify(value) ?? 'null'
  return /[<>&\u2028\u2029]/.test(json) ? json.replace(/[<>&\u2028\u2029]/g, escapeSign) : json
}

function escapeSign(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/**
 * A step as it was stored, in canonical form; undefined for kinds of steps that are not known, which are passed over.
 * @throws Error with a sentence.
 */
export function parseElement(text: string): PathElement | undefined {
  if (text.length < 2) throw new Error('key must be 2 characters long:')
  if (text[1] !== ':') throw new Error(`missing colon: ${text}`)
  const rest = text.slice(2)
  switch (text[0]) {
    case 'f':
      return text
    case 'v':
      return valueElement(parseJson(rest))
    case 'k': {
      const keys = parseJson(rest)
      if (typeof keys !== 'object' || keys === null || Array.isArray(keys))
        throw new Error(`expect { for keys: ${text}`)
      return keyElement(new Map(Object.entries(keys)))
    }
    case 'i':
      if (!/^[+-]?[0-9]+$/.test(rest)) throw new Error(`strconv.Atoi: parsing ${goQuote(rest)}: invalid syntax`)
      return `i:${Number(rest)}`
    default:
      return undefined
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`invalid JSON in path element: ${text}`)
  }
}

/** As a person reads it: `.spec`, `[name="web"]`, `[="a"]`, `[0]`. */
export function formatElement(element: PathElement): string {
  const rest = element.slice(2)
  switch (element[0]) {
    case 'f':
      return `.${rest}`
    case 'k':
      return `[${Object.entries(parseJson(rest) as object)
        .map(([name, value]) => `${name}=${formatValue(value)}`)
        .join(',')}]`
    case 'v':
      return `[=${formatValue(parseJson(rest))}]`
    default:
      return `[${rest}]`
  }
}

function formatValue(value: unknown): string {
  return typeof value === 'string' ? goQuote(value) : JSON.stringify(value)
}

export function formatPath(path: readonly PathElement[]): string {
  return path.map(formatElement).join('')
}

const kinds = 'fkvi'

/** Upstream's order: fields by name, then keys, values and indexes, numbers before strings before booleans. */
export function compareElements(left: PathElement, right: PathElement): number {
  if (left === right) return 0
  const kind = kinds.indexOf(left[0] ?? '') - kinds.indexOf(right[0] ?? '')
  if (kind !== 0) return kind
  if (left[0] === 'f') return compareBytes(left, right)
  if (left[0] === 'i') return Number(left.slice(2)) - Number(right.slice(2))
  const [one, other] = [parseJson(left.slice(2)), parseJson(right.slice(2))]
  return left[0] === 'v' ? compareValues(one, other) : compareKeys(one as object, other as object)
}

function compareKeys(left: object, right: object): number {
  const [one, other] = [Object.entries(left), Object.entries(right)]
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    const [[name, value], [otherName, otherValue]] = [one[at] ?? ['', null], other[at] ?? ['', null]]
    const order = compareBytes(name, otherName) || compareValues(value, otherValue)
    if (order !== 0) return order
  }
  return one.length - other.length
}

const ranks = ['number', 'string', 'boolean', 'object']

function compareValues(left: unknown, right: unknown): number {
  const rank = ranks.indexOf(typeof left) - ranks.indexOf(typeof right)
  if (rank !== 0) return rank
  if (typeof left === 'number') return left - (right as number)
  if (typeof left === 'string') return compareBytes(left, right as string)
  if (typeof left === 'boolean') return Number(left) - Number(right)
  return compareBytes(JSON.stringify(left), JSON.stringify(right))
}

/** By code points, which is the order of their UTF-8 bytes. */
function compareBytes(left: string, right: string): number {
  if (left === right) return 0
  const shared = Math.min(left.length, right.length)
  for (let at = 0; at < shared; at++) {
    const [one, other] = [left.charCodeAt(at), right.charCodeAt(at)]
    if (one === other) continue
    const surrogates = Number(isSurrogate(one)) - Number(isSurrogate(other))
    return surrogates !== 0 ? surrogates : one - other
  }
  return left.length - right.length
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff
}
