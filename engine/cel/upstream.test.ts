import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dynamicValue } from './json.ts'
import { kubernetesEnvironment } from './kubernetes.ts'
import { compile } from './program.ts'
import { CompileError } from './source.ts'
import { dyn, formatType, int, listOf, mapOf, string } from './types.ts'
import { isMap, List, Optional, type Value } from './values.ts'

interface Case {
  readonly expr: string
  readonly compile?: string
  readonly type?: string
  readonly error?: string
  readonly program?: string
  readonly value?: unknown
}

const environment = kubernetesEnvironment().withVariables({
  x: int,
  s: string,
  d: dyn,
  l: listOf(string),
  m: mapOf(string, int),
})
const variables: Readonly<Record<string, Value>> = {
  x: 3n,
  s: 'abc',
  d: dynamicValue({ a: 1, b: 'two', c: [1, 2.5] }),
  l: new List(['a', 'b']),
  m: dynamicValue({ k: 1 }),
}

function toJson(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof List) return value.items.map(toJson)
  if (isMap(value)) {
    return Object.fromEntries([...value.keys()].map((key) => [String(key), toJson(value.get(key) as Value)]))
  }
  return undefined
}

function answer(expr: string): Omit<Case, 'expr'> {
  try {
    const program = compile(expr, environment)
    const type = formatType(program.type)
    try {
      const value = program.run((name) => variables[name])
      return { type, value: value instanceof Optional ? undefined : toJson(value) }
    } catch (error) {
      return { type, error: (error as Error).message }
    }
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    return { compile: error.message }
  }
}

describe('expressions that Kubernetes 1.34 was asked about', () => {
  const cases = readFileSync(new URL('upstream.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Case)

  it.each(cases)('$expr', ({ expr, ...recorded }) => {
    const ours = answer(expr)
    if (recorded.program !== undefined) {
      expect(ours.error).toBe(recorded.program)
      return
    }
    expect(ours.compile).toBe(recorded.compile)
    expect(ours.error).toBe(recorded.error)
    if (recorded.compile === undefined) expect(ours.type).toBe(recorded.type)
    if (ours.value !== undefined) expect(ours.value).toEqual(recorded.value)
  })
})
