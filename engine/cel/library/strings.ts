import { goQuote } from '../../objects/go-quote.ts'
import type { Declarations } from '../environment.ts'
import { EvaluationError, List, type Value } from '../values.ts'
import { formatText } from './format-text.ts'

const letters = (value: Value | undefined): string[] => [...(value as string)]

function indexError(at: bigint): EvaluationError {
  return new EvaluationError(`index out of range: ${at}`)
}

function indexOf(text: readonly string[], part: readonly string[], from: bigint): bigint {
  if (part.length === 0) return from
  if (from < 0n || from > BigInt(text.length)) throw indexError(from)
  for (let at = Number(from); at <= text.length - part.length; at++) {
    if (part.every((letter, offset) => text[at + offset] === letter)) return BigInt(at)
  }
  return -1n
}

function lastIndexOf(text: readonly string[], part: readonly string[], from: bigint): bigint {
  if (part.length === 0) return from
  if (from < 0n || from > BigInt(text.length)) throw indexError(from)
  for (let at = Math.min(Number(from), text.length - part.length); at >= 0; at--) {
    if (part.every((letter, offset) => text[at + offset] === letter)) return BigInt(at)
  }
  return -1n
}

/** As Go's `strings.SplitN`. */
function split(text: string, separator: string, most: bigint): List {
  if (most === 0n) return new List([])
  const parts = separator === '' ? [...text] : text.split(separator)
  if (most < 0n || parts.length <= Number(most)) return new List(parts)
  const head = parts.slice(0, Number(most) - 1)
  return new List([...head, parts.slice(Number(most) - 1).join(separator)])
}

/** As Go's `strings.Replace`. */
function replace(text: string, old: string, by: string, most: bigint): string {
  if (most < 0n) return text.replaceAll(old, () => by)
  let result = ''
  let from = 0
  const runes = old === '' ? [...text] : []
  if (old === '') {
    const count = Math.min(Number(most), runes.length + 1)
    return runes.reduce((sum, rune, at) => sum + (at < count ? by : '') + rune, '') + (count > runes.length ? by : '')
  }
  for (let count = 0n; count < most; count++) {
    const at = text.indexOf(old, from)
    if (at === -1) break
    result += text.slice(from, at) + by
    from = at + old.length
  }
  return result + text.slice(from)
}

function substring(text: readonly string[], start: bigint, end: bigint): string {
  if (start > end) throw new EvaluationError(`invalid substring range. start: ${start}, end: ${end}`)
  if (start < 0n || start > BigInt(text.length)) throw indexError(start)
  if (end < 0n || end > BigInt(text.length)) throw indexError(end)
  return text.slice(Number(start), Number(end)).join('')
}

function join(list: Value | undefined, separator: string): string {
  return (list as List).items
    .map((item) => {
      if (typeof item !== 'string') throw new EvaluationError(`join: invalid input: ${String(item)}`)
      return item
    })
    .join(separator)
}

const upper = (text: string): string => text.replace(/[a-z]/g, (letter) => letter.toUpperCase())
const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

const cost = (value: Value | undefined): number => Math.ceil(((value as string | undefined)?.length ?? 0) / 10)

/** What CEL itself and cel-go's strings extension (version 2) can do with text. */
export const strings: Declarations = {
  'string => contains(string): bool': ([text, part], work) => {
    work.spend(cost(text))
    return (text as string).includes(part as string)
  },
  'string => endsWith(string): bool': ([text, part]) => (text as string).endsWith(part as string),
  'string => startsWith(string): bool': ([text, part]) => (text as string).startsWith(part as string),
  'string => matches(string): bool': ([text, pattern], work) => {
    work.spend(1 + cost(text) * Math.ceil((pattern as string).length / 4))
    return work.regex(pattern as string).test(text as string)
  },
  'matches(string, string): bool': ([text, pattern], work) => {
    work.spend(1 + cost(text) * Math.ceil((pattern as string).length / 4))
    return work.regex(pattern as string).test(text as string)
  },
  'string => charAt(int): string': ([text, at]) => {
    const all = letters(text)
    if ((at as bigint) < 0n || (at as bigint) > BigInt(all.length)) throw indexError(at as bigint)
    return all[Number(at)] ?? ''
  },
  'string => indexOf(string): int': ([text, part]) => indexOf(letters(text), letters(part), 0n),
  'string => indexOf(string, int): int': ([text, part, from]) => indexOf(letters(text), letters(part), from as bigint),
  'string => lastIndexOf(string): int': ([text, part]) => {
    const all = letters(text)
    return part === '' ? BigInt(all.length) : lastIndexOf(all, letters(part), BigInt(all.length))
  },
  'string => lastIndexOf(string, int): int': ([text, part, from]) =>
    lastIndexOf(letters(text), letters(part), from as bigint),
  'string => lowerAscii(): string': ([text]) => lower(text as string),
  'string => upperAscii(): string': ([text]) => upper(text as string),
  'string => replace(string, string): string': ([text, old, by], work) => {
    const result = replace(text as string, old as string, by as string, -1n)
    work.spend(cost(result))
    return result
  },
  'string => replace(string, string, int): string': ([text, old, by, most], work) => {
    const result = replace(text as string, old as string, by as string, most as bigint)
    work.spend(cost(result))
    return result
  },
  'string => split(string): list(string)': ([text, separator]) => split(text as string, separator as string, -1n),
  'string => split(string, int): list(string)': ([text, separator, most]) =>
    split(text as string, separator as string, most as bigint),
  'string => substring(int): string': ([text, start]) => {
    const all = letters(text)
    if ((start as bigint) < 0n || (start as bigint) > BigInt(all.length)) throw indexError(start as bigint)
    return all.slice(Number(start)).join('')
  },
  'string => substring(int, int): string': ([text, start, end]) =>
    substring(letters(text), start as bigint, end as bigint),
  'string => trim(): string': ([text]) => (text as string).replace(/^[\s\u0085]+|[\s\u0085]+$/g, ''),
  'string => format(list(dyn)): string': ([text, values]) => formatText(text as string, (values as List).items),
  'strings.quote(string): string': ([text]) => goQuote(text as string),
  'list(string) => join(): string': ([list], work) => {
    const result = join(list, '')
    work.spend(cost(result))
    return result
  },
  'list(string) => join(string): string': ([list, separator], work) => {
    const result = join(list, separator as string)
    work.spend(cost(result))
    return result
  },
}
