import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WorkloadSpec } from '../../kinds/apps/types.ts'
import { isEnding } from '../../kinds/pod/status.ts'
import type { ApiObject, GroupResource, NewObject } from '../../objects/types.ts'
import { controllerOf } from '../pod-control/controller-ref.ts'
import { PODS } from '../pod-control/pod-control.ts'
import { edit, Kubelet, labelled, submit, template } from '../pod-control/pods.testing.ts'
import { World } from '../world.testing.ts'
import { REPLICA_SETS, REPLICATION_CONTROLLERS, ReplicaController } from './replica-controller.ts'

let world: World
let kubelet: Kubelet

beforeEach(async () => {
  world = await World.make((cluster, report) => [
    ReplicaController.ofReplicaSets(cluster, report),
    ReplicaController.ofReplicationControllers(cluster, report),
  ])
  kubelet = new Kubelet(world)
})
afterEach(() => {
  world.close()
  expect(world.errors).toEqual([])
})

function replicaSet(name: string, replicas: number, spec: Partial<WorkloadSpec> = {}): ApiObject {
  return submit(world, REPLICA_SETS, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name },
    spec: { replicas, selector: { matchLabels: labelled() }, template: template(), ...spec },
  })
}

function pod(name: string, labels: Readonly<Record<string, string>>, metadata: Partial<ApiObject['metadata']> = {}) {
  const object: NewObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels, ...metadata },
    spec: template().spec,
  }
  return submit(world, PODS, object)
}

const get = (name: string, resource: GroupResource = REPLICA_SETS) => world.get(resource, name) as ApiObject
const statusOf = (name: string) => get(name).status

function scale(name: string, replicas: number): void {
  edit<WorkloadSpec>(world, REPLICA_SETS, name, (spec) => ({ ...spec, replicas }))
  world.step()
}

