import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StatefulSetSpec } from '../../kinds/apps/types.ts'
import { isEnding, type Pod, statusOf } from '../../kinds/pod/status.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { Collection } from '../../storage/collection.ts'
import { appControllers } from '../apps.ts'
import { follow } from '../cluster.ts'
import { CONTROLLER_REVISIONS, type ControllerRevision } from '../history/history.ts'
import { PODS } from '../pod-control/pod-control.ts'
import { Kubelet, labelled, submit, template, watchStates, withImage } from '../pod-control/pods.testing.ts'
import { World } from '../world.testing.ts'
import { CLAIMS } from './claims.ts'
import { STATEFUL_SETS, type StatefulSet } from './types.ts'

let world: World
let kubelet: Kubelet

beforeEach(async () => {
  world = await World.make(appControllers)
  kubelet = new Kubelet(world)
})
afterEach(() => {
  world.close()
  expect(world.errors).toEqual([])
})

const data = {
  metadata: { name: 'data', labels: { kept: 'yes' } },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
}

function make(spec: Partial<StatefulSetSpec> = {}): StatefulSet {
  const made = submit(world, STATEFUL_SETS, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: { replicas: 3, serviceName: 'db', selector: { matchLabels: labelled() }, template: template(), ...spec },
  })
  world.step()
  return made as StatefulSet
}

const get = (): StatefulSet => world.get(STATEFUL_SETS, 'db') as StatefulSet
const pod = (name: string): Pod => world.get(PODS, name) as Pod
const images = (): Record<string, string | undefined> =>
  Object.fromEntries(kubelet.pods().map(({ metadata, spec }) => [metadata.name, spec.containers?.[0]?.image]))
const revisions = (): ControllerRevision[] => world.list(CONTROLLER_REVISIONS, 'default') as ControllerRevision[]
const claims = (): string[] => world.list(CLAIMS, 'default').map(({ metadata }) => metadata.name)
const owners = (name: string): string[] =>
  (world.get(CLAIMS, name)?.metadata.ownerReferences ?? []).map(({ kind, name: owner }) => `${kind} ${owner}`)
const events = (): string[] => world.eventsOf('StatefulSet', 'db')

function change(spec: (now: StatefulSetSpec) => StatefulSetSpec): void {
  world.update(STATEFUL_SETS, 'db', (now) => ({ ...now, spec: spec((now as StatefulSet).spec) }))
  world.step()
}
const setImage = (image: string) => change((spec) => ({ ...spec, template: withImage(spec.template, image) }))
const scale = (replicas: number) => change((spec) => ({ ...spec, replicas }))

/** Pods as they come and go, by name. */
function watchPods(): string[] {
  const seen: string[] = []
  world.cluster.backend.store.collection(PODS)?.subscribe(
    {},
    {
      event({ type, object, previous }) {
        const { name } = object.metadata
        if (type === 'ADDED') seen.push(`+${name}`)
        if (type === 'MODIFIED' && isEnding(object) && previous !== undefined && !isEnding(previous))
          seen.push(`-${name}`)
      },
    },
  )
  return seen
}

