import { beforeEach, describe, expect, it } from 'vitest'
import { defineKind } from '../kinds/define.ts'
import type { OwnerReference } from '../objects/types.ts'
import { SchemaLookup } from '../schema/lookup.ts'
import { ClusterUnderTest, ownerOf } from './controllers.testing.ts'
import { GarbageCollector } from './garbage-collector.ts'

let cluster: ClusterUnderTest
let collector: GarbageCollector
beforeEach(() => {
  cluster = new ClusterUnderTest()
  collector = new GarbageCollector(cluster, (error) => cluster.errors.push(error))
  collector.start()
})

const owned = (name: string, ...ownerReferences: OwnerReference[]) => cluster.configMap(name, { ownerReferences })
const remove = (name: string, propagationPolicy: string) => {
  cluster.registry('configmaps').delete('default', name, { propagationPolicy })
  cluster.step(1000)
}
const release = (name: string) => {
  cluster.registry('configmaps').update('default', name, (now) => {
    const { finalizers: _, ...metadata } = now?.metadata ?? {}
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata }
  })
  cluster.step(1000)
}

describe('background', () => {
  it('removes dependents after their owner, and theirs after them', () => {
    const root = cluster.configMap('root')
    const child = owned('child', ownerOf(root))
    owned('grandchild', ownerOf(child))
    cluster.configMap('other')
    remove('root', 'Background')
    expect(cluster.names()).toEqual(['other'])
    expect(cluster.errors).toEqual([])
  })

  it('keeps what has another owner, and takes the lost one from its list', () => {
    const [first, second] = [cluster.configMap('first'), cluster.configMap('second')]
    owned('child', ownerOf(first), ownerOf(second))
    remove('first', 'Background')
    expect(cluster.get('configmaps', 'default', 'child')?.metadata.ownerReferences).toEqual([ownerOf(second)])
    remove('second', 'Background')
    expect(cluster.names()).toEqual([])
  })

  it('removes what comes with an owner that is not there', () => {
    const gone = { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'x' }
    owned('child', gone)
    const imposter = cluster.configMap('imposter')
    owned('second', { ...ownerOf(imposter), uid: 'y' })
    cluster.step()
    expect(cluster.names()).toEqual(['imposter'])
  })

  it('removes what gets such an owner later', () => {
    const child = cluster.configMap('child')
    cluster.step()
    cluster.registry('configmaps').update('default', 'child', () => ({
      ...child,
      metadata: { ...child.metadata, ownerReferences: [{ ...ownerOf(child), name: 'gone', uid: 'x' }] },
    }))
    cluster.step()
    expect(cluster.names()).toEqual([])
  })

  it('looks for owners in the namespace of the dependent only', () => {
    const elsewhere = cluster.configMap('owner', { namespace: 'elsewhere' })
    owned('child', ownerOf(elsewhere))
    cluster.step()
    expect(cluster.names()).toEqual([])
  })

  it('takes owners without a namespace, but not the other way round', () => {
    const namespace = cluster.namespace('big')
    owned('child', ownerOf(namespace))
    cluster.registry('storageclasses', 'storage.k8s.io').create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'fast', ownerReferences: [ownerOf(cluster.configMap('owner'))] },
      provisioner: 'x.io/y',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
    })
    cluster.step(1000)
    remove('owner', 'Background')
    expect(cluster.names()).toEqual(['child'])
    expect(cluster.registry('storageclasses', 'storage.k8s.io').collection.size).toBe(1)
  })

  it('begins with what there is', () => {
    collector.stop()
    owned('child', { apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: 'x' })
    cluster.step(1000)
    expect(cluster.names()).toEqual(['child'])
    collector.start()
    cluster.step()
    expect(cluster.names()).toEqual([])
  })

  it('leaves alone what has an owner of a kind that nobody serves, until somebody does', () => {
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'gone', uid: 'x' }
    owned('child', lease)
    cluster.step(60_000)
    expect(cluster.names()).toEqual(['child'])
    const { group, version, kind, resource } = {
      group: 'coordination.k8s.io',
      version: 'v1',
      kind: 'Lease',
      resource: 'leases',
    }
    cluster.serve(defineKind(new SchemaLookup(), { group, version, kind, resource }))
    cluster.configMap('anything')
    cluster.step()
    expect(cluster.names()).toEqual(['anything'])
  })
})

