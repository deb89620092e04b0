import { describe, expect, it, vi } from 'vitest'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { createCluster } from '../cluster.ts'
import type { ApiObject } from '../objects/types.ts'

const SECRETS = { group: '', resource: 'secrets' }
const ACCOUNTS = { group: '', resource: 'serviceaccounts' }

async function cluster() {
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  const report = vi.fn()
  const { api, stop } = await createCluster({
    clock,
    seed: 1,
    nodes: 0,
    host: '127.0.0.1',
    port: 6443,
    authority: 'PEM',
    report,
  })
  clock.stepNow(1000)
  const secret = (name: string, account: string): ApiObject =>
    api.backend.registry(SECRETS)?.create(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace: 'default', annotations: { 'kubernetes.io/service-account.name': account } },
        type: 'kubernetes.io/service-account-token',
      },
      { namespace: 'default' },
    ) as ApiObject
  const read = (name: string) => api.backend.store.collection(SECRETS)?.get('default', name)
  const pass = async (): Promise<void> => {
    clock.stepNow(1000)
    await new Promise((resolve) => setTimeout(resolve, 50))
    clock.stepNow(1000)
  }
  return { api, stop, secret, read, pass, report }
}

describe('a Secret for the token of a ServiceAccount', () => {
  it('is filled, and its token is good', async () => {
    const { api, secret, read, pass, report } = await cluster()
    secret('mine', 'default')
    await pass()
    const filled = read('mine')
    const data = filled?.data as Record<string, string>
    expect(Object.keys(data).sort()).toEqual(['ca.crt', 'namespace', 'token'])
    expect([atob(data['ca.crt'] ?? ''), atob(data.namespace ?? '')]).toEqual(['PEM', 'default'])
    const { uid } = api.backend.store.collection(ACCOUNTS)?.get('default', 'default')?.metadata ?? {}
    expect(filled?.metadata.annotations).toMatchObject({ 'kubernetes.io/service-account.uid': uid })
    expect(report).not.toHaveBeenCalled()
    const answer = await api.handle({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      query: new URLSearchParams(),
      headers: { 'content-type': 'application/json' },
      body: new TextEncoder().encode('{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"}'),
      credentials: { bearerToken: atob(data.token ?? '') },
      signal: new AbortController().signal,
    })
    expect(JSON.stringify(answer)).toContain('system:serviceaccount:default:default')
  })

  it('goes with its account, or if there is none', async () => {
    const { api, secret, read, pass } = await cluster()
    secret('lost', 'nobody')
    api.backend
      .registry(ACCOUNTS)
      ?.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bot' } }, { namespace: 'default' })
    secret('bots', 'bot')
    await pass()
    expect(read('lost')).toBeUndefined()
    expect(read('bots')?.data).toBeDefined()
    api.backend.registry(ACCOUNTS)?.delete('default', 'bot')
    await pass()
    expect(read('bots')).toBeUndefined()
  })
})
