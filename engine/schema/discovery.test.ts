import { expect, it } from 'vitest'
import { aggregatedDiscovery, apiGroup, apiGroupList, apiResourceList, apiVersions } from './discovery.ts'

// As a real API server (v1.34.4) wrote them.
const scaleOfDeployments =
  '{"name":"deployments/scale","singularName":"","namespaced":true,"group":"autoscaling","version":"v1","kind":"Scale","verbs":["get","patch","update"]}'
const pods =
  '{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"shortNames":["po"],"categories":["all"],"storageVersionHash":"xPOwRZ+Yhw8="}'

it('lists resources as the real server does, byte for byte', () => {
  expect(JSON.stringify(apiResourceList('', 'v1'))).toContain(pods)
  expect(JSON.stringify(apiResourceList('', 'v1'))).toMatch(
    /^\{"kind":"APIResourceList","groupVersion":"v1","resources":\[/,
  )
  expect(JSON.stringify(apiResourceList('apps', 'v1'))).toContain(scaleOfDeployments)
  expect(apiResourceList('apps', 'v9')).toBeUndefined()
})

it('keeps versions in order of preference', () => {
  expect(JSON.stringify(apiGroup('autoscaling'))).toBe(
    '{"kind":"APIGroup","apiVersion":"v1","name":"autoscaling","versions":[{"groupVersion":"autoscaling/v2","version":"v2"},{"groupVersion":"autoscaling/v1","version":"v1"}],"preferredVersion":{"groupVersion":"autoscaling/v2","version":"v2"}}',
  )
  expect(apiGroup('nobody.example')).toBeUndefined()
})

it('puts the core group under /api alone', () => {
  expect(JSON.stringify(aggregatedDiscovery('api'))).toMatch(
    /^\{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery\.k8s\.io\/v2","metadata":\{\},"items":\[\{"metadata":\{\},"versions":\[\{"version":"v1"/,
  )
  expect(JSON.stringify(aggregatedDiscovery('apis'))).not.toContain('storageVersionHash')
  expect(JSON.stringify(apiGroupList())).not.toContain('"name":""')
  expect(apiVersions('127.0.0.1:6443')).toMatchObject({ versions: ['v1'] })
})
