import type { Json } from '../objects/types.ts'
import { yamlString } from './yaml-scalar.ts'

/** A key of more bytes stands on a line of its own. */
const LONGEST_KEY = 128

/** JSON as YAML, byte for byte as upstream's `sigs.k8s.io/yaml` over go-yaml v2 writes it, in which kubectl's and the API server's answers are. */
export function yamlText(value: Json): string {
  const text = isFilled(value) ? block(value, 0) : scalar(value, 0, 0)
  return text.endsWith('\n') ? text : `${text}\n`
}

type Filled = readonly Json[] | { readonly [key: string]: Json }

function isFilled(value: Json): value is Filled {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

/** The lines of a map or a list, the first one without its indent. */
function block(value: Filled, indent: number): string {
  const pad = ' '.repeat(indent)
  if (Array.isArray(value)) {
    const items = value as readonly Json[]
    return items.map((item) => `- ${nested(item, indent + 2, indent + 2)}`).join(`\n${pad}`)
  }
  const map = value as { readonly [key: string]: Json }
  const lines = Object.keys(map)
    .sort(compareKeys)
    .map((key) => entry(key, map[key] as Json, indent))
  return lines.join(`\n${pad}`)
}

function entry(key: string, value: Json, indent: number): string {
  const name = yamlString(key, indent, indent, true)
  const pad = ' '.repeat(indent)
  if (new TextEncoder().encode(key).length > LONGEST_KEY)
    return `? ${name}\n${pad}: ${nested(value, indent + 2, indent + 2)}`
  if (!isFilled(value)) return `${name}: ${scalar(value, indent + 2, indent + name.length + 2)}`
  const inner = Array.isArray(value) ? indent : indent + 2
  return `${name}:\n${' '.repeat(inner)}${block(value, inner)}`
}

function nested(value: Json, indent: number, column: number): string {
  return isFilled(value) ? block(value, indent) : scalar(value, indent, column)
}

function scalar(value: Json, indent: number, column: number): string {
  switch (typeof value) {
    case 'string':
      return yamlString(value, indent, column)
    case 'number':
      return numberText(value)
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? '[]' : '{}'
    default:
      return String(value)
  }
}

/** Go's `FormatFloat(…, 'g', -1)` for what is not whole. */
function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return String(value)
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(value)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

const isLetter = (character: string): boolean => /\p{L}/u.test(character)

/** go-yaml's order of keys: letters after all else, numbers by their size. */
export function compareKeys(left: string, right: string): number {
  const [a, b] = [[...left], [...right]]
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at++
  const [one, other] = [a[at], b[at]]
  if (one === undefined || other === undefined) return a.length - b.length
  const [first, second] = [isLetter(one), isLetter(other)]
  if (first && second) return codeOf(one) - codeOf(other)
  if (first || second) return second ? -1 : 1
  const [m, n] = [numberAt(a, at), numberAt(b, at)]
  // Behind a number's first digits, zeros count
  const within = one === '0' || other === '0' ? followsNumber(a, at) : false
  const [x, y] = within ? [BigInt(`1${m}`), BigInt(`1${n}`)] : [BigInt(m || '0'), BigInt(n || '0')]
  if (x !== y) return x < y ? -1 : 1
  return m.length - n.length || codeOf(one) - codeOf(other)
}

const codeOf = (character: string): number => character.codePointAt(0) ?? 0

function numberAt(characters: readonly string[], from: number): string {
  return /^\d*/.exec(characters.slice(from).join(''))?.[0] ?? ''
}

function followsNumber(characters: readonly string[], at: number): boolean {
  const before = /\d*$/.exec(characters.slice(0, at).join(''))?.[0] ?? ''
  return /[1-9]/.test(before)
}
