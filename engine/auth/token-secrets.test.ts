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
  /** A token is signed in the machine's own time: looked for until it is there. */
  const filled = (name: string) =>
    vi.waitFor(
      () => {
        clock.stepNow(1000)
        const secret = read(name)
        expect(secret?.data).toBeDefined()
        return secret as ApiObject
      },
      { timeout: 20_000 },
    )
  return { api, clock, stop, secret, read, filled, report }
}

describe('a Secret for the token of a ServiceAccount', () => {
  it('is filled, and its token is good', async () => {
    const { api, secret, filled, report } = await cluster()
    secret('mine', 'default')
    const mine = await filled('mine')
    const data = mine.data as Record<string, string>
    expect(Object.keys(data).sort()).toEqual(['ca.crt', 'namespace', 'token'])
    expect([atob(data['ca.crt'] ?? ''), atob(data.namespace ?? '')]).toEqual(['PEM', 'default'])
    const { uid } = api.backend.store.collection(ACCOUNTS)?.get('default', 'default')?.metadata ?? {}
    expect(mine.metadata.annotations).toMatchObject({ 'kubernetes.io/service-account.uid': uid })
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
    const { api, clock, secret, read, filled } = await cluster()
    secret('lost', 'nobody')
    api.backend
      .registry(ACCOUNTS)
      ?.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bot' } }, { namespace: 'default' })
    secret('bots', 'bot')
    await filled('bots')
    expect(read('lost')).toBeUndefined()
    api.backend.registry(ACCOUNTS)?.delete('default', 'bot')
    clock.stepNow(1000)
    expect(read('bots')).toBeUndefined()
  })
})
