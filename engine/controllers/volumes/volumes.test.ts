import { afterEach, describe, expect, it } from 'vitest'
import { Random } from '../../clock/random.ts'
import type { ApiObject } from '../../objects/types.ts'
import { addNode, addPod, conditionOf, nodeOf, PODS } from '../../scheduler/pods.testing.ts'
import { scheduler } from '../../scheduler/scheduler.ts'
import { StorageProtection } from '../storage-protection.ts'
import { volumeControllers } from '../volumes.ts'
import { World } from '../world.testing.ts'
import { addDefaultClass } from './default-class.ts'
import { CLAIMS, CLASSES, VOLUMES } from './matching.ts'

let world: World
const removed: string[] = []
afterEach(() => {
  world.close()
  expect(world.errors).toEqual([])
})

async function make(): Promise<void> {
  removed.length = 0
  world = await World.make(
    (cluster, report) => {
      addDefaultClass(cluster.backend)
      const directories = { remove: (node: string, path: string) => void removed.push(`${node}:${path}`) }
      return [
        scheduler(cluster, { random: new Random(1), report }),
        ...volumeControllers(cluster, report, directories),
        new StorageProtection(cluster, report),
      ]
    },
    { nodes: 0 },
  )
  for (const name of ['a', 'b']) addNode(world, name)
  world.step()
}

interface ClaimOptions {
  readonly storageClassName?: string
  readonly storage?: string
  readonly spec?: object
}

function addClaim(
  name: string,
  { storageClassName = 'standard', storage = '1Gi', spec }: ClaimOptions = {},
): ApiObject {
  const claim = world.create(CLAIMS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, finalizers: ['kubernetes.io/pvc-protection'] },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage } },
      storageClassName,
      volumeMode: 'Filesystem',
      ...spec,
    },
  })
  world.step()
  return claim
}

function addVolume(name: string, spec: object = {}): void {
  const given = {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    hostPath: { path: `/data/${name}`, type: '' },
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: '',
    volumeMode: 'Filesystem',
    ...spec,
  }
  const finalizers = ['kubernetes.io/pv-protection']
  const object = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name, finalizers }, spec: given }
  world.create(VOLUMES, object, '')
  world.step()
}

const claim = (name: string): ApiObject | undefined => world.get(CLAIMS, name)
const volume = (name: string): ApiObject | undefined => world.get(VOLUMES, name, '')
const phase = (object: ApiObject | undefined): unknown => (object?.status as { phase?: string } | undefined)?.phase
const uses = (claimName: string) => ({ spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] } })
const remove = (resource: typeof CLAIMS, name: string, namespace = 'default'): void => {
  world.cluster.backend.registry(resource)?.delete(namespace, name, { gracePeriodSeconds: 0 })
  world.step(200)
}
const EXTERNAL =
  "Normal ExternalProvisioning Waiting for a volume to be created either by the external provisioner 'rancher.io/local-path' or manually by the system administrator. " +
  'If volume creation is delayed, please verify that the provisioner is running and correctly registered.'

