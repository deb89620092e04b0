import { expect, it } from 'vitest'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { type Cluster, createCluster } from '../cluster.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { Writer } from './writer.ts'

const CONFIG_MAPS: GroupResource = { group: '', resource: 'configmaps' }
const QUOTAS: GroupResource = { group: '', resource: 'resourcequotas' }

async function fresh(): Promise<{ readonly cluster: Cluster; readonly clock: VirtualClock }> {
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  const cluster = await createCluster({ clock, seed: 1, nodes: 1, host: 'h', port: 1, authority: 'PEM' })
  clock.stepNow(1000)
  return { cluster, clock }
}

function get({ api }: Cluster, resource: GroupResource, namespace: string | undefined, name: string): ApiObject {
  return api.backend.registry(resource)?.get(namespace, name) as ApiObject
}

const owners = ({ metadata }: ApiObject): readonly unknown[] =>
  (metadata.managedFields ?? []).map(({ manager, operation, subresource = '', fieldsV1 }) => [
    manager,
    operation,
    subresource,
    fieldsV1,
  ])

const quota = (hard: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'quota', namespace: 'default' },
  spec: { hard },
})

it('owns what controllers create', async () => {
  const { cluster } = await fresh()
  expect(owners(get(cluster, CONFIG_MAPS, 'default', 'kube-root-ca.crt'))).toEqual([
    [
      'kube-controller-manager',
      'Update',
      '',
      {
        'f:data': { '.': {}, 'f:ca.crt': {} },
        'f:metadata': { 'f:annotations': { '.': {}, 'f:kubernetes.io/description': {} } },
      },
    ],
  ])
})

it('owns the status of a quota: the controller what it counts, admission what it charges', async () => {
  const { cluster, clock } = await fresh()
  const { backend } = cluster.api
  new Writer(backend, 'a client').create(QUOTAS, quota({ pods: '3', 'count/widgets.example.org': '1' }))
  clock.stepNow(1000)
  const counted = get(cluster, QUOTAS, 'default', 'quota')
  expect(counted.status).toEqual({
    hard: { 'count/widgets.example.org': '1', pods: '3' },
    used: { pods: '0' },
  })
  const mine = [
    'a client',
    'Update',
    '',
    { 'f:spec': { 'f:hard': { '.': {}, 'f:count/widgets.example.org': {}, 'f:pods': {} } } },
  ]
  const hard = { '.': {}, 'f:count/widgets.example.org': {}, 'f:pods': {} }
  const status = { 'f:status': { 'f:hard': hard, 'f:used': { '.': {}, 'f:pods': {} } } }
  expect(owners(counted)).toEqual([mine, ['kube-controller-manager', 'Update', 'status', status]])
})

it('shows no usage where nothing is counted', async () => {
  const { cluster, clock } = await fresh()
  new Writer(cluster.api.backend, 'a client').create(QUOTAS, quota({ 'count/widgets.example.org': '1' }))
  clock.stepNow(1000)
  expect(get(cluster, QUOTAS, 'default', 'quota').status).toEqual({ hard: { 'count/widgets.example.org': '1' } })
})

it('applies the rules of aggregated roles', async () => {
  const { cluster } = await fresh()
  const view = get(cluster, { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' }, undefined, 'view')
  expect(owners(view)).toContainEqual(['clusterrole-aggregation-controller', 'Apply', '', { 'f:rules': {} }])
})

it('changes nothing when it writes the same again, later', async () => {
  const { cluster, clock } = await fresh()
  const { backend } = cluster.api
  const place = { resource: CONFIG_MAPS, namespace: 'default', name: 'kube-root-ca.crt' }
  const before = get(cluster, CONFIG_MAPS, 'default', place.name)
  clock.stepNow(60_000)
  expect(new Writer(backend, 'kube-controller-manager').update(place, (now) => ({ ...now }))).toBe(before)
  expect(() => new Writer(backend, 'x').update({ ...place, subresource: 'moon' }, (now) => now)).toThrow(
    'configmaps have no moon.',
  )
})

it('has nodes that belong to those who make them', async () => {
  const { cluster } = await fresh()
  const node = get(cluster, { group: '', resource: 'nodes' }, undefined, 'control-plane')
  const names = (node.metadata.managedFields ?? []).map(({ manager, subresource = '' }) => `${manager} ${subresource}`)
  expect(names.sort()).toEqual(['kube-controller-manager ', 'kubeadm ', 'kubelet ', 'kubelet status'])
})
