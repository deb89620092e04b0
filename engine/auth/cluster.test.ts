import { describe, expect, it } from 'vitest'
import type { ApiRequest } from '../api/http.ts'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { createCluster } from '../cluster.ts'
import { aggregateClusterRoles } from './aggregation.ts'

async function cluster() {
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  const tokens = new Map([
    ['admin', { username: 'admin', groups: ['kubeadm:cluster-admins'] }],
    ['alice', { username: 'alice', groups: ['devs'] }],
  ])
  const { api: server } = await createCluster({ clock, seed: 1, nodes: 1, host: '127.0.0.1', port: 6443, tokens })
  aggregateClusterRoles(server.backend)
  async function ask(token: string, method: string, url: string, body?: unknown, headers: Record<string, string> = {}) {
    const [path = '', query = ''] = url.split('?')
    const request: ApiRequest = {
      method,
      path,
      query: new URLSearchParams(query),
      headers: { 'content-type': 'application/json', ...headers },
      body: new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body)),
      credentials: token === '' ? {} : { bearerToken: token },
      signal: new AbortController().signal,
    }
    const answer = await server.handle(request)
    if (answer.kind !== 'whole') throw new Error('This was to be a whole answer.')
    const parts = Array.isArray(answer.body) ? answer.body : [answer.body]
    const text = parts.map((part) => (typeof part === 'string' ? part : new TextDecoder().decode(part))).join('')
    // biome-ignore lint/suspicious/noExplicitAny: answers of any kind are looked into
    return { status: answer.status, headers: answer.headers, body: JSON.parse(text) as any }
  }
  return { server, clock, ask }
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const rbac = (kind: string, name: string, more: object) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name },
  ...more,
})

