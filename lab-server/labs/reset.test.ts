import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../clock.ts'
import type { KubeObject } from '../kube/connection.ts'
import type { LabEntry } from './catalogue.ts'
import { type FakeCluster, fakeCluster } from './cluster.fake.ts'
import { prepareLab } from './prepare.ts'
import { resetLab } from './reset.ts'

const object = (apiVersion: string, kind: string, name: string, rest: object = {}): KubeObject => ({
  apiVersion,
  kind,
  ...rest,
  metadata: { name, ...(rest as { metadata?: object }).metadata },
})
const inDefault = (apiVersion: string, kind: string, name: string) =>
  object(apiVersion, kind, name, { metadata: { namespace: 'default' } })

const web = inDefault('apps/v1', 'Deployment', 'web')
const entry = {
  lab: {},
  setup: [web],
  files: [{ path: 'web.yaml', content: 'kind: Deployment\n' }],
} as unknown as LabEntry

const node = (name: string, labels: Record<string, string>, spec: object = {}) =>
  object('v1', 'Node', name, { metadata: { labels }, spec })
const tainted = { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] }

describe('a reset', () => {
  let clock: ManualClock
  let cluster: FakeCluster
  const names = () => cluster.admin.objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort()

  beforeEach(async () => {
    clock = new ManualClock()
    cluster = fakeCluster()
    for (const there of [
      inDefault('v1', 'Service', 'kubernetes'),
      inDefault('v1', 'ConfigMap', 'kube-root-ca.crt'),
      inDefault('v1', 'ServiceAccount', 'default'),
      object('v1', 'Namespace', 'default'),
      object('v1', 'Namespace', 'kube-system'),
      object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'view'),
      node('control-plane', { a: '1' }, tainted),
      node('worker', { a: '1' }),
    ])
      cluster.admin.put(there)
    await prepareLab(cluster, entry)
  })

  async function reset(): Promise<void> {
    const done = resetLab(cluster, entry, { clock })
    let settled = false
    done.then(
      () => (settled = true),
      () => (settled = true),
    )
    while (!settled) await clock.advance(500)
    await done
  }

  it('begins with the objects and files of the lab', () => {
    expect(names()).toContain('Deployment/web')
    expect([...cluster.files]).toEqual([['web.yaml', 'kind: Deployment\n']])
  })

  it('removes what was made since, and only that', async () => {
    const before = names()
    cluster.admin.put(inDefault('v1', 'Pod', 'mine'))
    cluster.admin.put(inDefault('v1', 'Secret', 'mine'))
    cluster.admin.put(object('v1', 'Namespace', 'mine'))
    cluster.admin.put(object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'mine'))
    cluster.admin.put(object('rbac.authorization.k8s.io/v1', 'ClusterRole', 'quayside:custom-resources'))
    cluster.admin.put(object('v1', 'Pod', 'etcd', { metadata: { namespace: 'kube-system' } }))
    cluster.files.set('notes.txt', 'x')
    await reset()
    expect(names()).toEqual([...before, 'ClusterRole/quayside:custom-resources', 'Pod/etcd'].sort())
    expect([...cluster.files.keys()]).toEqual(['web.yaml'])
    expect(clock.pending).toBe(0)
  })

  it("makes the lab's own objects anew, whatever was changed in them", async () => {
    cluster.admin.put({ ...web, spec: { replicas: 5 } })
    await reset()
    expect(await cluster.admin.get({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' })).toEqual(web)
  })

  it('leaves alone what was there before also when the lab was laid out a second time', async () => {
    await prepareLab(cluster, entry)
    await reset()
    expect(names()).toContain('Service/kubernetes')
    cluster.admin.put({ ...web, spec: { replicas: 5 } })
    await reset()
    expect(await cluster.admin.get({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' })).toEqual(web)
  })

  it('uncordons nodes and takes foreign taints and labels off them', async () => {
    const applied: KubeObject[] = []
    const { apply } = cluster.admin
    cluster.admin.apply = async (one) => {
      if (one.kind === 'Node') applied.push(one)
      return apply.call(cluster.admin, one)
    }
    cluster.admin.put(node('worker', { a: '2', disk: 'ssd' }, { unschedulable: true, taints: [{ key: 'x' }] }))
    await reset()
    const spec = { unschedulable: false, taints: [] }
    expect(applied).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'worker', labels: { a: '1', disk: 'quayside-reset' } },
        spec,
      },
      { apiVersion: 'v1', kind: 'Node', metadata: { name: 'worker', labels: { a: '1' } }, spec },
    ])
  })

  it('says what does not go', async () => {
    cluster.admin.put(inDefault('v1', 'Pod', 'stuck'))
    cluster.admin.delete = async () => {}
    await expect(reset()).rejects.toMatchObject({
      code: 'reset-failed',
      message: /^(Pod "stuck"|Deployment "web") cannot be removed: /,
    })
  })

  describe('with a Pod that takes its time', () => {
    beforeEach(async () => {
      cluster = fakeCluster((script, kube) => {
        if (script.includes('--namespace default --grace-period=1')) kube.remove('Pod', 'slow')
        return 0
      })
      await prepareLab(cluster, entry)
      cluster.admin.put(inDefault('v1', 'Pod', 'slow'))
      const { delete: remove } = cluster.admin
      cluster.admin.delete = async (query) => {
        if (query.name === 'slow') clock.after(30_000, () => cluster.admin.remove('Pod', 'slow'))
        else await remove.call(cluster.admin, query)
      }
    })

    it('hurries it', async () => {
      await reset()
      expect(clock.now()).toBeLessThan(5_000)
    })

    it('waits for it where it cannot be hurried', async () => {
      const { run } = cluster
      cluster.run = async (script, signal) => {
        if (script.startsWith('kubectl')) throw new Error('the shell is gone')
        return run(script, signal)
      }
      await reset()
      expect(clock.now()).toBeGreaterThanOrEqual(30_000)
      expect(names()).toContain('Deployment/web')
    })
  })
})

it('does not reset a cluster whose start is unknown', async () => {
  const cluster = fakeCluster()
  cluster.admin.put(web)
  await expect(resetLab(cluster, entry, { clock: new ManualClock() })).rejects.toThrow('no record of its start')
  expect(cluster.admin.objects).toEqual([web])
  expect(cluster.scripts).toEqual([])
})
