import { beforeEach, describe, expect, it } from 'vitest'
import { defineKind } from '../kinds/define.ts'
import type { ApiObject } from '../objects/types.ts'
import { SchemaLookup } from '../schema/lookup.ts'
import { ClusterUnderTest } from './controllers.testing.ts'
import { NamespaceDeletion } from './namespace-deletion.ts'

let cluster: ClusterUnderTest
beforeEach(() => {
  cluster = new ClusterUnderTest()
  new NamespaceDeletion(cluster, (error) => cluster.errors.push(error)).start()
  cluster.namespace('work')
})

const remove = () => cluster.registry('namespaces').delete(undefined, 'work', {})
const namespace = () => cluster.get('namespaces', undefined, 'work')
const conditions = () => {
  const status = (namespace()?.status ?? {}) as { conditions?: { type: string; status: string; message: string }[] }
  return (status.conditions ?? []).map(({ type, status, message }) => `${type}=${status}: ${message}`)
}

const WELL = [
  'NamespaceDeletionDiscoveryFailure=False: All resources successfully discovered',
  'NamespaceDeletionGroupVersionParsingFailure=False: All legacy kube types successfully parsed',
  'NamespaceDeletionContentFailure=False: All content successfully deleted, may be waiting on finalization',
  'NamespaceContentRemaining=False: All content successfully removed',
  'NamespaceFinalizersRemaining=False: All content-preserving finalizers finished',
]

describe('a namespace that is deleted', () => {
  it('ends when it is empty, after the others had time to hear of it', () => {
    cluster.configMap('a', { namespace: 'work' })
    cluster.configMap('b')
    remove()
    cluster.step(4_999)
    expect(namespace()?.status).toEqual({ phase: 'Terminating' })
    expect(cluster.names('work')).toEqual(['a'])
    cluster.step(1)
    expect(namespace()).toBeUndefined()
    expect(cluster.names('work')).toEqual([])
    expect(cluster.names()).toEqual(['b'])
    expect(cluster.errors).toEqual([])
  })

  it('tells what holds it back, and looks again', () => {
    cluster.configMap('held', { namespace: 'work', finalizers: ['example.com/wait'] })
    remove()
    cluster.step(5_000)
    expect(conditions()).toEqual([
      ...WELL.slice(0, 3),
      'NamespaceContentRemaining=True: Some resources are remaining: configmaps. has 1 resource instances',
      'NamespaceFinalizersRemaining=True: Some content in the namespace has finalizers remaining: example.com/wait in 1 resource instances',
    ])
    cluster.registry('configmaps').update('work', 'held', (now) => {
      const { finalizers: _, ...metadata } = now?.metadata ?? {}
      return { apiVersion: 'v1', kind: 'ConfigMap', metadata }
    })
    cluster.step(8_000)
    expect(namespace()).toBeUndefined()
  })

  it('stays while another holds it', () => {
    const held = cluster.registry('namespaces').create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'held' },
      spec: { finalizers: ['example.com/wait'] },
      status: { phase: 'Active' },
    })
    cluster.registry('namespaces').delete(undefined, held.metadata.name, {})
    cluster.step(60_000)
    expect(cluster.get('namespaces', undefined, 'held')?.spec).toEqual({ finalizers: ['example.com/wait'] })
  })
})

describe('Pods', () => {
  const grace = (object: ApiObject, asked: number | undefined) =>
    asked ?? (object.spec as { terminationGracePeriodSeconds: number }).terminationGracePeriodSeconds

  it('go first, and get the time that they ask for', () => {
    const pods = cluster.serve(
      defineKind(new SchemaLookup(), {
        group: '',
        version: 'v1',
        kind: 'Pod',
        resource: 'pods',
        gracePeriod: grace,
      }),
    )
    pods.create(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', namespace: 'work' },
        spec: { terminationGracePeriodSeconds: 30 },
        status: { phase: 'Running' },
      },
      { namespace: 'work' },
    )
    cluster.configMap('a', { namespace: 'work' })
    remove()
    cluster.step(5_000)
    expect(conditions()).toEqual(WELL)
    expect(cluster.names('work')).toEqual(['a'])
    pods.delete('work', 'p', { gracePeriodSeconds: 0 })
    cluster.step(16_000)
    expect(namespace()).toBeUndefined()
    expect(cluster.names('work')).toEqual([])
  })

  it('that stay longer than they may are told of', () => {
    const pods = cluster.serve(
      defineKind(new SchemaLookup(), {
        group: '',
        version: 'v1',
        kind: 'Pod',
        resource: 'pods',
        gracePeriod: grace,
      }),
    )
    pods.create(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', namespace: 'work' },
        spec: { terminationGracePeriodSeconds: 1 },
        status: { phase: 'Running' },
      },
      { namespace: 'work' },
    )
    remove()
    cluster.step(5_000)
    expect(conditions()).toContain(
      'NamespaceDeletionContentFailure=True: Failed to delete all resource types, 1 remaining: unexpected items still remain in namespace: work for gvr: /v1, Resource=pods',
    )
  })
})
