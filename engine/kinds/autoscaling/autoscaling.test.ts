import { describe, expect, it } from 'vitest'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { KindsUnderTest } from '../kind.testing.ts'
import { resources } from './index.ts'

const kinds = new KindsUnderTest(resources)
const NAME = 'horizontalpodautoscalers'
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
const status = { desiredReplicas: 0, currentMetrics: null }
const make = (spec: object, more: object = {}) =>
  kinds.make(NAME, { spec: { scaleTargetRef, maxReplicas: 3, ...spec }, status, ...more })
const v1 = kinds.version(NAME, 'v1')
const toStored = (object: object) => v1.convert?.toStored(object as NewObject) as ApiObject
const fromStored = (object: ApiObject) => v1.convert?.fromStored(object) as ApiObject
const cpu = (target: object) => ({ type: 'Resource', resource: { name: 'cpu', target } })
const utilization = cpu({ type: 'Utilization', averageUtilization: 80 })
const memory = { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } }

describe('autoscalers', () => {
  it('go by 80 percent of the CPU if nothing is said', () => {
    expect(make({}).spec).toEqual({ scaleTargetRef, maxReplicas: 3, minReplicas: 1, metrics: [utilization] })
    expect((make({ behavior: { scaleDown: { selectPolicy: 'Min' } } }).spec as NewObject).behavior).toEqual({
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
      },
      scaleDown: { selectPolicy: 'Min', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
    })
  })

  it.each([
    [{}, ''],
    [
      { minReplicas: 0 },
      '[spec.minReplicas: Invalid value: 0: must be greater than or equal to 1, spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas]',
    ],
    [{ minReplicas: 5 }, 'spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`'],
    [
      { scaleTargetRef: { kind: '', name: 'a/b', apiVersion: 'v1' } },
      `[spec.scaleTargetRef.kind: Required value, spec.scaleTargetRef.name: Invalid value: "a/b": may not contain '/', spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group]`,
    ],
    [{ scaleTargetRef: { kind: 'ReplicationController', name: 'a', apiVersion: 'v1' } }, ''],
    [
      { scaleTargetRef: { kind: 'X', name: 'a', apiVersion: 'a/b/c' } },
      'spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    ],
    [
      { metrics: [cpu({ type: 'Utilization' })] },
      'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
    ],
    [
      { metrics: [{ type: 'Pods', resource: utilization.resource }] },
      'spec.metrics[0].pods: Required value: must populate information for the given metric source',
    ],
    [
      { metrics: [{ type: 'Weather' }] },
      'spec.metrics[0].type: Unsupported value: "Weather": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
    ],
    [
      {
        metrics: [
          { ...utilization, pods: { metric: { name: 'x' }, target: { type: 'AverageValue', averageValue: '0' } } },
        ],
      },
      '[spec.metrics[0].pods.target.averageValue: Invalid value: "0": must be positive, spec.metrics[0].pods: Forbidden: must populate the given metric source only]',
    ],
    [
      {
        metrics: [
          {
            type: 'ContainerResource',
            containerResource: { name: 'gpu', container: '', target: { type: 'Utilization', averageUtilization: 0 } },
          },
        ],
      },
      '[spec.metrics[0].containerResource.name: Invalid value: "gpu": must be a standard resource type or fully qualified, spec.metrics[0].containerResource.name: Invalid value: "gpu": must be a standard resource for containers, spec.metrics[0].containerResource.container: Required value: must specify a container, spec.metrics[0].containerResource.target.averageUtilization: Invalid value: 0: must be greater than 0]',
    ],
    [
      {
        behavior: {
          scaleUp: { stabilizationWindowSeconds: 3601, policies: [{ type: 'X', value: 0, periodSeconds: 1801 }] },
        },
      },
      '[spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600, spec.behavior.scaleUp.policies[0].type: Unsupported value: "X": supported values: "Percent", "Pods", spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero, spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800]',
    ],
  ])('%j', (spec, message) => {
    expect(kinds.createError(NAME, make(spec))).toBe(message)
  })

  it('may keep a target that nothing could scale', () => {
    const old = make({ scaleTargetRef: { kind: 'X', name: 'a' } })
    expect(kinds.updateError(NAME, make({ scaleTargetRef: { kind: 'X', name: 'b' } }), old)).toBe('')
  })
})

describe('TARGETS', () => {
  const text = (metrics: object[], currentMetrics: object[] | null) =>
    kinds.cells(NAME, make({ metrics }, { status: { ...status, currentMetrics } }))[2]
  const used = (averageUtilization: number) => ({
    type: 'Resource',
    resource: { name: 'cpu', current: { averageUtilization, averageValue: '5m' } },
  })
  const external = (target: object) => ({ type: 'External', external: { metric: { name: 'q' }, target } })

  it.each([
    [[utilization], null, 'cpu: <unknown>/80%'],
    [[utilization], [used(12)], 'cpu: 12%/80%'],
    [
      [memory],
      [{ type: 'Resource', resource: { name: 'memory', current: { averageValue: '10Mi' } } }],
      'memory: 10Mi/1Gi',
    ],
    [[external({ type: 'Value', value: '30' })], null, '<unknown>/30'],
    [[external({ type: 'AverageValue', averageValue: '30' })], null, '<unknown>/30 (avg)'],
    [[utilization, memory, memory, memory], null, 'cpu: <unknown>/80%, memory: <unknown>/1Gi + 2 more...'],
  ])('case %#', (metrics, current, expected) => {
    expect(text(metrics, current)).toBe(expected)
  })

  it('is the same through both versions', () => {
    const stored = make({ metrics: [memory, utilization] }, { status: { ...status, currentReplicas: 2 } })
    expect(kinds.cells(NAME, fromStored(stored), 'v1')).toEqual([
      'it',
      'Deployment/web',
      'memory: <unknown>/1Gi, cpu: <unknown>/80%',
      '1',
      3,
      2,
      '90s',
    ])
  })
})

describe('autoscaling/v1', () => {
  it('has no fields for other metrics, behavior and conditions: annotations carry them', () => {
    const conditions = [
      { type: 'AbleToScale', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'R', message: 'a<b' },
    ]
    const stored = make(
      { metrics: [utilization, memory], behavior: {} },
      {
        status: {
          desiredReplicas: 2,
          currentReplicas: 1,
          currentMetrics: [
            { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 12, averageValue: '5m' } } },
          ],
          conditions,
        },
      },
    )
    const old = fromStored(stored)
    expect(old).toMatchObject({
      apiVersion: 'autoscaling/v1',
      spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3, targetCPUUtilizationPercentage: 80 },
      status: { currentReplicas: 1, desiredReplicas: 2, currentCPUUtilizationPercentage: 12 },
    })
    expect(old.metadata.annotations).toEqual({
      'autoscaling.alpha.kubernetes.io/metrics':
        '[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}}]',
      'autoscaling.alpha.kubernetes.io/current-metrics':
        '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":12,"currentAverageValue":"5m"}}]',
      'autoscaling.alpha.kubernetes.io/behavior':
        '{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15},{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null},"ScaleDown":{"StabilizationWindowSeconds":null,"SelectPolicy":"Max","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null}}',
      'autoscaling.alpha.kubernetes.io/conditions':
        '[{"type":"AbleToScale","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z","reason":"R","message":"a\\u003cb"}]',
    })
    const { metrics, ...rest } = stored.spec as { metrics: unknown[] }
    // The CPU comes last when it comes back, as upstream's does.
    expect(toStored(old)).toEqual({ ...stored, spec: { ...rest, metrics: metrics.toReversed() } })
  })

  it('goes by 80 percent of the CPU if nothing is said', () => {
    const given = {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'it' },
      spec: { scaleTargetRef, maxReplicas: 3 },
      status: { currentReplicas: 0, desiredReplicas: 0 },
    }
    expect(toStored(v1.default?.(given as never) as object)).toEqual({
      ...given,
      apiVersion: 'autoscaling/v2',
      spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3, metrics: [utilization] },
      status: { desiredReplicas: 0, currentMetrics: null },
    })
  })

  it('reads past annotations that hold no metrics', () => {
    const annotations = { 'autoscaling.alpha.kubernetes.io/metrics': '{', mine: 'x' }
    const old = { ...fromStored(make({})), metadata: { name: 'it', annotations } }
    expect(toStored(old)).toMatchObject({ metadata: { annotations: { mine: 'x' } }, spec: { metrics: [utilization] } })
  })
})
