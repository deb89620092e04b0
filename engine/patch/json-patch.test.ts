import { describe, expect, it } from 'vitest'
import { deepEqual } from '../objects/equal.ts'
import { formatPointer, type Path } from '../objects/paths.ts'
import { forSeeds } from '../objects/seeded.testing.ts'
import { applyJsonPatch, decodeJsonPatch, type JsonPatchOperation } from './json-patch.ts'
import { PatchError } from './patch-error.ts'

describe('applyJsonPatch', () => {
  const document = Object.freeze({ a: { b: 1, 'x/y': 2 }, list: Object.freeze([1, 2, 3]), none: null })

  it.each<[JsonPatchOperation, unknown]>([
    [
      { op: 'add', path: '/a/c', value: 3 },
      { ...document, a: { b: 1, 'x/y': 2, c: 3 } },
    ],
    [
      { op: 'add', path: '/list/-', value: 4 },
      { ...document, list: [1, 2, 3, 4] },
    ],
    [
      { op: 'add', path: '/list/0', value: 0 },
      { ...document, list: [0, 1, 2, 3] },
    ],
    [
      { op: 'add', path: '/list/-1', value: 4 },
      { ...document, list: [1, 2, 3, 4] },
    ],
    [
      { op: 'remove', path: '/a/x~1y' },
      { ...document, a: { b: 1 } },
    ],
    [
      { op: 'remove', path: '/list/-1' },
      { ...document, list: [1, 2] },
    ],
    [
      { op: 'replace', path: '/a/b', value: 5 },
      { ...document, a: { b: 5, 'x/y': 2 } },
    ],
    [
      { op: 'replace', path: '/a/new', value: 5 },
      { ...document, a: { b: 1, 'x/y': 2, new: 5 } },
    ],
    [{ op: 'replace', path: '', value: { z: 1 } }, { z: 1 }],
    [
      { op: 'move', from: '/a/b', path: '/b' },
      { ...document, a: { 'x/y': 2 }, b: 1 },
    ],
    [
      { op: 'copy', from: '/list', path: '/a/b' },
      { ...document, a: { b: [1, 2, 3], 'x/y': 2 } },
    ],
    [{ op: 'test', path: '/none' }, document],
    [{ op: 'test', path: '/list', value: [1, 2, 3] }, document],
    [
      { op: 'add', path: '/a/b' },
      { ...document, a: { b: null, 'x/y': 2 } },
    ],
  ])('does %j', (operation, result) => {
    expect(applyJsonPatch<unknown>(document, [operation])).toEqual(result)
  })

  it.each<[JsonPatchOperation, string]>([
    [{ op: 'put', path: '/a' }, 'Unexpected kind: put'],
    [{}, 'Unexpected kind: unknown'],
    [{ op: 'add' }, 'add operation failed to decode path: missing value'],
    [{ op: 'add', path: '' }, 'add operation does not apply: doc is missing path: "": missing value'],
    [{ op: 'add', path: '/q/r', value: 1 }, 'add operation does not apply: doc is missing path: "/q/r": missing value'],
    [
      { op: 'add', path: '/list/9', value: 1 },
      "error in add for path: '/list/9': Unable to access invalid index: 9: invalid index referenced",
    ],
    [
      { op: 'add', path: '/list/x', value: 1 },
      `error in add for path: '/list/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`,
    ],
    [
      { op: 'remove', path: '/a/q' },
      "error in remove for path: '/a/q': Unable to remove nonexistent key: q: missing value",
    ],
    [{ op: 'remove', path: '/q/r' }, 'remove operation does not apply: doc is missing path: "/q/r": missing value'],
    [
      { op: 'replace', path: '/list/7', value: 1 },
      'replace operation does not apply: doc is missing key: /list/7: missing value',
    ],
    [
      { op: 'replace', path: '/q/r', value: 1 },
      'replace operation does not apply: doc is missing path: /q/r: missing value',
    ],
    [{ op: 'test', path: '/a/b', value: 2 }, 'testing value /a/b failed: test failed'],
    [{ op: 'move', path: '/a' }, 'move operation failed to decode from: operation, missing from field: missing value'],
    [
      { op: 'move', from: '/q', path: '/a' },
      "error in move for path: 'q': Unable to remove nonexistent key: q: missing value",
    ],
    [
      { op: 'copy', from: '/q/r', path: '/a' },
      'copy operation does not apply: doc is missing from path: /q/r: missing value',
    ],
  ])('refuses %j as upstream does', (operation, sentence) => {
    expect(() => applyJsonPatch(document, [operation])).toThrow(new PatchError('unprocessable', sentence))
  })

  it('shares what it does not touch', () => {
    const patched = applyJsonPatch<Record<string, unknown>>(document, [{ op: 'add', path: '/a/c', value: 1 }])
    expect(patched.list).toBe(document.list)
  })

  it('stops copies that grow without bound', () => {
    const big = { a: 'x'.repeat(1024 * 1024) }
    const copies = ['b', 'c', 'd', 'e'].map((key) => ({ op: 'copy', from: '/a', path: `/${key}` }))
    expect(() => applyJsonPatch(big, copies)).toThrow(
      'Unable to complete the copy, the accumulated size increase of copy is 3145734, exceeding the limit 3145728',
    )
  })

  it('leads from any document to any other by their difference, and back', () => {
    forSeeds(1500, (seeded) => {
      const [from, to] = [seeded.fields(3, { nulls: true }), seeded.fields(3, { nulls: true })]
      const there = applyJsonPatch<unknown>(from, difference(from, to, []))
      expect(there).toEqual(to)
      expect(applyJsonPatch(there, difference(to, from, []))).toEqual(from)
    })
  })

  it('has a sentence for any patch', () => {
    forSeeds(4000, (seeded) => {
      const pointer = (): string =>
        seeded.pick(['', '/', '/a', '/a/b', '/a/0', '/b/-', '/b/-2', '/c/x~1y', 'a', '/m~0n/1'])
      const body = Array.from({ length: seeded.int(5) }, () =>
        seeded.chance(5)
          ? seeded.json(1, { nulls: true })
          : {
              op: seeded.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'x']),
              path: seeded.chance(95) ? pointer() : seeded.json(1),
              ...(seeded.chance(70) ? { from: pointer() } : {}),
              ...(seeded.chance(70) ? { value: seeded.json(2, { nulls: true }) } : {}),
            },
      )
      const document = seeded.fields(3, { nulls: true })
      const before = JSON.stringify(document)
      try {
        const { operations } = decodeJsonPatch(seeded.chance(97) ? body : seeded.json(1))
        applyJsonPatch(document, operations)
      } catch (error) {
        expect(error).toBeInstanceOf(PatchError)
        expect((error as PatchError).message).not.toBe('')
      }
      expect(JSON.stringify(document)).toBe(before)
    })
  })
})

