import { describe, expect, it } from 'vitest'
import { compactDefinition, expand, longName, type OpenApiSchema, referencesOf, shortName } from './compact.ts'
import { definitions } from './data.ts'

describe('compact definitions', () => {
  it('come back as they were, but for the prose', () => {
    const written: OpenApiSchema = {
      description: 'Prose.',
      type: 'object',
      required: ['spec'],
      properties: {
        spec: {
          description: 'More prose.',
          allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.PodSpec' }],
          default: {},
        },
        labels: { type: 'object', additionalProperties: { type: 'string', default: '' } },
        owners: {
          type: 'array',
          items: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference' },
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['uid'],
        },
      },
    }
    const { spec, labels, owners } = written.properties ?? {}
    const { description: _, ...bareSpec } = spec ?? {}
    const back = expand(compactDefinition(written, undefined))
    expect(back).toEqual({ type: 'object', required: ['spec'], properties: { spec: bareSpec, labels, owners } })
  })

  it('are the same after a second round, every one of them', () => {
    expect(definitions.size).toBeGreaterThan(500)
    for (const definition of definitions.values()) {
      expect(compactDefinition(expand(definition), undefined)).toEqual(definition)
    }
  })

  it('refer to definitions that are there', () => {
    for (const [name, definition] of definitions) {
      for (const reference of referencesOf(definition))
        expect(definitions.has(reference), `${name}: ${reference}`).toBe(true)
      expect(shortName(longName(name))).toBe(name)
    }
  })

  it('take descriptions for themselves and for their fields', () => {
    const described = expand({ type: 'object', properties: { image: { type: 'string' } } }, (field) =>
      field === 'image' ? 'What to run.' : 'A container.',
    )
    expect(described).toMatchObject({
      description: 'A container.',
      properties: { image: { description: 'What to run.' } },
    })
  })
})
