import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { kubernetesEnvironment } from '../cel/kubernetes.ts'
import type { JsonSchema } from './json-schema.ts'
import { schemaErrors } from './schema-validation.ts'

interface Recorded {
  readonly rule?: string
  readonly schema?: JsonSchema
  readonly causes: readonly string[]
}

const [first, ...lines] = readFileSync(new URL('upstream-costs.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
const { properties } = JSON.parse(first ?? '') as { properties: Readonly<Record<string, JsonSchema>> }
const recorded = lines.map((line) => JSON.parse(line) as Recorded)
const environment = kubernetesEnvironment()

const withRule = (rule: string): JsonSchema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': [{ rule }] } },
})
const causesOf = (schema: JsonSchema, unchanged = false): readonly string[] =>
  schemaErrors(schema, false, 'spec.validation', environment, { unchanged }).map(
    ({ field, body }) => `${field}: ${body}`,
  )

describe('what rules may cost', () => {
  it.each(recorded)('is what Kubernetes 1.34 estimates: $rule', ({ rule, schema, causes }) => {
    expect(causesOf(schema ?? withRule(rule ?? ''))).toEqual(causes)
  })

  it('is asked of all rules together even if the schema stays as it is', () => {
    const schema = withRule('self.l.all(x, self.l.all(y, x == y))')
    expect(causesOf(schema, true).map((cause) => cause.slice(0, cause.indexOf(':')))).toEqual([
      'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule',
      'spec.validation.openAPIV3Schema',
    ])
    expect(causesOf(schema)).toHaveLength(3)
  })
})
