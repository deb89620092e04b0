import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DeploymentSpec } from '../../kinds/apps/types.ts'
import { isEnding, isReady } from '../../kinds/pod/status.ts'
import type { ApiObject } from '../../objects/types.ts'
import { appControllers } from '../apps.ts'
import { Kubelet, labelled, submit, template, watchStates, withImage } from '../pod-control/pods.testing.ts'
import { REPLICA_SETS } from '../replicaset/replica-controller.ts'
import { World } from '../world.testing.ts'
import { REVISION } from './revisions.ts'
import { DEPLOYMENTS, type Deployment, type ReplicaSet } from './types.ts'

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

function deploy(spec: Partial<DeploymentSpec> = {}, metadata: Partial<ApiObject['metadata']> = {}): Deployment {
  const created = submit(world, DEPLOYMENTS, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', ...metadata },
    spec: { replicas: 3, selector: { matchLabels: labelled() }, template: template(), ...spec },
  })
  world.step()
  return created as Deployment
}

const get = (): Deployment => world.get(DEPLOYMENTS, 'web') as Deployment
const sets = (): ReplicaSet[] => world.list(REPLICA_SETS, 'default') as ReplicaSet[]
const setOf = (image: string): ReplicaSet =>
  sets().find(({ spec }) => spec.template.spec.containers?.[0]?.image === image) as ReplicaSet
const sizes = (): Record<string, number> =>
  Object.fromEntries(sets().map(({ spec }) => [spec.template.spec.containers?.[0]?.image, spec.replicas ?? 0]))
const scalings = (): string[] =>
  world.eventsOf('Deployment', 'web').map((event) => {
    const names = new Map(
      sets().map(({ metadata, spec }) => [metadata.name, spec.template.spec.containers?.[0]?.image]),
    )
    return event.replace(/web-[a-z0-9]+/, (name) => names.get(name) ?? name)
  })
const condition = (type: string) => get().status?.conditions?.find((one) => one.type === type)

function change(spec: (now: DeploymentSpec) => DeploymentSpec): void {
  world.update(DEPLOYMENTS, 'web', (now) => ({ ...now, spec: spec((now as Deployment).spec) }))
  world.step()
}
const setImage = (image: string) => change((spec) => ({ ...spec, template: withImage(spec.template, image) }))
const scale = (replicas: number) => change((spec) => ({ ...spec, replicas }))

describe('a new Deployment', () => {
  it('makes a ReplicaSet with the hash of its template, and tells of it', () => {
    const deployment = deploy({ minReadySeconds: 5 }, { annotations: { note: 'mine' } })
    const [set] = sets()
    const hash = set?.metadata.labels?.['pod-template-hash'] ?? ''
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
    expect(set).toMatchObject({
      metadata: {
        name: `web-${hash}`,
        labels: { app: 'web', 'pod-template-hash': hash },
        annotations: {
          note: 'mine',
          'deployment.kubernetes.io/revision': '1',
          'deployment.kubernetes.io/desired-replicas': '3',
          'deployment.kubernetes.io/max-replicas': '4',
        },
        ownerReferences: [{ kind: 'Deployment', name: 'web', uid: deployment.metadata.uid, controller: true }],
      },
      spec: {
        replicas: 3,
        minReadySeconds: 5,
        selector: { matchLabels: { app: 'web', 'pod-template-hash': hash } },
        template: { metadata: { labels: { app: 'web', 'pod-template-hash': hash } } },
      },
    })
    expect(kubelet.names()).toHaveLength(3)
    for (const name of kubelet.names()) expect(name).toMatch(new RegExp(`^web-${hash}-[a-z0-9]{5}$`))
    expect(world.eventsOf('Deployment', 'web')).toEqual([
      `Normal ScalingReplicaSet Scaled up replica set web-${hash} from 0 to 3`,
    ])
    expect(get().metadata.annotations).toEqual({ note: 'mine', [REVISION]: '1' })
    expect(get().status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      unavailableReplicas: 3,
    })
    expect(condition('Available')).toMatchObject({
      status: 'False',
      reason: 'MinimumReplicasUnavailable',
      message: 'Deployment does not have minimum availability.',
    })
    expect(condition('Progressing')).toMatchObject({
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: `ReplicaSet "web-${hash}" is progressing.`,
    })
  })

  it('is complete when all its Pods are available', () => {
    deploy()
    const seen = watchStates(world, DEPLOYMENTS, 'web', ({ status }) => {
      const { availableReplicas = 0, conditions } = (status ?? {}) as NonNullable<Deployment['status']>
      return [
        availableReplicas,
        ...(conditions ?? []).map(({ type, status: is, reason }) => `${type} ${is} ${reason}`).sort(),
      ]
    })
    kubelet.settle()
    world.step(5000)
    expect(seen).toEqual([
      [0, 'Available False MinimumReplicasUnavailable', 'Progressing True ReplicaSetUpdated'],
      [3, 'Available True MinimumReplicasAvailable', 'Progressing True NewReplicaSetAvailable'],
    ])
    expect(condition('Progressing')?.message).toBe(
      `ReplicaSet "${sets()[0]?.metadata.name}" has successfully progressed.`,
    )
    expect(get().status).toEqual({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      conditions: [expect.anything(), expect.anything()],
    })
  })

  it('has the same hash for the same template, and adopts the set that is there', () => {
    deploy()
    const [first] = sets()
    world.cluster.backend.registry(DEPLOYMENTS)?.delete('default', 'web', { propagationPolicy: 'Orphan' })
    world.step(1000)
    expect(sets().map(({ metadata }) => metadata.ownerReferences)).toEqual([undefined])
    deploy()
    expect(sets()).toHaveLength(1)
    expect(sets()[0]?.metadata).toMatchObject({
      name: first?.metadata.name,
      ownerReferences: [{ uid: get().metadata.uid }],
    })
    expect(kubelet.pods()).toHaveLength(3)
    expect(world.eventsOf('Deployment', 'web')).toHaveLength(1)
  })

  it('counts a collision, and takes another hash', () => {
    const taken = deploy()
    const name = sets()[0]?.metadata.name ?? ''
    world.cluster.backend.registry(DEPLOYMENTS)?.delete('default', 'web')
    world.step(60_000)
    expect(sets()).toEqual([])
    submit(world, REPLICA_SETS, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name },
      spec: { replicas: 0, selector: { matchLabels: { app: 'other' } }, template: template('other', { app: 'other' }) },
    })
    deploy()
    world.step(1000)
    expect(get().status?.collisionCount).toBe(1)
    expect(sets()).toHaveLength(2)
    expect(kubelet.pods(setOf('nginx:1.27'))).toHaveLength(3)
    expect(setOf('nginx:1.27').metadata.name).not.toBe(name)
    expect(taken.metadata.uid).not.toBe(get().metadata.uid)
    // That the name is taken is no failure
    expect(world.errors).toEqual([])
  })
})

