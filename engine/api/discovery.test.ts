import { describe, expect, it } from 'vitest'
import { compareVersions } from './discovery.ts'
import { fixture } from './fixture.testing.ts'

const V2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const V2BETA1 = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList'

describe('discovery', () => {
  it('comes whole where clients ask for it', async () => {
    const { client } = fixture()
    const { headers, json } = await client.get('/apis', { accept: `${V2},${V2BETA1},application/json` })
    expect(headers['Content-Type']).toBe(V2)
    expect(json).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' })
    const apps = json.items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === 'apps')
    expect(apps.versions[0].resources).toMatchObject([
      {
        resource: 'deployments',
        shortNames: ['deploy'],
        subresources: [{ subresource: 'scale' }, { subresource: 'status' }],
      },
    ])
    const older = await client.get('/api', { accept: V2BETA1 })
    expect(older.headers['Content-Type']).toBe(V2BETA1)
    expect(older.json.apiVersion).toBe('apidiscovery.k8s.io/v2beta1')
  })

  it('is not sent again to those who have it', async () => {
    const { client } = fixture()
    const { headers } = await client.get('/apis', { accept: V2 })
    const again = await client.get('/apis', { accept: V2, 'if-none-match': String(headers.ETag) })
    expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' })
  })

  it('comes in parts for those who ask for nothing better', async () => {
    const { client } = fixture({ address: '10.0.0.1:6443' })
    expect((await client.get('/api')).json.serverAddressByClientCIDRs[0].serverAddress).toBe('10.0.0.1:6443')
    expect((await client.get('/apis')).json.groups).toContainEqual({
      name: 'autoscaling',
      versions: [
        { groupVersion: 'autoscaling/v2', version: 'v2' },
        { groupVersion: 'autoscaling/v1', version: 'v1' },
      ],
      preferredVersion: { groupVersion: 'autoscaling/v2', version: 'v2' },
    })
    expect((await client.get('/apis/apps')).json).toMatchObject({ kind: 'APIGroup', name: 'apps' })
    const { json } = await client.get('/apis/apps/v1')
    expect(json.resources.map(({ name }: { name: string }) => name)).toEqual([
      'deployments',
      'deployments/scale',
      'deployments/status',
    ])
  })

  it('orders versions as Kubernetes does', () => {
    const versions = ['foo1', 'v1alpha1', 'v2', 'v1', 'v11beta2', 'v10', 'foo10', 'v3beta1']
    expect(versions.sort(compareVersions)).toEqual([
      'v10',
      'v2',
      'v1',
      'v11beta2',
      'v3beta1',
      'v1alpha1',
      'foo1',
      'foo10',
    ])
  })

  it('shows metrics only where something measures', async () => {
    const { client } = fixture()
    expect((await client.get('/apis/metrics.k8s.io')).status).toBe(404)
    const measured = fixture({ metrics: { node: () => undefined, pod: () => undefined } })
    expect((await measured.client.get('/apis/metrics.k8s.io/v1beta1')).json.resources).toMatchObject([
      { name: 'nodes', kind: 'NodeMetrics' },
      { name: 'pods', kind: 'PodMetrics' },
    ])
  })
})