describe('foreground', () => {
  it('waits for dependents that block, and removes them first', () => {
    const root = cluster.configMap('root')
    owned('child', ownerOf(root, true))
    const held = cluster.configMap('held', { ownerReferences: [ownerOf(root, true)], finalizers: ['example.com/wait'] })
    remove('root', 'Foreground')
    expect(cluster.names()).toEqual(['held', 'root'])
    expect(cluster.get('configmaps', 'default', 'root')?.metadata.finalizers).toEqual(['foregroundDeletion'])
    expect(cluster.get('configmaps', 'default', held.metadata.name)?.metadata.deletionTimestamp).toBeDefined()
    release('held')
    expect(cluster.names()).toEqual([])
  })

  it('does not wait for those that do not block', () => {
    const root = cluster.configMap('root')
    cluster.configMap('held', { ownerReferences: [ownerOf(root)], finalizers: ['example.com/wait'] })
    remove('root', 'Foreground')
    expect(cluster.names()).toEqual(['held'])
    release('held')
    expect(cluster.names()).toEqual([])
  })

  it('goes down all generations before it comes up', () => {
    const order: string[] = []
    cluster
      .registry('configmaps')
      .collection.subscribe({}, { event: ({ type, object }) => type === 'DELETED' && order.push(object.metadata.name) })
    const root = cluster.configMap('root')
    const child = owned('child', ownerOf(root, true))
    owned('grandchild', ownerOf(child, true))
    remove('root', 'Foreground')
    expect(order).toEqual(['grandchild', 'child', 'root'])
  })

  it('gets out of circles', () => {
    const first = cluster.configMap('first')
    const second = owned('second', ownerOf(first, true))
    cluster.registry('configmaps').update('default', 'first', () => ({
      ...first,
      metadata: { ...first.metadata, ownerReferences: [ownerOf(second, true)] },
    }))
    cluster.step()
    remove('first', 'Foreground')
    expect(cluster.names()).toEqual([])
  })
})

describe('orphan', () => {
  it('takes the owner from its dependents and lets it go', () => {
    const root = cluster.configMap('root')
    owned('child', ownerOf(root))
    remove('root', 'Orphan')
    expect(cluster.names()).toEqual(['child'])
    expect(cluster.get('configmaps', 'default', 'child')?.metadata.ownerReferences).toBeUndefined()
  })
})

it('takes up its work after a restore', () => {
  const root = cluster.configMap('root')
  owned('child', ownerOf(root))
  const snapshot = cluster.backend.store.snapshot()
  remove('root', 'Background')
  cluster.backend.store.restore(snapshot)
  cluster.step()
  expect(cluster.names()).toEqual(['child', 'root'])
  remove('root', 'Background')
  expect(cluster.names()).toEqual([])
})

describe('an owner that waits for its dependents', () => {
  for (const policy of ['Orphan', 'Foreground'])
    it(`is there while others hear that it has none any more (${policy})`, () => {
      const root = cluster.configMap('root')
      owned('child', { ...ownerOf(root), blockOwnerDeletion: true })
      cluster.step(1000)
      cluster.registry('configmaps').delete('default', 'root', { propagationPolicy: policy })
      cluster.step()
      expect(cluster.get('configmaps', 'default', 'child')?.metadata.ownerReferences).toBeUndefined()
      expect(cluster.names()).toContain('root')
      cluster.step(1000)
      expect(cluster.names()).not.toContain('root')
    })
})