describe('a rolling update', () => {
  it('goes on by surge and unavailability, as upstream does it', () => {
    deploy()
    kubelet.settle()
    setImage('nginx:1.28')
    kubelet.settle()
    expect(scalings()).toEqual([
      'Normal ScalingReplicaSet Scaled up replica set nginx:1.27 from 0 to 3',
      'Normal ScalingReplicaSet Scaled up replica set nginx:1.28 from 0 to 1',
      'Normal ScalingReplicaSet Scaled down replica set nginx:1.27 from 3 to 2',
      'Normal ScalingReplicaSet Scaled up replica set nginx:1.28 from 1 to 2',
      'Normal ScalingReplicaSet Scaled down replica set nginx:1.27 from 2 to 1',
      'Normal ScalingReplicaSet Scaled up replica set nginx:1.28 from 2 to 3',
      'Normal ScalingReplicaSet Scaled down replica set nginx:1.27 from 1 to 0',
    ])
    expect(sizes()).toEqual({ 'nginx:1.27': 0, 'nginx:1.28': 3 })
    expect(get().metadata.annotations?.[REVISION]).toBe('2')
    expect(condition('Progressing')?.reason).toBe('NewReplicaSetAvailable')
  })

  it.each<[string, { maxSurge: number | string; maxUnavailable: number | string }, number, Record<string, number>]>([
    ['only surge', { maxSurge: 1, maxUnavailable: 0 }, 4, { old: 4, new: 1 }],
    ['only unavailability', { maxSurge: 0, maxUnavailable: 1 }, 4, { old: 3, new: 1 }],
    ['both in percent, rounded up and down', { maxSurge: '30%', maxUnavailable: '30%' }, 10, { old: 7, new: 6 }],
    ['neither by rounding, which is one unavailable', { maxSurge: 0, maxUnavailable: '10%' }, 4, { old: 3, new: 1 }],
    ['everything at once', { maxSurge: '100%', maxUnavailable: '100%' }, 4, { old: 0, new: 4 }],
  ])('keeps to %s', (_, rollingUpdate, replicas, expected) => {
    deploy({ replicas, strategy: { type: 'RollingUpdate', rollingUpdate } })
    kubelet.settle()
    setImage('nginx:bad')
    kubelet.settle((pod) => pod.spec.containers?.[0]?.image !== 'nginx:bad')
    expect(sizes()).toEqual({ 'nginx:1.27': expected.old, 'nginx:bad': expected.new })
  })

  it('lets Pods that do not work go first', () => {
    deploy()
    kubelet.settle()
    setImage('nginx:bad')
    kubelet.settle((pod) => pod.spec.containers?.[0]?.image !== 'nginx:bad')
    setImage('nginx:1.28')
    expect(sizes()).toEqual({ 'nginx:1.27': 3, 'nginx:bad': 0, 'nginx:1.28': 1 })
    kubelet.settle()
    expect(sizes()).toEqual({ 'nginx:1.27': 0, 'nginx:bad': 0, 'nginx:1.28': 3 })
  })

  it('waits for minReadySeconds before it goes on', () => {
    deploy({ minReadySeconds: 10 })
    kubelet.settle()
    world.step(10_000)
    setImage('nginx:1.28')
    kubelet.settle()
    world.step(9_000)
    expect(sizes()).toEqual({ 'nginx:1.27': 3, 'nginx:1.28': 1 })
    world.step(1_000)
    expect(sizes()).toEqual({ 'nginx:1.27': 2, 'nginx:1.28': 2 })
  })

  it('tells that its deadline has passed, a second late as upstream, and that it goes on after all', () => {
    deploy({ progressDeadlineSeconds: 60 })
    kubelet.settle()
    setImage('nginx:bad')
    kubelet.settle((pod) => pod.spec.containers?.[0]?.image !== 'nginx:bad')
    world.step(60_000)
    expect(condition('Progressing')?.reason).toBe('ReplicaSetUpdated')
    world.step(1_000)
    expect(condition('Progressing')).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
      message: `ReplicaSet "${setOf('nginx:bad').metadata.name}" has timed out progressing.`,
    })
    expect(condition('Available')?.status).toBe('True')
    kubelet.settle()
    expect(condition('Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' })
  })

  it('tells what keeps its Pods from being made', () => {
    const QUOTAS = { group: '', resource: 'resourcequotas' }
    const spec = { hard: { pods: '1' } }
    submit(world, QUOTAS, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few' }, spec })
    world.step(1000)
    deploy()
    expect(condition('ReplicaFailure')).toMatchObject({
      status: 'True',
      reason: 'FailedCreate',
      message: expect.stringMatching(/^pods "web-[a-z0-9]+-[a-z0-9]{5}" is forbidden: exceeded quota: few/),
    })
    expect(world.errors).toEqual([])
  })
})

