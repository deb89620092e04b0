import { describe, expect, it } from 'vitest'
import { forSeeds } from '../objects/seeded.testing.ts'
import { applyMergePatch } from './merge-patch.ts'
import { PatchError } from './patch-error.ts'

describe('applyMergePatch', () => {
  it.each([
    [{ a: 1 }, { a: 2, b: 3 }, { a: 2, b: 3 }],
    [{ a: 1, b: 2 }, { a: null }, { b: 2 }],
    [{ a: { b: 1 } }, { a: { c: 2 } }, { a: { b: 1, c: 2 } }],
    [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
    [{}, { a: { b: { c: null } } }, { a: { b: {} } }],
    [{ a: 'x' }, { a: { b: 1, c: null } }, { a: { b: 1 } }],
    [{ a: { b: 1 } }, { a: [1] }, { a: [1] }],
    [{}, { a: [{ b: null, c: 1 }, null] }, { a: [{ c: 1 }, null] }],
  ])('merges into %j the patch %j', (document, patch, merged) => {
    expect(applyMergePatch(document, patch)).toEqual(merged)
  })

  it('refuses what is no map', () => {
    expect(() => applyMergePatch({}, [1])).toThrow(
      new PatchError(
        'badRequest',
        'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
      ),
    )
  })

  it('gives the same object back where nothing changes', () => {
    const document = Object.freeze({ a: Object.freeze({ b: 1 }) })
    expect(applyMergePatch(document, { a: { b: 1 }, c: null })).toBe(document)
  })

  it('keeps the laws: twice is once, the empty patch changes nothing, and a patch can lead anywhere without nulls', () => {
    forSeeds(2000, (seeded) => {
      const document = seeded.fields(3)
      const patch = seeded.fields(3, { nulls: true, lists: false })
      const once = applyMergePatch(document, patch)
      expect(applyMergePatch(once, patch)).toEqual(once)
      expect(applyMergePatch(document, {})).toBe(document)
      const target = seeded.fields(3)
      expect(applyMergePatch(document, difference(document, target))).toEqual(target)
    })
  })
})

function difference(from: Record<string, unknown>, to: Record<string, unknown>): Record<string, unknown> {
  const patch: Record<string, unknown> = {}
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null
  for (const [key, value] of Object.entries(to)) {
    const before = from[key]
    patch[key] = isMap(before) && isMap(value) ? difference(before, value) : value
  }
  return patch
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
