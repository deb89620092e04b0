import { describe, expect, it } from 'vitest'
import type { FieldError } from './field-error.ts'
import { annotationErrors, labelErrors, labelSelectorErrors } from './label-errors.ts'

const texts = (errors: readonly FieldError[]): string[] => errors.map(({ field, body }) => `${field}: ${body}`)

describe('labels as fields', () => {
  it('are refused key by key and value by value', () => {
    const wrong = texts(labelErrors({ app: 'a b', '/x': 'y' }, 'metadata.labels'))
    expect(wrong[0]).toBe('metadata.labels: Invalid value: "/x": prefix part must be non-empty')
    expect(wrong[1]).toMatch(
      /^metadata\.labels: Invalid value: "a b": a valid label must be an empty string or consist of/,
    )
    expect(labelErrors({ 'example.com/App': '' }, 'metadata.labels')).toEqual([])
  })

  it('let annotations have any case and length up to a bound', () => {
    expect(annotationErrors({ 'Example.com/Note': 'any text' }, 'metadata.annotations')).toEqual([])
    expect(texts(annotationErrors({ a: 'x'.repeat(256 * 1024) }, 'metadata.annotations'))).toEqual([
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ])
  })

  it('are asked for by expressions that make sense', () => {
    const matchExpressions = [
      { key: 'a', operator: 'In' },
      { key: 'a', operator: 'Exists', values: ['x'] },
      { key: 'a', operator: 'Near', values: [] },
    ]
    expect(texts(labelSelectorErrors({ matchExpressions }, 'spec.selector'))).toEqual([
      "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      "spec.selector.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      'spec.selector.matchExpressions[2].operator: Invalid value: "Near": not a valid selector operator',
    ])
  })
})