describe('revisions', () => {
  it('are counted, and a template that comes back has its set again with a new number', () => {
    deploy()
    kubelet.settle()
    setImage('nginx:1.28')
    kubelet.settle()
    setImage('nginx:1.27')
    kubelet.settle()
    expect(sets()).toHaveLength(2)
    const annotations = (image: string) => setOf(image).metadata.annotations ?? {}
    expect(annotations('nginx:1.27')).toMatchObject({
      [REVISION]: '3',
      'deployment.kubernetes.io/revision-history': '1',
    })
    expect(annotations('nginx:1.28')).toMatchObject({ [REVISION]: '2' })
    expect(get().metadata.annotations?.[REVISION]).toBe('3')
  })

  it('are kept as many as the limit says', () => {
    deploy({ revisionHistoryLimit: 2 })
    for (const tag of [1, 2, 3, 4]) {
      kubelet.settle()
      setImage(`nginx:${tag}`)
    }
    kubelet.settle()
    expect(Object.keys(sizes()).sort()).toEqual(['nginx:2', 'nginx:3', 'nginx:4'])
  })

  it('can be gone back to by the annotation of old clients', () => {
    deploy()
    kubelet.settle()
    setImage('nginx:1.28')
    kubelet.settle()
    const ask = (revision: string) => {
      world.update(DEPLOYMENTS, 'web', ({ metadata, ...now }) => ({
        ...now,
        metadata: {
          ...metadata,
          annotations: { ...metadata.annotations, 'deprecated.deployment.rollback.to': revision },
        },
      }))
      kubelet.settle()
    }
    ask('0')
    expect(sizes()).toEqual({ 'nginx:1.27': 3, 'nginx:1.28': 0 })
    ask('3')
    ask('7')
    const told = world.eventsOf('Deployment', 'web').filter((event) => event.includes('Rollback'))
    expect(told).toEqual([
      'Normal DeploymentRollback Rolled back deployment "web" to revision 1',
      'Warning DeploymentRollbackTemplateUnchanged The rollback revision contains the same template as current deployment "web"',
      'Warning DeploymentRollbackRevisionNotFound Unable to find the revision to rollback to.',
    ])
    expect(get().metadata.annotations).toEqual({ [REVISION]: '3' })
  })
})

