import { describe, expect, it } from 'vitest'
import { forSeeds, type Seeded } from '../objects/seeded.testing.ts'
import { PatchError } from './patch-error.ts'
import { deploymentSchema, integer, listOf, mapOf, object, text } from './schema.testing.ts'
import { applyStrategicMergePatch } from './strategic-merge.ts'

const schema = object({
  name: text,
  map: mapOf(text),
  replaced: object({ a: text, b: text }, { patchStrategy: ['replace'] }),
  nested: object({ a: text, b: text, list: listOf(text, { patchStrategy: ['merge'] }) }),
  list: listOf(text),
  set: listOf(text, { patchStrategy: ['merge'] }),
  items: listOf(object({ name: text, value: text, n: integer, set: listOf(text, { patchStrategy: ['merge'] }) }), {
    patchStrategy: ['merge'],
    patchMergeKey: 'name',
  }),
  keyless: listOf(object({ a: text }), { patchStrategy: ['merge'] }),
})

const item = (name: string, value?: string) => (value === undefined ? { name } : { name, value })
const merge = (document: object, patch: unknown): unknown => applyStrategicMergePatch(document, patch, schema)

describe('applyStrategicMergePatch', () => {
  it.each<[string, object, object, object]>([
    ['merges maps', { map: { a: '1' } }, { map: { b: '2' } }, { map: { a: '1', b: '2' } }],
    ['takes out what is null', { map: { a: '1', b: '2' } }, { map: { a: null } }, { map: { b: '2' } }],
    ['leaves out nulls of what is new', {}, { map: { a: null, b: '2' } }, { map: { b: '2' } }],
    ['replaces lists without a strategy', { list: ['a'] }, { list: ['b'] }, { list: ['b'] }],
    [
      'replaces maps whose strategy says so',
      { replaced: { a: '1' } },
      { replaced: { b: '2' } },
      { replaced: { b: '2' } },
    ],
    ['merges lists of plain values', { set: ['a', 'b'] }, { set: ['c', 'a'] }, { set: ['c', 'a', 'b'] }],
    [
      'merges lists by key, in the order of the patch',
      { items: [item('a', '1'), item('b', '2')] },
      { items: [item('c', '3'), item('a', '9')] },
      { items: [item('c', '3'), item('a', '9'), item('b', '2')] },
    ],
    [
      'deletes an item',
      { items: [item('a'), item('b')] },
      { items: [{ $patch: 'delete', name: 'a' }] },
      { items: [item('b')] },
    ],
    [
      'replaces a list',
      { items: [item('a'), item('b')] },
      { items: [{ $patch: 'replace' }, item('c')] },
      { items: [item('c')] },
    ],
    ['empties a list', { items: [item('a')] }, { items: [{ $patch: 'replace' }] }, { items: [] }],
    [
      'replaces a map',
      { nested: { a: '1', b: '2' } },
      { nested: { $patch: 'replace', b: '3' } },
      { nested: { b: '3' } },
    ],
    ['empties a map', { nested: { a: '1' } }, { nested: { $patch: 'delete' } }, { nested: {} }],
    ['does not keep a directive where nothing was', {}, { nested: { $patch: 'delete' }, name: 'x' }, { name: 'x' }],
    [
      'takes plain values out',
      { set: ['a', 'b', 'c'] },
      { '$deleteFromPrimitiveList/set': ['a', 'c'] },
      { set: ['b'] },
    ],
    [
      'keeps only the keys listed',
      { nested: { a: '1', b: '2' } },
      { nested: { $retainKeys: ['b'], b: '3' } },
      { nested: { b: '3' } },
    ],
    [
      'orders items as told',
      { items: [item('a'), item('b'), item('c')] },
      { '$setElementOrder/items': [item('c'), item('a')] },
      { items: [item('b'), item('c'), item('a')] },
    ],
    [
      'orders and merges at once, what only the server has kept in its place',
      { items: [item('a', '1'), item('server'), item('b', '2')] },
      {
        '$setElementOrder/items': [item('b'), item('new'), item('a')],
        items: [item('new', 'n'), item('a', '9'), { $patch: 'delete', name: 'gone' }],
      },
      { items: [item('server'), item('b', '2'), item('new', 'n'), item('a', '9')] },
    ],
    [
      'orders plain values',
      { set: ['a', 'b', 'c'] },
      { '$setElementOrder/set': ['d', 'c', 'a'], set: ['d'], '$deleteFromPrimitiveList/set': ['b'] },
      { set: ['d', 'c', 'a'] },
    ],
    [
      'keeps what only the server has where upstream’s list, changed in place, has it',
      { items: [item('a'), item('b'), item('c')] },
      { '$setElementOrder/items': [item('d'), item('b')], items: [{ $patch: 'delete', name: 'a' }, item('d')] },
      { items: [item('c'), item('d'), item('b')] },
    ],
    ['takes a value of another type', { nested: { a: '1' } }, { nested: 'x' }, { nested: 'x' }],
  ])('%s', (_, document, patch, merged) => {
    expect(merge(document, patch)).toEqual(merged)
  })

  it.each<[object, unknown, PatchError]>([
    [
      {},
      [1],
      new PatchError('badRequest', 'json: cannot unmarshal array into Go value of type map[string]interface {}'),
    ],
    [
      { nested: { a: '1' } },
      { nested: { $patch: 'shred', a: '2' } },
      new PatchError('failed', 'unknown patch type: shred in map: map[$patch:shred a:2]'),
    ],
    [
      { items: [item('a')] },
      { items: [{ value: 'x' }] },
      new PatchError('failed', 'map: map[value:x] does not contain declared merge key: name'),
    ],
    [
      { items: [item('a')] },
      { items: [{ $patch: 'merge', name: 'a' }] },
      new PatchError('failed', 'merging lists cannot yet be specified in the patch'),
    ],
    [
      { keyless: [{ a: '1' }] },
      { keyless: [{ a: '2' }] },
      new PatchError('failed', 'cannot merge lists without merge key for struct'),
    ],
    [
      { nested: { a: '1' } },
      { nested: { $retainKeys: ['a'], b: '2' } },
      new PatchError('badRequest', 'invalid patch format of retainKeys'),
    ],
    [{}, { $retainKeys: 'a' }, new PatchError('badRequest', 'invalid patch format of retainKeys')],
    [{}, { '$setElementOrder-x': [] }, new PatchError('badRequest', 'invalid patch format of setElementOrder list')],
    [{}, { $deleteFromPrimitiveList: [] }, new PatchError('badRequest', 'invalid patch format of primitive list')],
    [
      { items: [item('a')] },
      { '$setElementOrder/items': [item('a')], items: [item('b')] },
      new PatchError(
        'failed',
        "The order in patch list:\n[map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n",
      ),
    ],
    [{ set: [] }, { set: [['b']] }, new PatchError('unprocessable', 'lists of lists are not supported')],
    [{ set: ['a'] }, { set: [1] }, new PatchError('failed', 'list element types are not identical: [[a] [1]]')],
  ])('on %j refuses %j as upstream does', (document, patch, error) => {
    expect(() => merge(document, patch)).toThrow(error)
    try {
      merge(document, patch)
    } catch (thrown) {
      expect((thrown as PatchError).reason).toBe(error.reason)
    }
  })

  it('does what `kubectl set image` asks for', () => {
    const live = {
      spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:1', args: ['-g'] }, { name: 'side' }] } } },
    }
    const patch = {
      spec: {
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'web' }, { name: 'side' }],
            containers: [{ image: 'nginx:2', name: 'web' }],
          },
        },
      },
    }
    expect(applyStrategicMergePatch(live, patch, deploymentSchema)).toEqual({
      spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:2', args: ['-g'] }, { name: 'side' }] } } },
    })
  })

  it('applied twice is applied once, and leaves the document and the patch alone', () => {
    forSeeds(3000, (seeded) => {
      const [document, patch] = [documentOf(seeded), patchOf(seeded)]
      const before = JSON.stringify([document, patch])
      const once = merge(document, patch) as object
      expect(JSON.stringify([document, patch])).toBe(before)
      expect(merge(once, patch)).toEqual(once)
    })
  })

  it('holds what a plain model of maps and sets says', () => {
    forSeeds(3000, (seeded) => {
      const [document, patch] = [documentOf(seeded), patchOf(seeded)]
      expect(unordered(merge(document, patch))).toEqual(unordered(model(document, patch)))
    })
  })

  it('keeps the order of the live list for what the patch does not name, and of the patch for what it does', () => {
    forSeeds(2000, (seeded) => {
      const names = seeded.shuffled(['a', 'b', 'c', 'd', 'e'])
      const live = seeded.some(names, 70)
      const named = seeded.some(seeded.shuffled(names), 50)
      const { items = [] } = merge(
        { items: live.map((name) => item(name)) },
        { items: named.map((name) => item(name)) },
      ) as { items?: { name: string }[] }
      const result = items.map(({ name }) => name)
      expect(result.filter((name) => named.includes(name))).toEqual(named)
      expect(result.filter((name) => !named.includes(name))).toEqual(live.filter((name) => !named.includes(name)))
    })
  })

  it('has a sentence for any patch', () => {
    forSeeds(4000, (seeded) => {
      const patch: Record<string, unknown> = { ...patchOf(seeded) }
      const keys = ['map', 'nested', 'set', 'items', '$patch', '$retainKeys', '$setElementOrder/items']
      for (const key of seeded.some([...keys, '$deleteFromPrimitiveList/set', '$setElementOrder/x', 'unknown'], 20)) {
        patch[key] = seeded.json(2, { nulls: true })
      }
      try {
        merge(documentOf(seeded), patch)
      } catch (error) {
        expect(error).toBeInstanceOf(PatchError)
        expect((error as PatchError).message).not.toBe('')
      }
    })
  })
})

