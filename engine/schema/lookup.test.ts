import { expect, it } from 'vitest'
import type { TypeSchema } from '../objects/types.ts'
import { definitions } from './data.ts'
import { SchemaLookup } from './lookup.ts'

const lookup = new SchemaLookup()
const at = (kind: [string, string, string], ...path: string[]): TypeSchema | undefined =>
  path.reduce<TypeSchema | undefined>((type, name) => type?.field(name), lookup.schemaOf(...kind))

it('knows how the lists of a Pod are merged', () => {
  const containers = at(['apps', 'v1', 'Deployment'], 'spec', 'template', 'spec', 'containers')
  expect(containers).toMatchObject({
    type: 'array',
    listType: 'map',
    listMapKeys: ['name'],
    patchStrategy: ['merge'],
    patchMergeKey: 'name',
  })
  expect(containers?.items?.field('ports')?.listMapKeys).toEqual(['containerPort', 'protocol'])
  expect(at(['', 'v1', 'Pod'], 'spec', 'volumes')?.patchStrategy).toEqual(['merge', 'retainKeys'])
})

it('keeps the marks of the place beside those of the definition', () => {
  expect(at(['apps', 'v1', 'Deployment'], 'spec', 'strategy')?.patchStrategy).toEqual(['retainKeys'])
  expect(at(['apps', 'v1', 'Deployment'], 'spec', 'selector')?.mapType).toBe('atomic')
  expect(at(['', 'v1', 'Pod'], 'metadata', 'labels', 'any')?.type).toBe('string')
})

it('shares what it has made, and knows no kind that was not recorded', () => {
  expect(lookup.schemaOf('', 'v1', 'Pod')).toBe(lookup.schemaOf('', 'v1', 'Pod'))
  expect(lookup.schemaOf('', 'v2', 'Pod')).toBeUndefined()
  expect(at(['', 'v1', 'Pod'], 'spec', 'nonsense')).toBeUndefined()
})

it('finds every definition that another one refers to', () => {
  const seen = new Set<TypeSchema>()
  const walk = (type: TypeSchema | undefined): void => {
    if (type === undefined || seen.has(type) || seen.size > 20_000) return
    seen.add(type)
    for (const field of type.properties?.values() ?? []) walk(field)
    walk(type.items)
  }
  for (const name of definitions.keys()) {
    const type = lookup.named(name)
    expect(type, name).toBeDefined()
    for (const field of type?.properties?.values() ?? []) expect(field.type).toBeDefined()
  }
  walk(lookup.schemaOf('', 'v1', 'Pod'))
  expect(seen.size).toBeGreaterThan(200)
})