describe('a claim of the default class', () => {
  it('waits for its first Pod, and gets a directory on its node', async () => {
    await make()
    const { uid } = addClaim('data').metadata
    const waits = 'Normal WaitForFirstConsumer waiting for first consumer to be created before binding'
    expect(world.eventsOf('PersistentVolumeClaim', 'data')).toEqual([waits])
    addPod(world, 'web', uses('data'))
    world.step(4_000)
    const name = `pvc-${uid}`
    expect(world.eventsOf('PersistentVolumeClaim', 'data')).toEqual([
      waits,
      'Normal Provisioning External provisioner is provisioning volume for claim "default/data"',
      // Told before it, and once more after it
      EXTERNAL,
      `Normal ProvisioningSucceeded Successfully provisioned volume ${name}`,
    ])
    const node = nodeOf(world, 'web')
    expect(['a', 'b']).toContain(node)
    expect(claim('data')).toMatchObject({
      metadata: {
        annotations: {
          'pv.kubernetes.io/bind-completed': 'yes',
          'pv.kubernetes.io/bound-by-controller': 'yes',
          'volume.beta.kubernetes.io/storage-provisioner': 'rancher.io/local-path',
          'volume.kubernetes.io/selected-node': node,
          'volume.kubernetes.io/storage-provisioner': 'rancher.io/local-path',
        },
      },
      spec: { volumeName: name },
      status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } },
    })
    expect(volume(name)).toMatchObject({
      metadata: {
        annotations: {
          'local.path.provisioner/selected-node': node,
          'pv.kubernetes.io/provisioned-by': 'rancher.io/local-path',
        },
      },
      spec: {
        claimRef: { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data', uid },
        hostPath: { path: `/var/local-path-provisioner/${name}_default_data`, type: 'DirectoryOrCreate' },
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName: 'standard',
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
            ],
          },
        },
      },
      status: { phase: 'Bound' },
    })
  })

  it('holds later Pods on the node where its files are', async () => {
    await make()
    addClaim('data')
    addPod(world, 'first', uses('data'))
    world.step(4_000)
    const node = nodeOf(world, 'first')
    for (const name of ['second', 'third', 'fourth']) {
      addPod(world, name, uses('data'))
      world.step()
      expect(nodeOf(world, name)).toBe(node)
    }
    addPod(world, 'elsewhere', {
      spec: { ...uses('data').spec, nodeSelector: { 'kubernetes.io/hostname': node === 'a' ? 'b' : 'a' } },
    })
    world.step()
    expect(conditionOf(world, 'elsewhere').message).toBe(
      "0/2 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity, 1 node(s) didn't match Pod's node affinity/selector. " +
        'no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    )
  })

  it('outlives its Pod, and takes its files along when it goes', async () => {
    await make()
    const { uid } = addClaim('data').metadata
    addPod(world, 'web', uses('data'))
    world.step(4_000)
    const node = nodeOf(world, 'web')
    remove(CLAIMS, 'data')
    expect(claim('data')?.metadata.deletionTimestamp).toBeDefined()
    expect(phase(volume(`pvc-${uid}`))).toBe('Bound')
    remove(PODS, 'web')
    expect(claim('data')).toBeUndefined()
    expect(phase(volume(`pvc-${uid}`))).toBe('Released')
    world.step(3_000)
    expect(volume(`pvc-${uid}`)).toBeUndefined()
    expect(removed).toEqual([`${node}:/var/local-path-provisioner/pvc-${uid}_default_data`])
  })

  it('is told again and again that it waits', async () => {
    await make()
    addClaim('data')
    world.step(31_000)
    expect(world.list({ group: '', resource: 'events' })).toMatchObject([{ reason: 'WaitForFirstConsumer', count: 3 }])
  })

  it('says so when the provisioner cannot do what is asked', async () => {
    await make()
    addClaim('data', { spec: { accessModes: ['ReadWriteMany'] } })
    addPod(world, 'web', uses('data'))
    world.step(4_000)
    expect(world.eventsOf('PersistentVolumeClaim', 'data')).toContain(
      'Warning ProvisioningFailed failed to provision volume with StorageClass "standard": NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes',
    )
    expect(nodeOf(world, 'web')).toBe('')
  })
})