interface Sample {
  readonly map?: Record<string, string | null>
  readonly set?: string[]
  readonly items?: { name: string; value?: string | null; set?: string[]; $patch?: string }[]
  readonly nested?: Record<string, unknown> | null
}

function documentOf(seeded: Seeded): Sample {
  const names = seeded.some(seeded.shuffled(['a', 'b', 'c', 'd']))
  return {
    ...(seeded.chance(60)
      ? { map: Object.fromEntries(seeded.some(['a', 'b', 'c']).map((key) => [key, seeded.pick(['1', '2'])])) }
      : {}),
    ...(seeded.chance(60) ? { set: seeded.some(seeded.shuffled(['a', 'b', 'c', 'd'])) } : {}),
    ...(seeded.chance(80)
      ? { items: names.map((name) => ({ name, value: seeded.pick(['1', '2']), set: seeded.some(['x', 'y']) })) }
      : {}),
    ...(seeded.chance(50) ? { nested: { a: '1', list: seeded.some(['p', 'q']) } } : {}),
  }
}

function patchOf(seeded: Seeded): Sample {
  const document = documentOf(seeded)
  return {
    ...document,
    ...(document.map === undefined ? {} : { map: { ...document.map, ...(seeded.chance(50) ? { a: null } : {}) } }),
    ...(document.items === undefined
      ? {}
      : {
          items: document.items.map((one) =>
            seeded.chance(25)
              ? { name: one.name, $patch: 'delete' }
              : seeded.chance(20)
                ? { ...one, value: null }
                : one,
          ),
        }),
    ...(seeded.chance(10) ? { nested: null } : {}),
  }
}

