import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import { controllerRef } from '../pod-control/controller-ref.ts'
import { World } from '../world.testing.ts'
import { DisruptionController } from './disruption-controller.ts'

const BUDGETS: GroupResource = { group: 'policy', resource: 'poddisruptionbudgets' }
const REPLICA_SETS: GroupResource = { group: 'apps', resource: 'replicasets' }
const PODS: GroupResource = { group: '', resource: 'pods' }

let world: World

beforeEach(async () => {
  world = await World.make((cluster, report) => {
    const { scales } = cluster as World['whole']['api']
    if (scales === undefined) throw new Error('Scale is not served.')
    return [new DisruptionController(cluster, scales, report)]
  })
})

afterEach(() => {
  expect(world.errors).toEqual([])
  world.close()
})

const submit = (resource: GroupResource, object: Parameters<World['create']>[1]): ApiObject =>
  world.cluster.backend.submit({
    resource,
    namespace: 'default',
    user: { username: 'someone', groups: ['system:masters'] },
    manager: 'test',
    object,
  })

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'app', image: 'nginx', resources: {} }] },
}

const replicaSet = (replicas: number): ApiObject =>
  submit(REPLICA_SETS, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web' },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template },
    status: { replicas: 0 },
  })

function pod(name: string, ready: boolean, owner?: ApiObject): void {
  submit(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: { app: 'web' },
      ...(owner === undefined ? {} : { ownerReferences: [controllerRef(owner)] }),
    },
    spec: template.spec,
    status: {},
  })
  readiness(name, ready)
}

function readiness(name: string, ready: boolean): void {
  const condition = { type: 'Ready', status: ready ? 'True' : 'False', lastProbeTime: null, lastTransitionTime: null }
  world.update(PODS, name, (now) => ({ ...now, status: { phase: 'Running', conditions: [condition] } }), {
    subresource: 'status',
  })
}

const budget = (spec: object): ApiObject =>
  submit(BUDGETS, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
    status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  })

const status = (): unknown => world.get(BUDGETS, 'web')?.status

describe('a PodDisruptionBudget', () => {
  it('lets go what is healthy beyond the fewest that it wants', () => {
    for (const name of ['a', 'b', 'c']) pod(name, true)
    budget({ minAvailable: 2 })
    world.step()
    expect(status()).toMatchObject({
      observedGeneration: 1,
      disruptionsAllowed: 1,
      currentHealthy: 3,
      desiredHealthy: 2,
      expectedPods: 3,
      conditions: [{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', observedGeneration: 1 }],
    })
    readiness('a', false)
    world.step()
    expect(status()).toMatchObject({
      disruptionsAllowed: 0,
      currentHealthy: 2,
      conditions: [{ status: 'False', reason: 'InsufficientPods' }],
    })
  })

  it('counts a share of what the Pods’ controllers want', () => {
    const owner = replicaSet(4)
    for (const name of ['a', 'b', 'c']) pod(name, true, owner)
    budget({ maxUnavailable: '50%' })
    world.step()
    expect(status()).toMatchObject({ disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 4 })
  })

  it('allows nothing where a controller cannot be found, and says so', () => {
    const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } }
    world.create({ group: '', resource: 'configmaps' }, settings)
    // What has no scale
    pod('a', true, world.get({ group: '', resource: 'configmaps' }, 'settings'))
    budget({ maxUnavailable: 1 })
    world.step()
    expect(status()).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ status: 'False', reason: 'SyncFailed', message: 'found no controllers for pod "a"' }],
    })
    expect(world.eventsOf('PodDisruptionBudget', 'web')).toContain(
      'Warning CalculateExpectedPodCountFailed Failed to calculate the number of expected pods: found no controllers for pod "a"',
    )
  })

  it('does not count a Pod that was allowed to go, until two minutes have passed without it going', () => {
    for (const name of ['a', 'b']) pod(name, true)
    budget({ minAvailable: 1 })
    world.step()
    world.update(
      BUDGETS,
      'web',
      (now) => ({ ...now, status: { ...(now.status as object), disruptedPods: { a: '2026-01-01T00:00:00Z' } } }),
      { subresource: 'status' },
    )
    world.step()
    expect(status()).toMatchObject({ disruptionsAllowed: 0, currentHealthy: 1 })
    world.step(125_000)
    expect(status()).toMatchObject({ disruptionsAllowed: 1, currentHealthy: 2 })
    expect(world.eventsOf('Pod', 'a')).toEqual([
      "Warning NotDeleted Pod was expected by PDB default/default to be deleted but it wasn't",
    ])
  })

  it('tells of having no Pods, and of Pods that nobody manages', () => {
    budget({ maxUnavailable: 1 })
    world.step()
    pod('a', true)
    world.step()
    const events = world.eventsOf('PodDisruptionBudget', 'web')
    expect(events[0]).toBe('Normal NoPods No matching pods found')
    expect(events[1]).toContain(
      'MatchLabels:map[string]string{app: web,},MatchExpressions:[]LabelSelectorRequirement{},}',
    )
  })

  it('forgets after two minutes that a Pod was to go', () => {
    pod('a', true)
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      lastProbeTime: null,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    }
    world.update(PODS, 'a', (now) => ({ ...now, status: { ...(now.status as object), conditions: [condition] } }), {
      subresource: 'status',
    })
    world.step(119_000)
    expect(world.get(PODS, 'a')?.status).toMatchObject({ conditions: [{ status: 'True' }] })
    world.step(2_000)
    expect(world.get(PODS, 'a')?.status).toMatchObject({ conditions: [{ status: 'False' }] })
  })
})
