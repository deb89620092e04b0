/** A simulated cluster with an Ingress controller, where a lab asks for one, and without. */
import { afterAll, describe, expect, it } from 'vitest'
import { randomIds } from '../../lab-server/ids.ts'
import { testProvider } from '../../lab-server/providers/embedded/provider.fixture.ts'

const { signal } = new AbortController()

describe('a simulated cluster', () => {
  const provider = testProvider(`test-${randomIds.short()}`)
  afterAll(() => provider.close())

  it.each([
    [true, 'ingressclass.networking.k8s.io/nginx\n'],
    [false, ''],
  ])('has an Ingress controller if it is asked for: %s', async (ingress, classes) => {
    const cluster = await provider.create({ id: randomIds.short(), workers: 1, ingress }, () => {}, signal)
    expect((await cluster.run('kubectl get ingressclasses -o name', signal)).output).toBe(classes)
    const pods = await cluster.admin.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'ingress-nginx' })
    expect(pods).toHaveLength(ingress ? 1 : 0)
    await cluster.dispose()
  })
})
