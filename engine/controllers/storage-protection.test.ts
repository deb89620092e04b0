import { beforeEach, describe, expect, it } from 'vitest'
import { persistentVolumeClaims as claims } from '../kinds/core/volume/claim.ts'
import { persistentVolumes as volumes } from '../kinds/core/volume/volume.ts'
import { resources as pods } from '../kinds/pod/index.ts'
import { SchemaLookup } from '../schema/lookup.ts'
import { ClusterUnderTest } from './controllers.testing.ts'
import { StorageProtection } from './storage-protection.ts'

let cluster: ClusterUnderTest
beforeEach(() => {
  cluster = new ClusterUnderTest()
  const schemas = new SchemaLookup()
  for (const definition of [claims(schemas), volumes(schemas), ...pods(schemas)]) cluster.serve(definition)
  new StorageProtection(cluster, (error) => cluster.errors.push(error)).start()
})

const claim = (finalizers: readonly string[] = ['kubernetes.io/pvc-protection']) =>
  cluster.backend.store.collection({ group: '', resource: 'persistentvolumeclaims' })?.put({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: 'claim',
      namespace: 'default',
      uid: 'u',
      creationTimestamp: '2026-01-01T00:00:00Z',
      resourceVersion: '',
      finalizers,
    },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeMode: 'Filesystem' },
    status: { phase: 'Pending' },
  })
const pod = (nodeName?: string) =>
  cluster.backend.store.collection({ group: '', resource: 'pods' })?.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'pod',
      namespace: 'default',
      uid: 'p',
      creationTimestamp: '2026-01-01T00:00:00Z',
      resourceVersion: '',
    },
    spec: {
      containers: [],
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'claim' } }],
      ...(nodeName === undefined ? {} : { nodeName }),
    },
    status: {},
  })
const found = () => cluster.get('persistentvolumeclaims', 'default', 'claim')
const end = () => {
  cluster.registry('persistentvolumeclaims').delete('default', 'claim')
  cluster.step(1000)
}

describe('what is in use stays', () => {
  it('lets go of a claim that nobody uses', () => {
    claim()
    cluster.step(1000)
    end()
    expect(found()).toBeUndefined()
    expect(cluster.errors).toEqual([])
  })

  it('keeps a claim until the Pod that uses it is gone', () => {
    claim()
    pod('node')
    end()
    expect(found()?.metadata.deletionTimestamp).toBeDefined()
    cluster.backend.store.collection({ group: '', resource: 'pods' })?.remove('default/pod')
    cluster.step(1000)
    expect(found()).toBeUndefined()
  })

  it('does not wait for a Pod without a node', () => {
    claim()
    pod()
    end()
    expect(found()).toBeUndefined()
  })

  it('holds what came without a finalizer', () => {
    claim([])
    cluster.step(1000)
    expect(found()?.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
  })

  it('holds attribute classes, and lets go of them', () => {
    const classes = cluster.registry('volumeattributesclasses', 'storage.k8s.io')
    classes.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttributesClass',
      metadata: { name: 'gold' },
      driverName: 'a.b',
      parameters: { a: 'b' },
    })
    cluster.step(1000)
    expect(classes.get(undefined, 'gold').metadata.finalizers).toEqual(['kubernetes.io/vac-protection'])
    classes.delete(undefined, 'gold')
    cluster.step(1000)
    expect(classes.collection.get(undefined, 'gold')).toBeUndefined()
  })
})