/** What a patch without ordering means, said with maps and sets. */
function model(document: Sample, patch: Sample): Sample {
  const items = new Map((document.items ?? []).map((one) => [one.name, one]))
  for (const change of patch.items ?? []) {
    const live = items.get(change.name)
    // A delete where there is no list to delete from is dropped as well.
    if (change.$patch === 'delete') items.delete(change.name)
    else {
      const merged = { ...live, ...change, set: [...new Set([...(live?.set ?? []), ...(change.set ?? [])])] }
      if (live?.set === undefined && change.set === undefined) Reflect.deleteProperty(merged, 'set')
      items.set(change.name, merged)
    }
  }
  const nested = patch.nested === null ? undefined : { ...document.nested, ...patch.nested }
  const lists = [document.nested?.list, patch.nested?.list].filter(Array.isArray)
  return {
    ...document,
    ...patch,
    ...(document.map === undefined && patch.map === undefined ? {} : { map: { ...document.map, ...patch.map } }),
    ...(document.set === undefined && patch.set === undefined
      ? {}
      : { set: [...new Set([...(document.set ?? []), ...(patch.set ?? [])])] }),
    ...(document.items === undefined && patch.items === undefined ? {} : { items: [...items.values()] }),
    nested:
      nested === undefined || (document.nested === undefined && patch.nested === undefined)
        ? null
        : { ...nested, list: [...new Set(lists.flat())] },
  }
}

/** Nulls left out, lists as sorted text. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => JSON.stringify(unordered(one))).sort()
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== null)
      .map(([key, one]) => [key, unordered(one)] as const)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  )
}