describe('an ordered set', () => {
  it('creates one Pod after the other, each when the one before is available', () => {
    const set = make({ minReadySeconds: 10 })
    expect(kubelet.names()).toEqual(['db-0'])
    kubelet.run(pod('db-0'))
    world.step(9_000)
    expect(kubelet.names()).toEqual(['db-0'])
    world.step(1_000)
    expect(kubelet.names()).toEqual(['db-0', 'db-1'])
    kubelet.settle()
    world.step(10_000)
    expect(kubelet.names()).toEqual(['db-0', 'db-1', 'db-2'])
    expect(events()).toEqual(
      [0, 1, 2].map((at) => `Normal SuccessfulCreate create Pod db-${at} in StatefulSet db successful`),
    )
    const [revision] = revisions()
    expect(pod('db-1')).toMatchObject({
      metadata: {
        generateName: 'db-',
        labels: {
          app: 'web',
          'statefulset.kubernetes.io/pod-name': 'db-1',
          'apps.kubernetes.io/pod-index': '1',
          'controller-revision-hash': revision?.metadata.name,
        },
        ownerReferences: [{ kind: 'StatefulSet', name: 'db', uid: set.metadata.uid, controller: true }],
      },
      spec: { hostname: 'db-1', subdomain: 'db' },
    })
  })

  it('tells how many there are of which revision', () => {
    make()
    kubelet.settle()
    const name = revisions()[0]?.metadata.name ?? ''
    expect(name).toMatch(/^db-[bcdfghjklmnpqrstvwxz2456789]+$/)
    expect(get().status).toEqual({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: name,
      updateRevision: name,
      collisionCount: 0,
    })
  })

  it('is scaled down from the last, one after the other', () => {
    make()
    kubelet.settle()
    scale(0)
    expect(
      kubelet
        .pods()
        .filter(isEnding)
        .map(({ metadata }) => metadata.name),
    ).toEqual(['db-2'])
    kubelet.end(pod('db-2'))
    world.step()
    expect(
      kubelet
        .pods()
        .filter(isEnding)
        .map(({ metadata }) => metadata.name),
    ).toEqual(['db-1'])
    kubelet.settle()
    expect(kubelet.pods()).toEqual([])
    expect(events().slice(3)).toEqual(
      [2, 1, 0].map((at) => `Normal SuccessfulDelete delete Pod db-${at} in StatefulSet db successful`),
    )
    expect(get().status).toMatchObject({ replicas: 0, availableReplicas: 0 })
  })

  it('waits for the one that does not run before it creates or deletes another', () => {
    make()
    kubelet.settle()
    kubelet.set(pod('db-0'), 'Running', false)
    scale(5)
    expect(kubelet.names()).toEqual(['db-0', 'db-1', 'db-2'])
    scale(2)
    // db-2 is healthy, db-0 is not: nothing happens until it is
    expect(kubelet.pods().filter(isEnding)).toEqual([])
    kubelet.run(pod('db-0'))
    world.step()
    expect(
      kubelet
        .pods()
        .filter(isEnding)
        .map(({ metadata }) => metadata.name),
    ).toEqual(['db-2'])
  })

  it('replaces by the same name what has failed or is gone', () => {
    make()
    kubelet.settle()
    const { uid } = pod('db-1').metadata
    kubelet.set(pod('db-1'), 'Failed')
    kubelet.settle()
    expect(pod('db-1').metadata.uid).not.toBe(uid)
    expect(statusOf(pod('db-1')).phase).toBe('Running')
    expect(events().slice(2)).toEqual([
      'Normal SuccessfulDelete delete Pod db-1 in StatefulSet db successful',
      'Normal SuccessfulCreate create Pod db-1 in StatefulSet db successful',
    ])
  })

  it('begins with the ordinal that it is told, and moves when that changes', () => {
    make({ ordinals: { start: 5 } })
    kubelet.settle()
    expect(kubelet.names()).toEqual(['db-5', 'db-6', 'db-7'])
    change((spec) => ({ ...spec, ordinals: { start: 6 } }))
    kubelet.settle()
    expect(kubelet.names()).toEqual(['db-6', 'db-7', 'db-8'])
  })
})

describe('a parallel set', () => {
  it('creates and deletes all at once', () => {
    make({ podManagementPolicy: 'Parallel' })
    expect(kubelet.names()).toEqual(['db-0', 'db-1', 'db-2'])
    kubelet.settle()
    scale(1)
    expect(
      kubelet
        .pods()
        .filter(isEnding)
        .map(({ metadata }) => metadata.name),
    ).toEqual(['db-1', 'db-2'])
  })

  it('is still updated one after the other', () => {
    make({ podManagementPolicy: 'Parallel' })
    kubelet.settle()
    setImage('nginx:1.28')
    expect(
      kubelet
        .pods()
        .filter(isEnding)
        .map(({ metadata }) => metadata.name),
    ).toEqual(['db-2'])
  })
})

