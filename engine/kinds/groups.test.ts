import { describe, expect, it } from 'vitest'
import { groupVersions } from '../schema/data.ts'
import { resources as admissionregistration } from './admissionregistration/index.ts'
import { resources as apiregistration } from './apiregistration/index.ts'
import { resources as autoscaling } from './autoscaling/index.ts'
import { resources as certificates } from './certificates/index.ts'
import { resources as coordination } from './coordination/index.ts'
import { resources as flowcontrol } from './flowcontrol/index.ts'
import { KindsUnderTest } from './kind.testing.ts'
import { resources as networking } from './networking/index.ts'
import { resources as node } from './node/index.ts'
import { resources as policy } from './policy/index.ts'
import { resources as rbac } from './rbac/index.ts'
import { resources as allocation } from './resource/index.ts'
import { resources as scheduling } from './scheduling/index.ts'
import { resources as storage } from './storage/index.ts'

const groups = [
  admissionregistration,
  apiregistration,
  autoscaling,
  certificates,
  coordination,
  flowcontrol,
  networking,
  node,
  policy,
  rbac,
  allocation,
  scheduling,
  storage,
]
const kinds = new KindsUnderTest((schemas) => groups.flatMap((resources) => resources(schemas)))
const served = new Set(kinds.definitions.map(({ resource }) => resource.group))

describe('what a real cluster serves', () => {
  const recorded = groupVersions
    .filter(({ group }) => served.has(group))
    .flatMap(({ group, version, resources }) => resources.map((resource) => ({ group, version, ...resource })))

  it.each(recorded.map((entry) => [`${entry.group}/${entry.version} ${entry.resource}`, entry] as const))(
    '%s is defined',
    (_, { resource, version, scope, responseKind, subresources = [] }) => {
      const definition = kinds.of(resource)
      expect(kinds.version(resource, version).gvk.kind).toBe(responseKind.kind)
      expect(definition.namespaced).toBe(scope === 'Namespaced')
      expect(Object.keys(definition.subresources ?? {}).sort()).toEqual(
        subresources.map(({ subresource }) => subresource).sort(),
      )
    },
  )

  it('prefers the same version', () => {
    const preferred = new Map<string, string>()
    for (const { resource, version } of recorded) if (!preferred.has(resource)) preferred.set(resource, version)
    for (const { resource, versions } of kinds.definitions) {
      expect(versions[0]?.gvk.version).toBe(preferred.get(resource.resource))
    }
  })
})