describe('scaling', () => {
  it('changes the one set that there is', () => {
    deploy()
    kubelet.settle()
    scale(5)
    expect(scalings().at(-1)).toBe('Normal ScalingReplicaSet Scaled up replica set nginx:1.27 from 3 to 5')
    scale(1)
    expect(scalings().at(-1)).toBe('Normal ScalingReplicaSet Scaled down replica set nginx:1.27 from 5 to 1')
    kubelet.settle()
    expect(get().status).toMatchObject({ replicas: 1, availableReplicas: 1, observedGeneration: 3 })
  })

  it('in the midst of a rollout gives each set its share', () => {
    deploy({ replicas: 10, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } })
    kubelet.settle()
    setImage('nginx:bad')
    const bad = (image: string | undefined) => image !== 'nginx:bad'
    kubelet.settle((pod) => bad(pod.spec.containers?.[0]?.image))
    // The example of the documentation
    expect(sizes()).toEqual({ 'nginx:1.27': 8, 'nginx:bad': 5 })
    scale(15)
    kubelet.settle((pod) => bad(pod.spec.containers?.[0]?.image))
    expect(sizes()).toEqual({ 'nginx:1.27': 11, 'nginx:bad': 7 })
  })

  it('to none takes all Pods of all sets', () => {
    deploy()
    kubelet.settle()
    setImage('nginx:bad')
    scale(0)
    kubelet.settle()
    expect(kubelet.pods()).toEqual([])
    expect(get().status).toMatchObject({ observedGeneration: 3 })
    expect(get().status?.replicas).toBeUndefined()
  })
})

describe('a paused Deployment', () => {
  it('is scaled but not rolled out until it is resumed, and says so', () => {
    deploy()
    kubelet.settle()
    change((spec) => ({ ...spec, paused: true }))
    expect(condition('Progressing')).toMatchObject({
      status: 'Unknown',
      reason: 'DeploymentPaused',
      message: 'Deployment is paused',
    })
    setImage('nginx:1.28')
    change((spec) => ({ ...spec, paused: true }))
    expect(sizes()).toMatchObject({ 'nginx:1.27': expect.any(Number) })
    scale(4)
    kubelet.settle()
    const reasons = watchStates(world, DEPLOYMENTS, 'web', (one) => {
      const { conditions = [] } = (one as Deployment).status ?? {}
      return conditions.find(({ type }) => type === 'Progressing')?.reason
    })
    change(({ paused: _, ...spec }) => spec)
    kubelet.settle()
    expect(reasons).toEqual(expect.arrayContaining(['DeploymentPaused', 'DeploymentResumed', 'NewReplicaSetAvailable']))
    expect(sizes()).toMatchObject({ 'nginx:1.28': 4 })
  })

  it('that begins paused has no ReplicaSet', () => {
    deploy({ paused: true })
    expect(sets()).toEqual([])
    change(({ paused: _, ...spec }) => spec)
    expect(sets()).toHaveLength(1)
  })
})

describe('recreation', () => {
  it('makes new Pods only when the last old one is gone', () => {
    deploy({ strategy: { type: 'Recreate' } })
    kubelet.settle()
    setImage('nginx:1.28')
    expect(sizes()).toEqual({ 'nginx:1.27': 0 })
    const [first, ...others] = kubelet.pods()
    for (const pod of others) kubelet.end(pod)
    world.step()
    expect(sizes()).toEqual({ 'nginx:1.27': 0 })
    kubelet.end(first as ApiObject)
    world.step()
    expect(sizes()).toEqual({ 'nginx:1.27': 0, 'nginx:1.28': 3 })
    kubelet.settle()
    expect(scalings()).toEqual([
      'Normal ScalingReplicaSet Scaled up replica set nginx:1.27 from 0 to 3',
      'Normal ScalingReplicaSet Scaled down replica set nginx:1.27 from 3 to 0',
      'Normal ScalingReplicaSet Scaled up replica set nginx:1.28 from 0 to 3',
    ])
    expect(kubelet.pods().every((pod) => isReady(pod) && !isEnding(pod))).toBe(true)
  })
})

it('goes on after a restore in the midst of a rollout', () => {
  deploy()
  kubelet.settle()
  setImage('nginx:1.28')
  const snapshot = world.whole.api.snapshot()
  kubelet.settle()
  world.whole.api.restore(snapshot)
  kubelet.settle()
  expect(sizes()).toEqual({ 'nginx:1.27': 0, 'nginx:1.28': 3 })
})

it('leaves no timer once it is stopped', () => {
  deploy({ progressDeadlineSeconds: 60, minReadySeconds: 5 })
  kubelet.settle()
  world.close()
  expect(world.clock.pending).toBe(0)
})