describe('an update', () => {
  it('goes from the last to the first, and ends with one revision', () => {
    make()
    kubelet.settle()
    const seen = watchPods()
    const told = watchStates(world, STATEFUL_SETS, 'db', (one) => {
      const { currentReplicas = 0, updatedReplicas = 0 } = (one as StatefulSet).status ?? {}
      return `${currentReplicas} ${updatedReplicas}`
    })
    setImage('nginx:1.28')
    kubelet.settle()
    expect(seen).toEqual(['-db-2', '+db-2', '-db-1', '+db-1', '-db-0', '+db-0'])
    expect(told).toEqual(['3 3', '2 0', '2 1', '1 1', '1 2', '0 2', '0 3', '3 3'])
    expect(revisions().map(({ revision }) => revision)).toEqual(expect.arrayContaining([1, 2]))
    const { currentRevision, updateRevision } = get().status ?? {}
    expect(currentRevision).toBe(updateRevision)
    expect(revisions().find(({ metadata }) => metadata.name === updateRevision)?.revision).toBe(2)
  })

  it('leaves Pods below the partition as they are, even when they come again', () => {
    make({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } })
    kubelet.settle()
    setImage('nginx:1.28')
    kubelet.settle()
    kubelet.end(pod('db-0'))
    kubelet.settle()
    expect(images()).toEqual({ 'db-0': 'nginx:1.27', 'db-1': 'nginx:1.27', 'db-2': 'nginx:1.28' })
    expect(get().status).toMatchObject({ currentReplicas: 2, updatedReplicas: 1 })
    change((spec) => ({ ...spec, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } }))
    kubelet.settle()
    expect(new Set(Object.values(images()))).toEqual(new Set(['nginx:1.28']))
  })

  it('on deletion is only of those that somebody deletes', () => {
    make({ updateStrategy: { type: 'OnDelete' } })
    kubelet.settle()
    setImage('nginx:1.28')
    kubelet.settle()
    kubelet.end(pod('db-1'))
    kubelet.settle()
    expect(images()).toEqual({ 'db-0': 'nginx:1.27', 'db-1': 'nginx:1.28', 'db-2': 'nginx:1.27' })
  })

  it('stands still at a Pod that does not become ready, as upstream even when the template is mended', () => {
    make()
    kubelet.settle()
    setImage('nginx:bad')
    kubelet.settle((one) => one.spec.containers?.[0]?.image !== 'nginx:bad')
    expect(images()).toEqual({ 'db-0': 'nginx:1.27', 'db-1': 'nginx:1.27', 'db-2': 'nginx:bad' })
    setImage('nginx:1.28')
    kubelet.settle((one) => one.spec.containers?.[0]?.image !== 'nginx:bad')
    expect(images()).toMatchObject({ 'db-2': 'nginx:bad' })
    kubelet.end(pod('db-2'))
    kubelet.settle()
    expect(new Set(Object.values(images()))).toEqual(new Set(['nginx:1.28']))
  })

  it('to what was before takes the old revision with a new number', () => {
    make()
    kubelet.settle()
    setImage('nginx:1.28')
    kubelet.settle()
    setImage('nginx:1.27')
    kubelet.settle()
    expect(
      revisions()
        .map(({ revision, data: { spec } }) => [revision, spec.template.spec.containers?.[0]?.image])
        .sort(),
    ).toEqual([
      [2, 'nginx:1.28'],
      [3, 'nginx:1.27'],
    ])
    expect(revisions()[0]?.data.spec.template.$patch).toBe('replace')
  })

  it('keeps as many old revisions as it is told', () => {
    make({ revisionHistoryLimit: 1, replicas: 1 })
    for (const tag of [1, 2, 3]) {
      kubelet.settle()
      setImage(`nginx:${tag}`)
    }
    kubelet.settle()
    expect(
      revisions()
        .map(({ revision }) => revision)
        .sort(),
    ).toEqual([3, 4])
  })
})

