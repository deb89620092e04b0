import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { LabelSelector } from './label-selector.ts'
import { Quantity } from './quantity.ts'

/** What apimachinery 0.34.4 answered to random texts, one case a line. */
function recorded<T>(file: string): T[] {
  const lines = readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => JSON.parse(line) as T)
}

interface Case {
  readonly text: string
  readonly refused?: string
  readonly written?: string
}

describe('texts that upstream was asked about', () => {
  it('are the same quantities', () => {
    const cases = recorded<Case & { value: number; milli: number; format: string }>('upstream-quantities.jsonl')
    expect(cases.length).toBeGreaterThan(300)
    for (const { text, refused, written, value, milli, format } of cases) {
      const quantity = Quantity.tryParse(text)
      if (typeof quantity === 'string') {
        expect(quantity, text).toBe(refused)
        continue
      }
      expect(quantity.toString(), text).toBe(written)
      expect([quantity.value(), quantity.milliValue(), quantity.format], text).toEqual([value, milli, format])
    }
  })

  it('are the same label selectors', () => {
    const cases = recorded<Case>('upstream-label-selectors.jsonl')
    expect(cases.length).toBeGreaterThan(300)
    for (const { text, refused, written } of cases) {
      if (refused === undefined) expect(LabelSelector.parse(text).toString(), text).toBe(written)
      else expect(() => LabelSelector.parse(text), text).toThrow(new Error(refused))
    }
  })
})
