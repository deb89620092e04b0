import { describe, expect, it } from 'vitest'
import { clientOf } from './api/testing.ts'
import { VirtualClock } from './clock/virtual-clock.ts'
import { groupVersions } from './schema/data.ts'
import { createApiServer } from './server.ts'

function server() {
  const reported: unknown[] = []
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  const made = createApiServer({ clock, seed: 1, report: (error) => reported.push(error) })
  return { client: clientOf(made), reported, server: made }
}

/** Served where somebody measures, reviews, or may hand out tokens. */
const OPTIONAL = ['metrics.k8s.io', 'authentication.k8s.io', 'authorization.k8s.io']

describe('a server with all kinds', () => {
  it('serves each resource that a real one has', async () => {
    const { client } = server()
    const missing: string[] = []
    for (const { group, version, resources } of groupVersions) {
      if (OPTIONAL.includes(group)) continue
      const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
      const served = (await client.get(root)).json?.resources?.map(({ name }: { name: string }) => name) ?? []
      for (const { resource } of resources) if (!served.includes(resource)) missing.push(`${root}/${resource}`)
    }
    expect(missing).toEqual([])
  })

  it('lists each of them, as objects and as tables', async () => {
    const { client, reported } = server()
    const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }
    for (const { group, version, resources } of groupVersions) {
      if (OPTIONAL.includes(group)) continue
      const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
      for (const { resource, verbs, responseKind } of resources) {
        if (!verbs.includes('list')) continue
        expect((await client.get(`${root}/${resource}`)).json.kind).toBe(`${responseKind.kind}List`)
        expect((await client.get(`${root}/${resource}`, headers)).json.kind).toBe('Table')
      }
    }
    expect(reported).toEqual([])
  })

  it('serves Events in both of their groups', async () => {
    const { client } = server()
    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'a' },
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'x.y/z',
      reportingInstance: 'i',
      action: 'a',
      reason: 'r',
      type: 'Normal',
      regarding: { kind: 'Pod', name: 'a', namespace: 'default' },
    }
    const path = '/apis/events.k8s.io/v1/namespaces/default/events'
    expect((await client.post(path, event)).json).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      regarding: { name: 'a' },
    })
    expect((await client.get('/api/v1/namespaces/default/events/a')).json).toMatchObject({
      apiVersion: 'v1',
      involvedObject: { name: 'a' },
    })
  })

  it('warns of what is deprecated', async () => {
    const { client } = server()
    const { headers } = await client.get('/api/v1/endpoints')
    expect(headers.Warning).toEqual([
      '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
    ])
  })

  it('repeats a run exactly', async () => {
    const run = async () => {
      const { client } = server()
      const path = '/api/v1/namespaces/default/pods'
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { generateName: 'a-' },
        spec: { containers: [{ name: 'c', image: 'i' }] },
      }
      return [await client.post(path, pod), await client.post(path, pod)].map(({ text }) => text)
    }
    expect(await run()).toEqual(await run())
  })
})
