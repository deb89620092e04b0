import { describe, expect, it } from 'vitest'
import { ClusterUnderTest } from './controllers.testing.ts'
import { housekeeping } from './housekeeping.ts'

const ROOT_CA = '-----BEGIN CERTIFICATE-----\n'

function started(): ClusterUnderTest {
  const cluster = new ClusterUnderTest()
  housekeeping(cluster, { rootCa: ROOT_CA, report: (error) => cluster.errors.push(error) }).start()
  cluster.namespace('work')
  cluster.step()
  return cluster
}

describe('a new namespace', () => {
  it('has an account and the root certificate', () => {
    const cluster = started()
    expect(cluster.get('serviceaccounts', 'work', 'default')).toMatchObject({ kind: 'ServiceAccount' })
    expect(cluster.get('configmaps', 'work', 'kube-root-ca.crt')?.data).toEqual({ 'ca.crt': ROOT_CA })
  })

  it('gets them back', () => {
    const cluster = started()
    cluster.registry('serviceaccounts').delete('work', 'default')
    cluster.registry('configmaps').update('work', 'kube-root-ca.crt', (now) => ({
      ...now,
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...now?.metadata },
      data: { 'ca.crt': 'x' },
    }))
    cluster.step()
    expect(cluster.get('serviceaccounts', 'work', 'default')).toBeDefined()
    expect(cluster.get('configmaps', 'work', 'kube-root-ca.crt')?.data).toEqual({ 'ca.crt': ROOT_CA })
    cluster.registry('configmaps').delete('work', 'kube-root-ca.crt')
    cluster.step()
    expect(cluster.names('work')).toEqual(['kube-root-ca.crt'])
  })

  it('gets nothing more once it is ending', () => {
    const cluster = started()
    cluster.registry('namespaces').delete(undefined, 'work', {})
    cluster.step(10_000)
    expect(cluster.get('namespaces', undefined, 'work')).toBeUndefined()
    expect(cluster.names('work')).toEqual([])
    expect(cluster.registry('serviceaccounts').collection.size).toBe(0)
    expect(cluster.errors).toEqual([])
  })

  it('is the same each time', () => {
    const [first, second] = [started(), started()].map(({ backend }) => backend.store.snapshot())
    expect(first).toEqual(second)
  })

  it('gets nothing from controllers that have been stopped', () => {
    const cluster = new ClusterUnderTest()
    const controllers = housekeeping(cluster, { rootCa: ROOT_CA })
    controllers.start()
    controllers.stop()
    cluster.namespace('work')
    cluster.step(10_000)
    expect(cluster.names('work')).toEqual([])
    expect(cluster.clock.pending).toBe(0)
  })
})