/** The plainest patch from one value to the other; lists are replaced item by item from the end. */
function difference(from: unknown, to: unknown, path: Path): JsonPatchOperation[] {
  if (deepEqual(from, to)) return []
  if (isMap(from) && isMap(to)) {
    return [
      ...Object.keys(from)
        .filter((key) => !Object.hasOwn(to, key))
        .map((key) => ({ op: 'remove', path: formatPointer([...path, key]) })),
      ...Object.keys(to).flatMap((key) =>
        Object.hasOwn(from, key)
          ? difference(from[key], to[key], [...path, key])
          : [{ op: 'add', path: formatPointer([...path, key]), value: to[key] }],
      ),
    ]
  }
  if (Array.isArray(from) && Array.isArray(to) && path.length > 0) {
    const shared = Math.min(from.length, to.length)
    return [
      ...from
        .slice(shared)
        .map((_, index) => ({ op: 'remove', path: formatPointer([...path, from.length - 1 - index]) })),
      ...to.slice(0, shared).flatMap((item, index) => difference(from[index], item, [...path, index])),
      ...to.slice(shared).map((value) => ({ op: 'add', path: formatPointer([...path, '-']), value })),
    ]
  }
  return [{ op: 'replace', path: formatPointer(path), value: to }]
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

describe('decodeJsonPatch', () => {
  it.each([
    [{}, 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
    [['a'], 'error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp'],
    [
      [{ op: 'add', path: 1 }],
      'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.path of type string',
    ],
  ])('refuses %j', (body, sentence) => {
    expect(() => decodeJsonPatch(body)).toThrow(new PatchError('badRequest', sentence))
  })

  it('names unknown fields and counts operations', () => {
    expect(decodeJsonPatch([{ op: 'test', path: '/a', vaule: 1 }]).strictErrors).toEqual([
      'json patch unknown field "[0].vaule"',
    ])
    expect(() => decodeJsonPatch(Array(10_001).fill({ op: 'test', path: '/a' }))).toThrow(
      new PatchError('tooLarge', 'The allowed maximum operations in a JSON patch is 10000, got 10001'),
    )
  })
})
