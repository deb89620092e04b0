import { describe, expect, it } from 'vitest'
import { StatusError } from '../objects/status-error.ts'
import type { NewObject } from '../objects/types.ts'
import { configMaps } from './core/config-map.ts'
import { limitRanges } from './core/limit-range.ts'
import { World } from './core/world.testing.ts'
import type { Schemas } from './define.ts'
import { events } from './events/event.ts'
import { resources as policies } from './policy/index.ts'
import { resources as rbac } from './rbac/index.ts'

const of = (all: (schemas: Schemas) => readonly import('./resource.ts').ResourceDefinition[], kind: string) => {
  return (schemas: Schemas) => {
    const found = all(schemas).find(({ storedVersion }) => storedVersion.kind === kind)
    if (found === undefined) throw new Error(`There is no ${kind}.`)
    return found
  }
}
const world = () => new World([configMaps, limitRanges, events, of(policies, 'PodDisruptionBudget'), of(rbac, 'Role')])

const objects: readonly NewObject[] = [
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
  { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'a' }, spec: { limits: [] } },
  {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'a' },
    involvedObject: { namespace: 'default' },
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'a' },
    spec: { minAvailable: 1, selector: {} },
  },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'a' }, rules: null },
]

/** How many causes the answer to a change of the metadata has. */
function causes(object: NewObject, change: Partial<NewObject['metadata']>): number {
  const cluster = world()
  const { resourceVersion } = cluster.create(object).metadata
  try {
    cluster.update({ ...object, metadata: { name: 'a', namespace: 'default', resourceVersion, ...change } })
    return 0
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return error.details?.causes?.length ?? -1
  }
}

describe('what is wrong with metadata is told as often as a real 1.34 checks it', () => {
  it.each([
    ['ConfigMap', 4, 2, 2, 1],
    ['LimitRange', 3, 1, 2, 1],
    ['Event', 2, 0, 1, 0],
    ['PodDisruptionBudget', 2, 0, 1, 0],
    ['Role', 5, 3, 3, 0],
  ] as const)('%s', (kind, label, shortFinalizer, badFinalizer, generateName) => {
    const object = objects.find((one) => one.kind === kind) as NewObject
    expect(causes(object, { labels: { 'a b': 'x' } })).toBe(label)
    expect(causes(object, { finalizers: ['x'] })).toBe(shortFinalizer)
    expect(causes(object, { finalizers: ['a b/c'] })).toBe(badFinalizer)
    expect(causes(object, { generateName: 'A_B' })).toBe(generateName)
  })
})
