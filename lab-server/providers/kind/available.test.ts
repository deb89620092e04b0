import { expect, it } from 'vitest'
import { isAvailable } from './available.ts'

const deployment = (status: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'coredns', generation: 2 },
  status,
})
const conditions = (status: string) => [{ type: 'Available', status }]

it('is available when the condition says so of the newest generation', () => {
  expect(isAvailable(deployment({ observedGeneration: 2, conditions: conditions('True') }))).toBe(true)
  expect(isAvailable(deployment({ observedGeneration: 1, conditions: conditions('True') }))).toBe(false)
  expect(isAvailable(deployment({ observedGeneration: 2, conditions: conditions('False') }))).toBe(false)
  expect(isAvailable(deployment({}))).toBe(false)
})