describe('a ReplicaSet', () => {
  it('creates its Pods from the template, and says so', () => {
    const set = replicaSet('web', 2)
    world.step()
    const pods = kubelet.pods(set)
    expect(pods).toHaveLength(2)
    const [first] = pods
    expect(first?.metadata).toMatchObject({
      name: expect.stringMatching(/^web-[a-z0-9]{5}$/),
      generateName: 'web-',
      labels: { app: 'web' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'web',
          uid: set.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    })
    // Admission has seen it
    expect(first?.spec.serviceAccountName).toBe('default')
    expect(world.eventsOf('ReplicaSet', 'web').toSorted()).toEqual(
      pods.map(({ metadata }) => `Normal SuccessfulCreate Created pod: ${metadata.name}`).toSorted(),
    )
    expect(first?.metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`)).toEqual([
      'kube-controller-manager Update',
    ])
    expect(statusOf('web')).toEqual({ replicas: 2, fullyLabeledReplicas: 2, observedGeneration: 1 })
  })

  it('counts Pods as ready at once and as available after minReadySeconds', () => {
    const set = replicaSet('web', 2, { minReadySeconds: 10 })
    world.step()
    for (const one of kubelet.pods(set)) kubelet.run(one)
    world.step(9_999)
    expect(statusOf('web')).toEqual({ replicas: 2, fullyLabeledReplicas: 2, readyReplicas: 2, observedGeneration: 1 })
    world.step(1)
    expect(statusOf('web')).toMatchObject({ readyReplicas: 2, availableReplicas: 2 })
  })

  it('replaces what is deleted, has failed or has ended', () => {
    const set = replicaSet('web', 3)
    world.step()
    const [first, second, third] = kubelet.pods(set)
    for (const one of kubelet.pods(set)) kubelet.run(one)
    world.step()
    world.cluster.backend.registry(PODS)?.delete('default', first?.metadata.name ?? '')
    world.step()
    // Graceful: it is still there, and counts no more
    expect(kubelet.pods(set)).toHaveLength(4)
    expect(statusOf('web')).toMatchObject({ replicas: 3, readyReplicas: 2 })
    kubelet.set(second as ApiObject, 'Failed')
    kubelet.set(third as ApiObject, 'Succeeded')
    world.step()
    expect(kubelet.pods(set)).toHaveLength(6)
    expect(statusOf('web')).toEqual({ replicas: 3, fullyLabeledReplicas: 3, observedGeneration: 1 })
  })

  it('deletes those that are worth least when it is scaled down', () => {
    const set = replicaSet('web', 3)
    world.step()
    const [first, second, third] = kubelet.pods(set) as readonly ApiObject[] as [ApiObject, ApiObject, ApiObject]
    kubelet.run(first)
    kubelet.run(second, false)
    kubelet.run(third)
    scale('web', 2)
    const ending = kubelet.pods(set).filter(isEnding)
    expect(ending.map(({ metadata }) => metadata.name)).toEqual([second.metadata.name])
    expect(world.eventsOf('ReplicaSet', 'web').at(-1)).toBe(
      `Normal SuccessfulDelete Deleted pod: ${second.metadata.name}`,
    )
    expect(statusOf('web')).toMatchObject({ replicas: 2, readyReplicas: 2, observedGeneration: 2 })
  })

  it('never makes more than are asked for, however often it is told', () => {
    const set = replicaSet('web', 5)
    for (let round = 0; round < 5; round++) {
      world.update(REPLICA_SETS, 'web', (now) => ({
        ...now,
        metadata: { ...now.metadata, annotations: { round: String(round) } },
      }))
      world.step()
    }
    expect(kubelet.pods(set)).toHaveLength(5)
  })

  it('makes more than five hundred Pods in several steps, and ends as many', () => {
    replicaSet('web', 1200)
    world.step()
    expect(kubelet.pods()).toHaveLength(1200)
    scale('web', 0)
    world.step(1000)
    expect(kubelet.pods().filter((one) => !isEnding(one))).toEqual([])
  })

  it('adopts Pods that match and that nobody controls, and lets go of those that match no more', () => {
    const orphan = pod('orphan', labelled())
    pod('other', { app: 'other' })
    const set = replicaSet('web', 2)
    world.step()
    expect(kubelet.names(set)).toHaveLength(2)
    expect(kubelet.names(set)).toContain('orphan')
    world.update(PODS, 'orphan', (now) => ({ ...now, metadata: { ...now.metadata, labels: { app: 'quarantine' } } }))
    world.step()
    expect(controllerOf(world.get(PODS, 'orphan') as ApiObject)).toBeUndefined()
    expect(kubelet.names(set)).toHaveLength(2)
    expect(kubelet.names(set)).not.toContain('orphan')
    // Back again it is one too many, and the first to go as the others were not seen to run
    world.update(PODS, 'orphan', (now) => ({ ...now, metadata: { ...now.metadata, labels: labelled() } }))
    world.step()
    expect(kubelet.pods(set).filter((one) => !isEnding(one))).toHaveLength(2)
    expect(orphan.metadata.ownerReferences).toBeUndefined()
  })

  it('leaves alone what another one controls', () => {
    const first = replicaSet('first', 1)
    world.step()
    const second = replicaSet('second', 1)
    world.step()
    expect(kubelet.pods(first)).toHaveLength(1)
    expect(kubelet.pods(second)).toHaveLength(1)
  })

  it('replaces a Pod that somebody took away from it', () => {
    const set = replicaSet('web', 1)
    world.step()
    const [name = ''] = kubelet.names(set)
    world.update(PODS, name, ({ metadata: { ownerReferences: _, ...metadata }, ...now }) => ({
      ...now,
      metadata: { ...metadata, labels: {} },
    }))
    world.step()
    expect(kubelet.names(set)).toHaveLength(1)
    expect(kubelet.names(set)).not.toContain(name)
  })

  it('says in a condition and an event what was refused, asks little, and goes on when it is allowed', () => {
    const QUOTAS = { group: '', resource: 'resourcequotas' }
    submit(world, QUOTAS, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'few' },
      spec: { hard: { pods: '2' } },
    })
    world.step(1000)
    const set = replicaSet('web', 8)
    world.step()
    expect(kubelet.pods(set)).toHaveLength(2)
    const refused = world.eventsOf('ReplicaSet', 'web').filter((event) => event.startsWith('Warning'))
    expect(refused[0]).toMatch(
      /^Warning FailedCreate Error creating: pods "web-[a-z0-9]{5}" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2$/,
    )
    expect(statusOf('web')).toMatchObject({
      conditions: [
        {
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message: expect.stringContaining('exceeded quota: few'),
        },
      ],
    })
    world.update(QUOTAS, 'few', (now) => ({ ...now, spec: { hard: { pods: '20' } } }))
    world.step(60_000)
    expect(world.errors).toEqual([])
    expect(kubelet.pods(set)).toHaveLength(8)
    expect(statusOf('web')).toEqual({ replicas: 8, fullyLabeledReplicas: 8, observedGeneration: 1 })
  })

  it('begins anew after a restore', () => {
    const set = replicaSet('web', 2)
    world.step()
    const snapshot = world.whole.api.snapshot()
    scale('web', 5)
    expect(kubelet.pods(set)).toHaveLength(5)
    world.whole.api.restore(snapshot)
    world.step()
    expect(kubelet.pods(set)).toHaveLength(2)
    scale('web', 3)
    expect(kubelet.pods(set)).toHaveLength(3)
  })

  it('gathers the changes of many Pods for a moment', () => {
    const set = replicaSet('web', 100)
    world.step()
    let writes = 0
    world.cluster.backend.store.collection(REPLICA_SETS)?.subscribe({}, { event: () => void writes++ })
    for (const one of kubelet.pods(set)) {
      kubelet.run(one)
      world.step(1)
    }
    world.step(10)
    expect(statusOf('web')).toMatchObject({ readyReplicas: 100 })
    expect(writes).toBeLessThan(15)
  })

  it('creates nothing once it is being deleted', () => {
    const set = replicaSet('web', 2)
    world.step()
    world.cluster.backend.registry(REPLICA_SETS)?.delete('default', 'web', { propagationPolicy: 'Foreground' })
    for (const one of kubelet.pods(set)) kubelet.end(one)
    world.step()
    expect(kubelet.pods(set)).toEqual([])
  })
})

describe('a ReplicationController', () => {
  it('does the same by the older name', () => {
    submit(world, REPLICATION_CONTROLLERS, {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: { name: 'old' },
      spec: { replicas: 2, selector: labelled(), template: template() },
    })
    world.step()
    expect(kubelet.names(get('old', REPLICATION_CONTROLLERS))).toHaveLength(2)
    for (const one of kubelet.pods()) kubelet.run(one)
    world.step()
    expect(get('old', REPLICATION_CONTROLLERS).status).toEqual({
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      observedGeneration: 1,
    })
    expect(world.eventsOf('ReplicationController', 'old')).toHaveLength(2)
  })
})