describe('a claim of another class, or of none', () => {
  it('gets the smallest volume that will do', async () => {
    await make()
    for (const [name, storage] of [
      ['large', '10Gi'],
      ['small', '500Mi'],
      ['right', '2Gi'],
    ] as const) {
      addVolume(name, { capacity: { storage } })
    }
    addClaim('data', { storageClassName: '' })
    expect(claim('data')).toMatchObject({
      spec: { volumeName: 'right' },
      status: { phase: 'Bound', capacity: { storage: '2Gi' } },
    })
    expect(volume('right')).toMatchObject({
      metadata: { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } },
      status: { phase: 'Bound' },
    })
    expect([phase(volume('large')), phase(volume('small'))]).toEqual(['Available', 'Available'])
  })

  it('waits until a volume comes, and keeps its Pod waiting', async () => {
    await make()
    addClaim('data', { storageClassName: '' })
    addPod(world, 'web', uses('data'))
    world.step()
    expect(world.eventsOf('PersistentVolumeClaim', 'data')).toEqual([
      'Normal FailedBinding no persistent volumes available for this claim and no storage class is set',
    ])
    expect(conditionOf(world, 'web').message).toBe(
      '0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found',
    )
    addVolume('late')
    expect(phase(claim('data'))).toBe('Pending')
    world.step(15_000)
    expect(phase(claim('data'))).toBe('Bound')
    expect(nodeOf(world, 'web')).not.toBe('')
  })

  it('is told that its class is not there', async () => {
    await make()
    addClaim('data', { storageClassName: 'fast' })
    expect(world.eventsOf('PersistentVolumeClaim', 'data')).toEqual([
      'Warning ProvisioningFailed storageclass.storage.k8s.io "fast" not found',
    ])
  })

  it('gets the volume that it names, if that is what it asks for', async () => {
    await make()
    addVolume('one')
    addClaim('large', { storageClassName: '', storage: '5Gi', spec: { volumeName: 'one' } })
    expect(world.eventsOf('PersistentVolumeClaim', 'large')).toEqual([
      'Warning VolumeMismatch Cannot bind to requested volume "one": requested PV is too small',
    ])
    addClaim('data', { storageClassName: '', spec: { volumeName: 'one' } })
    expect(phase(claim('data'))).toBe('Bound')
    expect(claim('data')?.metadata.annotations).toEqual({ 'pv.kubernetes.io/bind-completed': 'yes' })
  })

  it('is bound by the scheduler where its class waits for a Pod', async () => {
    await make()
    const local = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'local' },
      provisioner: 'kubernetes.io/no-provisioner',
      reclaimPolicy: 'Retain',
      volumeBindingMode: 'WaitForFirstConsumer',
    }
    world.create(CLASSES, local, '')
    const on = (node: string) => ({
      storageClassName: 'local',
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
          ],
        },
      },
    })
    addClaim('data', { storageClassName: 'local' })
    addPod(world, 'web', uses('data'))
    world.step()
    expect(conditionOf(world, 'web').message).toBe(
      "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. " +
        'no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    )
    addVolume('on-b', on('b'))
    world.step(2_000)
    expect([nodeOf(world, 'web'), phase(claim('data'))]).toEqual(['b', 'Bound'])
  })
})

describe('a volume whose claim is gone', () => {
  it.each([
    ['Retain', '/data/one', 'Released', []],
    [
      'Delete',
      '/data/one',
      'Failed',
      ['Warning VolumeFailedDelete host_path deleter only supports /tmp/.+ but received provided /data/one'],
    ],
    ['Delete', '/tmp/one', undefined, []],
    ['Recycle', '/data/one', 'Available', ['Normal VolumeRecycled Volume recycled']],
  ])('%s of %s', async (persistentVolumeReclaimPolicy, path, expected, events) => {
    await make()
    addVolume('one', { persistentVolumeReclaimPolicy, hostPath: { path, type: '' } })
    addClaim('data', { storageClassName: '' })
    expect(phase(volume('one'))).toBe('Bound')
    remove(CLAIMS, 'data')
    expect(phase(volume('one'))).toBe(expected)
    expect(world.eventsOf('PersistentVolume', 'one')).toEqual(events)
  })

  it('leaves a claim without it for lost', async () => {
    await make()
    addVolume('one')
    addClaim('data', { storageClassName: '' })
    world.update(VOLUMES, 'one', (now) => ({ ...now, metadata: { ...now.metadata, finalizers: [] } }), {
      namespace: '',
    })
    remove(VOLUMES, 'one', '')
    expect(phase(claim('data'))).toBe('Lost')
    expect(world.eventsOf('PersistentVolumeClaim', 'data')).toEqual([
      'Warning ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    ])
  })
})

it('makes the claims that a Pod describes, which go with it', async () => {
  await make()
  const volumeClaimTemplate = {
    metadata: { labels: { for: 'web' } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeMode: 'Filesystem' },
  }
  addPod(world, 'web', { spec: { volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate } }] } })
  world.step(5_000)
  expect(claim('web-scratch')).toMatchObject({
    metadata: { labels: { for: 'web' }, ownerReferences: [{ kind: 'Pod', name: 'web', controller: true }] },
    spec: { storageClassName: 'standard' },
    status: { phase: 'Bound' },
  })
  expect(nodeOf(world, 'web')).not.toBe('')
})

it('tells that nobody can make a volume larger', async () => {
  await make()
  addVolume('one')
  addClaim('data', { storageClassName: '' })
  world.update(CLAIMS, 'data', (now) => ({
    ...now,
    spec: { ...(now.spec as object), resources: { requests: { storage: '2Gi' } } },
  }))
  world.step()
  expect(world.eventsOf('PersistentVolumeClaim', 'data')).toEqual([
    'Warning ExternalExpanding waiting for an external controller to expand this PVC',
  ])
})