describe('claims', () => {
  it('are there before their Pod, so that who binds them has seen them waiting', () => {
    const { backend } = world.cluster
    const podsAtTheTurnOfOthers: number[] = []
    follow(backend.store.collection(CLAIMS) as Collection, backend, () =>
      world.clock.after(0, () => podsAtTheTurnOfOthers.push(kubelet.pods().length)),
    )
    make({ replicas: 1, volumeClaimTemplates: [data] })
    world.step(5)
    expect(podsAtTheTurnOfOthers).toEqual([0])
    expect(kubelet.pods()).toHaveLength(1)
    expect(world.errors).toEqual([])
  })

  it('are made for each Pod, tell of it, and outlive it', () => {
    make({ replicas: 2, volumeClaimTemplates: [data] })
    kubelet.settle()
    expect(claims()).toEqual(['data-db-0', 'data-db-1'])
    expect(world.get(CLAIMS, 'data-db-0')).toMatchObject({
      metadata: { labels: { kept: 'yes', app: 'web' } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    })
    expect(pod('db-1').spec.volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } })
    expect(events()).toEqual([
      'Normal SuccessfulCreate create Claim data-db-0 Pod db-0 in StatefulSet db success',
      'Normal SuccessfulCreate create Pod db-0 in StatefulSet db successful',
      'Normal SuccessfulCreate create Claim data-db-1 Pod db-1 in StatefulSet db success',
      'Normal SuccessfulCreate create Pod db-1 in StatefulSet db successful',
    ])
    scale(0)
    kubelet.settle()
    expect(claims()).toEqual(['data-db-0', 'data-db-1'])
    expect(owners('data-db-0')).toEqual([])
  })

  it('go with the set or with a Pod that is scaled away, as the policy says', () => {
    make({
      replicas: 2,
      volumeClaimTemplates: [data],
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
    })
    kubelet.settle()
    expect(owners('data-db-1')).toEqual(['StatefulSet db'])
    scale(1)
    expect(owners('data-db-1')).toEqual(['Pod db-1'])
    expect(owners('data-db-0')).toEqual(['StatefulSet db'])
    kubelet.settle()
    world.step(60_000)
    expect(claims()).toEqual(['data-db-0'])
    change((spec) => ({
      ...spec,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    }))
    kubelet.settle()
    expect(owners('data-db-0')).toEqual([])
  })

  it('that are being deleted hold up their Pod, which is told', () => {
    submit(world, CLAIMS, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data-db-0', finalizers: ['test/hold'] },
      spec: data.spec,
    })
    world.cluster.backend.registry(CLAIMS)?.delete('default', 'data-db-0')
    make({ volumeClaimTemplates: [data] })
    expect(kubelet.pods()).toEqual([])
    expect(events()).toEqual([
      'Warning FailedCreate create Pod db-0 in StatefulSet db failed error: pvc data-db-0 is being deleted',
    ])
    expect(world.errors.splice(0)).not.toEqual([])
    world.update(CLAIMS, 'data-db-0', ({ metadata: { finalizers: _, ...metadata }, ...now }) => ({ ...now, metadata }))
    world.step(60_000)
    world.errors.length = 0
    expect(kubelet.names()).toEqual(['db-0'])
  })
})

it('adopts Pods of its name, and no others', () => {
  for (const name of ['db-0', 'web-1']) {
    const orphan = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: labelled() }, spec: template().spec }
    submit(world, PODS, orphan)
  }
  const set = make({ replicas: 1 })
  expect(kubelet.names(set)).toEqual(['db-0'])
  const others = kubelet.pods().filter(({ metadata }) => metadata.ownerReferences === undefined)
  expect(others.map(({ metadata }: ApiObject) => metadata.name)).toEqual(['web-1'])
})

it('goes on after a restore', () => {
  make()
  kubelet.settle()
  setImage('nginx:1.28')
  const snapshot = world.whole.api.snapshot()
  kubelet.settle()
  world.whole.api.restore(snapshot)
  kubelet.settle()
  expect(new Set(Object.values(images()))).toEqual(new Set(['nginx:1.28']))
})