describe('small kinds', () => {
  it('say what is wrong with leases', () => {
    const make = (spec: object) => kinds.make('leases', { spec })
    expect(
      kinds.createError('leases', make({ leaseDurationSeconds: 0, leaseTransitions: -1, preferredHolder: 'x' })),
    ).toBe(
      '[spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0, spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0]',
    )
    expect(kinds.cells('leases', make({ holderIdentity: 'me' }))).toEqual(['it', 'me', '90s'])
  })

  it('say what is wrong with priority classes', () => {
    const make = (fields: object, name = 'it') => kinds.make('priorityclasses', { value: 1, ...fields }, { name })
    expect(make({}).preemptionPolicy).toBe('PreemptLowerPriority')
    expect(kinds.createError('priorityclasses', make({ value: 1_000_000_001, preemptionPolicy: 'Maybe' }))).toBe(
      '[value: Forbidden: maximum allowed value of a user defined priority is 1000000000, preemptionPolicy: Unsupported value: "Maybe": supported values: "PreemptLowerPriority", "Never"]',
    )
    expect(kinds.createError('priorityclasses', make({}, 'system-mine'))).toBe(
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    )
    expect(kinds.createError('priorityclasses', make({ value: 2_000_001_000 }, 'system-node-critical'))).toBe('')
    expect(kinds.updateError('priorityclasses', make({ value: 2 }), make({}))).toBe(
      'value: Forbidden: may not be changed in an update.',
    )
    expect(kinds.cells('priorityclasses', make({}))).toEqual(['it', 1, false, '90s', 'PreemptLowerPriority'])
  })

  it('say what is wrong with runtime classes', () => {
    const make = (fields: object) => kinds.make('runtimeclasses', { handler: 'h', ...fields })
    expect(kinds.createError('runtimeclasses', make({}))).toBe('')
    const toleration = { key: 'a', operator: 'Exists', value: 'x' }
    expect(kinds.createError('runtimeclasses', make({ scheduling: { tolerations: [toleration] } }))).toBe(
      `scheduling.tolerations.tolerations[0].operator: Invalid value: "x": value must be empty when \`operator\` is 'Exists'`,
    )
    const { value: _, ...fine } = toleration
    expect(kinds.createError('runtimeclasses', make({ scheduling: { tolerations: [fine, fine] } }))).toBe(
      'scheduling.tolerations[1]: Duplicate value: {"Key":"a","Operator":"Exists","Value":"","Effect":"","TolerationSeconds":null}',
    )
    expect(kinds.updateError('runtimeclasses', make({ handler: 'i' }), make({}))).toBe(
      'handler: Invalid value: "i": field is immutable',
    )
  })

  it('say what is wrong with APIServices', () => {
    const make = (spec: object, name = 'v1.x.io') =>
      kinds.make(
        'apiservices',
        { spec: { group: 'x.io', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, ...spec }, status: {} },
        { name },
      )
    expect(kinds.createError('apiservices', make({}))).toBe('')
    expect(kinds.createError('apiservices', make({ versionPriority: 0 }, 'v2.x.io'))).toBe(
      '[metadata.name: Invalid value: "v2.x.io": must be `spec.version+"."+spec.group`: "v1.x.io", spec.versionPriority: Invalid value: 0: must be positive and less than 1000]',
    )
    const local = kinds.of('apiservices').strategy.prepareForCreate?.(make({}))
    expect(local && kinds.cells('apiservices', local)).toEqual(['v1.x.io', 'Local', 'True', '90s'])
    const remote = kinds.make('apiservices', {
      spec: { service: { namespace: 'n', name: 's' } },
      status: { conditions: [{ type: 'Available', status: 'False', reason: 'Gone' }] },
    })
    expect(kinds.cells('apiservices', remote).slice(1, 3)).toEqual(['n/s', 'False (Gone)'])
  })

  it('say what is wrong with flow schemas and priority levels', () => {
    const schema = kinds.make('flowschemas', {
      spec: { matchingPrecedence: 1, rules: [{ subjects: [{ kind: 'User' }] }] },
    })
    expect(kinds.createError('flowschemas', schema)).toBe(
      "[spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1, spec.priorityLevelConfiguration.name: Required value: must reference a priority level, spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User', spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty]",
    )
    const level = kinds.make('prioritylevelconfigurations', {
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } },
    })
    expect(kinds.createError('prioritylevelconfigurations', level)).toBe('')
    expect(kinds.cells('prioritylevelconfigurations', level)).toEqual(['it', 'Limited', 30, 64, 8, 50, '90s'])
    const wide = kinds.make('prioritylevelconfigurations', {
      spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: { queues: 1024, handSize: 10 } } } },
    })
    expect(kinds.createError('prioritylevelconfigurations', wide)).toBe(
      'spec.limited.limitResponse.queuing.handSize: Invalid value: 10: required entropy bits of deckSize 1024 and handSize 10 should not be greater than 60',
    )
  })

  it('show the state of resource claims', () => {
    const state = (status: object, metadata: object = {}) =>
      kinds.cells('resourceclaims', kinds.make('resourceclaims', { status }, metadata))[1]
    expect(state({})).toBe('pending')
    expect(state({ allocation: {}, reservedFor: [{}] }, { deletionTimestamp: 'x' })).toBe('deleted,allocated,reserved')
  })
})

describe('what is said to be nothing', () => {
  it.each([
    [
      'flowschemas',
      {
        spec: {
          priorityLevelConfiguration: { name: 'x' },
          rules: [
            {
              subjects: null,
              resourceRules: [{ verbs: null, apiGroups: null, resources: null }],
              nonResourceRules: [{ verbs: null, nonResourceURLs: null }],
            },
          ],
        },
      },
    ],
    [
      'ingresses',
      {
        spec: {
          defaultBackend: { resource: { apiGroup: null, kind: '', name: '' } },
          rules: [{ http: { paths: null } }],
        },
      },
    ],
    ['ingressclasses', { spec: { controller: 'a.b/c', parameters: { kind: '', name: '', scope: null } } }],
    ['csinodes', { spec: { drivers: null } }],
    [
      'validatingwebhookconfigurations',
      { webhooks: [{ name: '', clientConfig: {}, sideEffects: null, admissionReviewVersions: null }] },
    ],
  ])('is no accident: %s', (resource, fields) => {
    const object = kinds.make(resource, fields)
    expect(() => kinds.createError(resource, object)).not.toThrow()
    expect(() => kinds.cells(resource, object)).not.toThrow()
  })

  it('gives claims one device', () => {
    const claim = kinds.make('resourceclaims', {
      spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c' } }] } },
    })
    expect(claim.spec).toEqual({
      devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c', allocationMode: 'ExactCount', count: 1 } }] },
    })
  })
})
