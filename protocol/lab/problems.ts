/** Says what is wrong with a lab.yaml in words that its author can act on. */
import type { z } from 'zod'
import type { Path } from './positions.ts'

/** One thing that is wrong, without its place in the file. */
export interface Complaint {
  path: Path
  found: string
  expected: string
}

type Issue = z.core.$ZodIssue
type Schema = z.core.$ZodType

/** What zod found, as complaints: several for one issue where several keys are unknown. */
export function complaints(schema: Schema, value: unknown, issues: readonly Issue[], at: Path = []): Complaint[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...(issue.path as (string | number)[])]
    const found = valueAt(value, path)
    if (issue.code === 'invalid_union') return unionComplaints(schema, value, issue, path, found)
    if (issue.code === 'unrecognized_keys') {
      const known = keysOf(schemaAt(schema, value, path))
      return issue.keys.map((key) => ({
        path: [...path, key],
        found: `the unknown field ${quoted(key)}`,
        expected: didYouMean(key, known),
      }))
    }
    const what = expectation(issue)
    const about = found === undefined ? schemaAt(schema, value, path)?.description : undefined
    return [
      {
        path,
        found: found === undefined ? 'nothing' : shown(found),
        expected: about === undefined ? what : `${what} (${about})`,
      },
    ]
  })
}

/** The issues of the branch that was meant, as its own key tells; of no branch if no key or more than one tells. */
function unionComplaints(
  schema: Schema,
  value: unknown,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  found: unknown,
): Complaint[] {
  const options = optionsOf(unwrapped(schemaAt(schema, value, path, false)))
  const marks = options.map((option) => keysOf(option)[0])
  if (!options.every((option) => keysOf(option).length > 0)) {
    // Of plain values (a port: number or name), the first branch of the value's own type has the most to say.
    const own = issue.errors.find((errors) => !errors.some((inner) => inner.code === 'invalid_type'))
    if (own) return complaints(schema, value, own, path)
    const words = issue.errors.flat().map((inner) => expectation(inner))
    return [{ path, found: found === undefined ? 'nothing' : shown(found), expected: words.join(', or ') }]
  }
  const present = isRecord(found) ? marks.filter((mark) => mark !== undefined && mark in found) : []
  if (present.length === 1) return complaints(schema, value, issue.errors[marks.indexOf(present[0])] ?? [], path)
  const words = marks.map((mark) => quoted(String(mark))).join(', ')
  if (present.length > 1) {
    const both = present.map((mark) => quoted(String(mark))).join(' and ')
    return [{ path, found: both, expected: `one of ${words} in each check` }]
  }
  const keys = isRecord(found) ? Object.keys(found) : []
  const near = keys.map((key) => nearest(key, marks.map(String))).find((mark) => mark !== undefined)
  return [
    {
      path,
      found: !isRecord(found) ? shown(found) : keys.length ? `only ${keys.map(quoted).join(', ')}` : 'no fields',
      expected: `one of ${words}${near === undefined ? '' : `; did you mean ${quoted(near)}?`}`,
    },
  ]
}

const typeWords: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'fields (name: value)',
  record: 'fields (name: value)',
  array: 'a list (lines that begin with "- ")',
}

/** What was expected, in words; the schema's own message where it has one. */
function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords[issue.expected] ?? issue.expected
    case 'too_small':
      if (issue.origin === 'string') return 'a text that is not empty'
      if (issue.origin === 'array')
        return Number(issue.minimum) === 1 ? 'at least one item' : `at least ${issue.minimum} items`
      return `at least ${issue.minimum}`
    case 'too_big':
      return `at most ${issue.maximum}${issue.origin === 'array' ? ' items' : ''}`
    case 'invalid_value':
      return `one of ${issue.values.map((one) => quoted(String(one))).join(', ')}`
    case 'invalid_format':
      return issue.format === 'starts_with'
        ? `a text that begins with ${quoted(String((issue as { prefix?: string }).prefix))}`
        : issue.message.replace(/^expected /, '')
    default:
      return issue.message.replace(/^expected /, '')
  }
}

/** A value of the file as it is quoted in a message: short, and never over several lines. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length ? 'a list' : 'an empty list'
  if (isRecord(value)) return 'fields'
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 59)}…"` : text
}

export const quoted = (text: string) => `"${text}"`

function didYouMean(key: string, known: readonly string[]): string {
  const near = nearest(key, known)
  if (near !== undefined) return `a known field; did you mean ${quoted(near)}?`
  return known.length ? `one of ${known.map(quoted).join(', ')}` : 'no field of that name'
}

/** The known word that differs by the fewest letters, if it differs by few enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined
}

/** Damerau-Levenshtein in its restricted form: letters inserted, left out, changed, or two swapped. */
function distance(a: string, b: string): number {
  const rows: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i])
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
  for (let j = 0; j <= b.length; j++) (rows[0] as number[])[j] = j
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      const swap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY
      ;(rows[i] as number[])[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + change, swap)
    }
  return at(a.length, b.length)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function valueAt(value: unknown, path: Path): unknown {
  let here = value
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined
    here = (here as Record<string | number, unknown>)[part]
  }
  return here
}

// The part of zod's definitions that labs' schemas use.
interface Definition {
  type: string
  innerType?: Schema
  shape?: Record<string, Schema>
  element?: Schema
  options?: Schema[]
  valueType?: Schema
}

const definition = (schema: Schema) => schema._zod.def as unknown as Definition

function unwrapped(schema: Schema | undefined): Schema | undefined {
  let here = schema
  for (;;) {
    const inner: Schema | undefined = here && definition(here).innerType
    if (!inner) return here
    here = inner
  }
}

const keysOf = (schema: Schema | undefined): string[] => {
  const here = unwrapped(schema)
  return here ? Object.keys(definition(here).shape ?? {}) : []
}

const optionsOf = (schema: Schema | undefined): Schema[] => (schema && definition(schema).options) ?? []

/** The schema of a field; of a union, the branch whose own key the value has. Carries its description. */
function schemaAt(
  root: Schema,
  value: unknown,
  path: Path,
  branch = true,
): (Schema & { description?: string }) | undefined {
  let here: Schema | undefined = root
  path.forEach((part, depth) => {
    const inner = branchOf(unwrapped(here), valueAt(value, path.slice(0, depth)))
    const def: Definition | undefined = inner && definition(inner)
    here = def?.shape?.[String(part)] ?? def?.element ?? def?.valueType
  })
  return branch ? described(here, valueAt(value, path)) : here
}

function branchOf(schema: Schema | undefined, value: unknown): Schema | undefined {
  const options = optionsOf(schema)
  if (options.length === 0) return schema
  return options.find((option) => {
    const mark = keysOf(option)[0]
    return mark !== undefined && isRecord(value) && mark in value
  })
}

const described = (schema: Schema | undefined, value: unknown): Schema | undefined =>
  optionsOf(unwrapped(schema)).length ? (branchOf(unwrapped(schema), value) ?? schema) : schema
