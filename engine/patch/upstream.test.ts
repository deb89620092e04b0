import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { withoutNulls } from './merge-patch.ts'
import { mergeSample } from './schema.testing.ts'
import { applyStrategicMergePatch } from './strategic-merge.ts'

interface Case {
  readonly document: object
  readonly patch: object
  readonly merged?: object
  readonly refused?: string
}

/** What apimachinery 0.34.4 made of random patches with all directives, one case a line. */
const cases = readFileSync(new URL('upstream-merges.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case)

describe('strategic merge patches that upstream was asked to apply', () => {
  it('give the same objects and the same refusals', () => {
    expect(cases.length).toBeGreaterThan(100)
    for (const { document, patch, merged, refused } of cases) {
      const apply = (): object => applyStrategicMergePatch(document, patch, mergeSample)
      const asked = JSON.stringify({ document, patch })
      if (refused === undefined) expect(withoutNulls(apply()), asked).toEqual(withoutNulls(merged))
      else expect(apply, asked).toThrow(expect.objectContaining({ message: refused }))
    }
  })
})