describe('a cluster with its guards', () => {
  it('begins with the objects of a fresh cluster, all of which its kinds take for valid', async () => {
    const { ask, server } = await cluster()
    const { body } = await ask('admin', 'GET', '/api/v1/namespaces')
    const names = (body.items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name)
    expect(names).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    for (const collection of server.backend.store.collections) {
      for (const object of collection) {
        const registry = server.backend.registry(collection.resource)
        const { namespace, name } = object.metadata
        const same = registry?.update(namespace, name, (existing) => ({ ...(existing ?? object) }), { dryRun: true })
        expect(same?.object, `${object.kind} ${name}`).toEqual(object)
      }
    }
  })

  it('lets people do what roles give them, from the moment they are bound to when they are not any more', async () => {
    const { ask } = await cluster()
    const pods = '/api/v1/namespaces/default/pods'
    expect((await ask('', 'GET', pods)).body.message).toBe(
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "default"',
    )
    expect((await ask('nobody', 'GET', pods)).body.message).toBe('Unauthorized')
    expect((await ask('alice', 'GET', pods)).status).toBe(403)
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }
    const subjects = [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'devs' }]
    const bindings = `${RBAC}/namespaces/default/rolebindings`
    const made = await ask('admin', 'POST', bindings, rbac('RoleBinding', 'devs', { subjects, roleRef }))
    expect(made.status).toBe(201)
    expect((await ask('alice', 'GET', pods)).status).toBe(200)
    expect((await ask('alice', 'GET', '/api/v1/namespaces/kube-system/pods')).status).toBe(403)
    expect((await ask('admin', 'DELETE', `${bindings}/devs`)).status).toBe(200)
    expect((await ask('alice', 'GET', pods)).status).toBe(403)
  })

  it('adds to aggregated roles what is labelled for them, and takes it away again', async () => {
    const { ask } = await cluster()
    const rule = { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] }
    const metadata = { name: 'widgets', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } }
    await ask('admin', 'POST', `${RBAC}/clusterroles`, rbac('ClusterRole', 'widgets', { metadata, rules: [rule] }))
    for (const name of ['view', 'edit', 'admin']) {
      const { rules } = (await ask('admin', 'GET', `${RBAC}/clusterroles/${name}`)).body
      expect(rules, name).toContainEqual(rule)
    }
    await ask('admin', 'DELETE', `${RBAC}/clusterroles/widgets`)
    for (const name of ['view', 'edit', 'admin']) {
      const { rules } = (await ask('admin', 'GET', `${RBAC}/clusterroles/${name}`)).body
      expect(rules, name).not.toContainEqual(rule)
    }
  })

  it('acts for who a request is made for', async () => {
    const { ask } = await cluster()
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
    const headers = { 'impersonate-user': 'bob', 'impersonate-group': 'x, y' }
    const { body } = await ask('admin', 'POST', path, review, headers)
    expect(body.status.userInfo).toEqual({ username: 'bob', groups: ['x', 'y', 'system:authenticated'] })
    expect((await ask('alice', 'POST', path, review, headers)).body.message).toBe(
      'users "bob" is forbidden: User "alice" cannot impersonate resource "users" in API group "" at the cluster scope',
    )
  })

  it('gives ServiceAccounts tokens that it then takes', async () => {
    const { ask } = await cluster()
    const accounts = '/api/v1/namespaces/default/serviceaccounts'
    await ask('admin', 'POST', accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bot' } })
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
    const { body, status } = await ask('admin', 'POST', `${accounts}/bot/token`, request)
    expect(status).toBe(201)
    expect((await ask(body.status.token, 'GET', '/api/v1/pods')).body.message).toBe(
      'pods is forbidden: User "system:serviceaccount:default:bot" cannot list resource "pods" in API group "" at the cluster scope',
    )
  })

  it('keeps namespaces that a cluster needs, and ends others without letting anything new in', async () => {
    const { ask, server } = await cluster()
    const kept = await ask('admin', 'DELETE', '/api/v1/namespaces/default')
    expect(kept.body.message).toBe('namespaces "default" is forbidden: this namespace may not be deleted')
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }
    expect((await ask('admin', 'POST', '/api/v1/namespaces/absent/configmaps', configMap)).body).toMatchObject({
      code: 404,
      message: 'namespaces "absent" not found',
      details: { name: 'absent', kind: 'namespaces' },
    })
    const namespaces = server.backend.store.collection({ group: '', resource: 'namespaces' })
    const lease = namespaces?.get('', 'kube-node-lease')
    if (lease === undefined) throw new Error('There was to be a namespace.')
    namespaces?.put({ ...lease, status: { phase: 'Terminating' } })
    expect((await ask('admin', 'POST', '/api/v1/namespaces/kube-node-lease/configmaps', configMap)).body).toMatchObject(
      {
        code: 403,
        message:
          'configmaps "x" is forbidden: unable to create new content in namespace kube-node-lease because it is being terminated',
        details: {
          causes: [
            {
              reason: 'NamespaceTerminating',
              message: 'namespace kube-node-lease is being terminated',
              field: 'metadata.namespace',
            },
          ],
        },
      },
    )
  })

  it('counts what a quota limits, gives back what is removed, and charges nothing for what is only tried', async () => {
    const { ask, clock } = await cluster()
    const quotas = '/api/v1/namespaces/default/resourcequotas'
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'few' },
      spec: { hard: { configmaps: '2' } },
    }
    expect((await ask('admin', 'POST', quotas, quota)).status).toBe(201)
    const used = async () => (await ask('admin', 'GET', `${quotas}/few`)).body.status
    expect(await used()).toEqual({ hard: { configmaps: '2' }, used: { configmaps: '0' } })
    const maps = '/api/v1/namespaces/default/configmaps'
    const make = (name: string, query = '') =>
      ask('admin', 'POST', maps + query, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })
    await make('a')
    await make('tried', '?dryRun=All')
    expect((await make('a')).body.reason).toBe('AlreadyExists')
    await clock.step(1)
    expect((await used()).used).toEqual({ configmaps: '1' })
    await make('b')
    expect((await make('c')).body.message).toBe(
      'configmaps "c" is forbidden: exceeded quota: few, requested: configmaps=1, used: configmaps=2, limited: configmaps=2',
    )
    await ask('admin', 'DELETE', `${maps}/a`)
    await clock.step(1)
    expect((await used()).used).toEqual({ configmaps: '1' })
    expect((await make('c')).status).toBe(201)
  })

  it('is the same after it was restored', async () => {
    const { ask, server, clock } = await cluster()
    const quotas = '/api/v1/namespaces/default/resourcequotas'
    const spec = { hard: { configmaps: '2' } }
    await ask('admin', 'POST', quotas, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few' }, spec })
    const snapshot = server.snapshot()
    await ask('admin', 'DELETE', `${RBAC}/clusterrolebindings/kubeadm:cluster-admins`)
    expect((await ask('admin', 'GET', '/api/v1/nodes')).status).toBe(403)
    server.restore(snapshot)
    expect((await ask('admin', 'GET', '/api/v1/nodes')).status).toBe(200)
    const maps = '/api/v1/namespaces/default/configmaps'
    await ask('admin', 'POST', maps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } })
    await ask('admin', 'DELETE', `${maps}/x`)
    expect((await ask('admin', 'GET', `${quotas}/few`)).body.status.used).toEqual({ configmaps: '1' })
    await clock.step(1)
    expect((await ask('admin', 'GET', `${quotas}/few`)).body.status.used).toEqual({ configmaps: '0' })
  })
})
