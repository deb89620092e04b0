import { goQuote } from '../../objects/go-quote.ts'

/** Indexes of a Job's Pods as text: `1,3-5,7`. */

/** How many there are. @throws Error with upstream's sentence. */
export function countIndexes(text: string, completions: number): number {
  let total = 0
  let last: number | undefined
  for (const { first, end } of text === '' ? [] : text.split(',').map((part) => interval(part, completions))) {
    if (last !== undefined && last >= first) {
      throw new Error(`non-increasing order, previous: ${last}, current: ${first}`)
    }
    total += end - first + 1
    last = end
  }
  return total
}

interface Interval {
  readonly first: number
  readonly end: number
}

function interval(text: string, completions: number): Interval {
  const parts = text.split('-')
  if (parts.length > 2) {
    const rule = "violates the requirement that an index interval can have at most two parts separated by '-'"
    throw new Error(`the fragment ${goQuote(text)} ${rule}`)
  }
  const [first, end] = parts.map((part) => index(part, completions)) as [number, number | undefined]
  if (end === undefined) return { first, end: first }
  if (first >= end) throw new Error(`non-increasing order, previous: ${first}, current: ${end}`)
  return { first, end }
}

function index(text: string, completions: number): number {
  if (!/^[-+]?[0-9]+$/.test(text)) throw new Error(`cannot convert string to integer for index: ${goQuote(text)}`)
  const value = Number(text)
  if (value >= completions) throw new Error(`too large index: ${goQuote(text)}`)
  return value
}

/** The first index that is in both; intervals that cannot be read are passed over. */
export function overlap(one: string, other: string, completions: number): number | undefined {
  const [left, right] = [readable(one, completions), readable(other, completions)]
  let [i, j] = [0, 0]
  while (i < left.length && j < right.length) {
    const [a, b] = [left[i] as Interval, right[j] as Interval]
    if (a.first <= b.end && b.first <= a.end) return Math.max(a.first, b.first)
    if (a.first <= b.first) i++
    else j++
  }
  return undefined
}

function readable(text: string, completions: number): Interval[] {
  if (text === '') return []
  return text.split(',').flatMap((part) => {
    try {
      return [interval(part, completions)]
    } catch {
      return []
    }
  })
}
