import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MetricsSource, PodUsage } from '../../api/runtime.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import { World } from '../world.testing.ts'
import { HorizontalController } from './horizontal-controller.ts'

const AUTOSCALERS: GroupResource = { group: 'autoscaling', resource: 'horizontalpodautoscalers' }
const DEPLOYMENTS: GroupResource = { group: 'apps', resource: 'deployments' }
const PODS: GroupResource = { group: '', resource: 'pods' }
const SECOND = 1000

/** Millicores of each Pod. */
const load = new Map<string, number>()
let world: World

const metrics: MetricsSource = {
  node: () => undefined,
  pod(_, name): PodUsage | undefined {
    const cpu = load.get(name)
    if (cpu === undefined) return undefined
    return {
      timestamp: world.clock.now(),
      window: 15,
      containers: [{ name: 'app', cpu: cpu * 1e6, memory: 50 * 2 ** 20 }],
    }
  },
}

beforeEach(async () => {
  load.clear()
  world = await World.make((cluster, report) => {
    return [new HorizontalController(cluster, { metrics, scales: scalesOf(cluster), report })]
  })
})

/** The cluster of a world is its API server. */
function scalesOf(cluster: unknown) {
  const { scales } = cluster as World['whole']['api']
  if (scales === undefined) throw new Error('Scale is not served.')
  return scales
}

afterEach(() => {
  expect(world.errors).toEqual([])
  world.close()
})

const submit = (resource: GroupResource, object: Parameters<World['create']>[1]) =>
  world.cluster.backend.submit({
    resource,
    namespace: 'default',
    user: { username: 'someone', groups: ['system:masters'] },
    manager: 'test',
    object,
  })

const container = { name: 'app', image: 'podinfo', resources: { requests: { cpu: '100m', memory: '64Mi' } } }

function deployment(replicas: number): void {
  submit(DEPLOYMENTS, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } },
      strategy: {},
    },
    status: {},
  })
}

function pod(name: string, millicores: number): void {
  load.set(name, millicores)
  submit(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'web' } },
    spec: { containers: [container] },
    status: {},
  })
  const long = '2025-12-31T00:00:00Z'
  world.update(
    PODS,
    name,
    (now) => ({
      ...now,
      status: {
        phase: 'Running',
        startTime: long,
        conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: long }],
      },
    }),
    { subresource: 'status' },
  )
}

function autoscaler(spec: object = {}): void {
  submit(AUTOSCALERS, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 8,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
      ...spec,
    },
    status: { desiredReplicas: 0, currentMetrics: null },
  })
}

const replicas = (): unknown =>
  (world.get(DEPLOYMENTS, 'web') as ApiObject & { spec: { replicas?: number } }).spec.replicas
const status = () =>
  (world.get(AUTOSCALERS, 'web')?.status ?? {}) as {
    readonly conditions: readonly { type: string; status: string; reason: string; message: string }[]
  }
const conditions = (): string[] => status().conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`)

describe('a HorizontalPodAutoscaler', () => {
  it('asks for as many replicas as bring the load to its target', () => {
    deployment(2)
    pod('web-1', 120)
    pod('web-2', 80)
    autoscaler()
    world.step(14 * SECOND)
    expect(replicas()).toBe(2)
    world.step(2 * SECOND)
    expect(replicas()).toBe(4)
    expect(status()).toMatchObject({
      currentReplicas: 2,
      desiredReplicas: 4,
      lastScaleTime: '2026-01-01T00:00:15Z',
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '100m' } } },
      ],
    })
    expect(conditions()).toEqual([
      'AbleToScale=True SucceededRescale',
      'ScalingActive=True ValidMetricFound',
      'ScalingLimited=False DesiredWithinRange',
    ])
    expect(world.eventsOf('HorizontalPodAutoscaler', 'web')).toEqual([
      'Normal SuccessfulRescale New size: 4; reason: cpu resource utilization (percentage of request) above target',
    ])
    const owners = world.get(DEPLOYMENTS, 'web')?.metadata.managedFields ?? []
    expect(owners).toContainEqual(expect.objectContaining({ manager: 'kube-controller-manager', subresource: 'scale' }))
  })

  it('goes down again five minutes after the load', () => {
    deployment(4)
    for (const name of ['web-1', 'web-2', 'web-3', 'web-4']) pod(name, 10)
    autoscaler()
    world.step(4 * 60 * SECOND)
    expect(replicas()).toBe(4)
    expect(conditions()).toContain('AbleToScale=True ScaleDownStabilized')
    world.step(2 * 60 * SECOND)
    expect(replicas()).toBe(2)
    expect(world.eventsOf('HorizontalPodAutoscaler', 'web')).toEqual([
      'Normal SuccessfulRescale New size: 2; reason: All metrics below target',
    ])
  })

  it('leaves it as it is within a tenth of the target', () => {
    deployment(2)
    pod('web-1', 54)
    pod('web-2', 54)
    autoscaler()
    world.step(60 * SECOND)
    expect(replicas()).toBe(2)
  })

  it('says what it misses where nothing was measured yet', () => {
    deployment(2)
    pod('web-1', 100)
    load.clear()
    autoscaler()
    world.step(16 * SECOND)
    expect(conditions()).toEqual(['AbleToScale=True SucceededGetScale', 'ScalingActive=False FailedGetResourceMetric'])
    const why =
      'failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API'
    expect(status().conditions[1]?.message).toBe(`the HPA was unable to compute the replica count: ${why}`)
    expect(world.eventsOf('HorizontalPodAutoscaler', 'web')).toEqual([
      `Warning FailedGetResourceMetric ${why}`,
      `Warning FailedComputeMetricsReplicas invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${why}`,
    ])
  })

  it('says that there are no metrics of the application', () => {
    deployment(1)
    pod('web-1', 100)
    autoscaler({
      minReplicas: 1,
      metrics: [
        { type: 'Pods', pods: { metric: { name: 'hits' }, target: { type: 'AverageValue', averageValue: '5' } } },
      ],
    })
    world.step(16 * SECOND)
    expect(world.eventsOf('HorizontalPodAutoscaler', 'web')).toContain(
      'Warning FailedGetPodsMetric unable to get metric hits: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
    )
  })

  it('does nothing to what was scaled to zero', () => {
    deployment(0)
    autoscaler()
    world.step(16 * SECOND)
    expect(conditions()).toContain('ScalingActive=False ScalingDisabled')
    expect(replicas()).toBe(0)
  })

  it('brings it up to its fewest whatever the load', () => {
    deployment(1)
    autoscaler()
    world.step(16 * SECOND)
    expect(replicas()).toBe(2)
    expect(world.eventsOf('HorizontalPodAutoscaler', 'web')).toEqual([
      'Normal SuccessfulRescale New size: 2; reason: Current number of replicas below Spec.MinReplicas',
    ])
  })

  it('says that its target is not there', () => {
    autoscaler()
    world.step(16 * SECOND)
    expect(conditions()).toEqual(['AbleToScale=False FailedGetScale'])
    expect(status().conditions[0]?.message).toBe(
      'the HPA controller was unable to get the target\'s current scale: deployments.apps "web" not found',
    )
  })
})
