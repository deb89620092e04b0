import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { clientOf } from '../api/testing.ts'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { createCluster } from '../cluster.ts'
import { images } from '../images/all.ts'
import type { ApiObject } from '../objects/types.ts'
import { workloads } from './workloads.ts'

const TOKEN = 'administrator'

it('has the addons beside the control plane, as in a cluster that kubeadm makes, and leaves the workers to others', async () => {
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1), settle: () => setImmediate() })
  const cluster = await createCluster({
    clock,
    seed: 'late workers',
    nodes: 3,
    host: '127.0.0.1',
    port: 6443,
    authority: 'authority',
    tokens: new Map([[TOKEN, { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }]]),
    workloads: workloads({ images, addons: {} }),
  })
  const client = clientOf(cluster.api)
  const list = async (path: string) =>
    ((await client.ask('GET', path, { token: TOKEN })).json as { items: ApiObject[] }).items
  await clock.step(3000)
  const pods = await list('/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app+in+(kube-dns,metrics-server)')
  expect(pods.map(({ spec }) => (spec as { nodeName?: string }).nodeName)).toEqual(Array(3).fill('control-plane'))
  const nodes = await list('/api/v1/nodes')
  expect(nodes.map(({ spec }) => (spec as { taints?: { key: string }[] }).taints?.map(({ key }) => key))).toEqual([
    ['node-role.kubernetes.io/control-plane'],
    undefined,
    undefined,
  ])
  cluster.stop()
  await clock.step(1)
  expect(clock.pending).toBe(0)
})
