import { describe, expect, it } from 'vitest'
import { forSeeds, type Seeded } from '../objects/seeded.testing.ts'
import { FieldSet } from './field-set.ts'
import { formatPath, keyElement, type PathElement, parseElement, valueElement } from './path-element.ts'

const elements: readonly PathElement[] = [
  'f:a',
  'f:b',
  'f:',
  keyElement(new Map<string, unknown>([['name', 'x']])),
  keyElement(
    new Map<string, unknown>([
      ['protocol', 'TCP'],
      ['containerPort', 80],
    ]),
  ),
  valueElement('a'),
  valueElement(3),
  'i:2',
]

function anySet(seeded: Seeded): FieldSet {
  const path = (): PathElement[] => Array.from({ length: 1 + seeded.int(3) }, () => seeded.pick(elements))
  return FieldSet.of(...Array.from({ length: seeded.int(8) }, path))
}

const texts = (set: FieldSet): Set<string> => new Set(set.paths().map((path) => path.join('\n')))

describe('FieldSet', () => {
  it('writes FieldsV1 as upstream orders it', () => {
    const set = FieldSet.of(
      ['f:spec', 'f:ports', 'k:{"containerPort":80,"protocol":"TCP"}', 'f:name'],
      ['f:spec', 'f:ports', 'k:{"containerPort":80,"protocol":"TCP"}'],
      ['f:spec', 'f:ports', 'k:{"containerPort":9,"protocol":"TCP"}'],
      ['f:metadata', 'f:labels', 'f:app'],
      ['f:metadata', 'f:labels'],
      ['f:spec', 'f:finalizers', 'v:"b"'],
      ['f:spec', 'f:finalizers', 'v:1'],
    )
    expect(JSON.stringify(set.toJson())).toBe(
      '{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:finalizers":{"v:1":{},"v:\\"b\\"":{}},"f:ports":{"k:{\\"containerPort\\":9,\\"protocol\\":\\"TCP\\"}":{},"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:name":{}}}}}',
    )
  })

  it('puts keys in order when it reads them, and passes over kinds that it does not know', () => {
    const set = FieldSet.fromJson({ 'k:{"b":1,"a":"<"}': {}, 'x:what': {}, 'f:a': { '.': {}, 'f:b': {} } })
    expect(set.has(['k:{"a":"\\u003c","b":1}'])).toBe(true)
    expect(set.has(['f:a'])).toBe(true)
    expect(set.has(['f:a', 'f:b'])).toBe(true)
    expect(set.paths()).toHaveLength(3)
  })

  it('prints paths as people read them', () => {
    expect(formatPath(['f:spec', 'f:containers', 'k:{"name":"web"}', 'f:image'])).toBe(
      '.spec.containers[name="web"].image',
    )
    expect(formatPath(['f:a', 'v:"x"', 'i:3', 'k:{"port":80,"protocol":"TCP"}'])).toBe(
      '.a[="x"][3][port=80,protocol="TCP"]',
    )
  })

  it('is read back as it was written', () => {
    forSeeds(2000, (seeded) => {
      const set = anySet(seeded)
      const again = FieldSet.fromJson(JSON.parse(JSON.stringify(set.toJson())))
      expect(again.equals(set)).toBe(true)
      expect(JSON.stringify(again.toJson())).toBe(JSON.stringify(set.toJson()))
    })
  })

  it('computes as sets of paths do', () => {
    forSeeds(2000, (seeded) => {
      const [a, b, c] = [anySet(seeded), anySet(seeded), anySet(seeded)]
      const before = JSON.stringify(a.toJson())
      expect(texts(a.union(b))).toEqual(new Set([...texts(a), ...texts(b)]))
      expect(texts(a.intersection(b))).toEqual(new Set([...texts(a)].filter((path) => texts(b).has(path))))
      expect(texts(a.difference(b))).toEqual(new Set([...texts(a)].filter((path) => !texts(b).has(path))))
      const below = (path: string): boolean =>
        [...texts(b)].some((gone) => path === gone || path.startsWith(`${gone}\n`))
      expect(texts(a.recursiveDifference(b))).toEqual(new Set([...texts(a)].filter((path) => !below(path))))
      expect(a.union(b).equals(b.union(a))).toBe(true)
      expect(a.intersection(b.union(c)).equals(a.intersection(b).union(a.intersection(c)))).toBe(true)
      expect(a.difference(b.union(c)).equals(a.difference(b).difference(c))).toBe(true)
      expect(a.difference(b).union(a.intersection(b)).equals(a)).toBe(true)
      expect(a.isEmpty()).toBe(texts(a).size === 0)
      expect(JSON.stringify(a.toJson())).toBe(before)
    })
  })

  it('has a sentence for any fields and any path element', () => {
    forSeeds(3000, (seeded) => {
      const text = seeded.text('fkvi:{}"a1,.- ', 8)
      const json = seeded.chance(50) ? { [text]: seeded.json(2, { nulls: true }) } : seeded.json(2, { nulls: true })
      for (const attempt of [() => parseElement(text), () => FieldSet.fromJson(json)]) {
        try {
          attempt()
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
          expect(error).not.toBeInstanceOf(TypeError)
          expect((error as Error).message).not.toBe('')
        }
      }
    })
  })

  it('refuses fields nested without end', () => {
    let json: object = {}
    for (let depth = 0; depth < 10_000; depth++) json = { 'f:a': json }
    expect(() => FieldSet.fromJson(json)).toThrow('fields must not be nested deeper than 500 levels')
  })
})
