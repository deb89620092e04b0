import { describe, expect, it } from 'vitest'
import { AS_TABLE, CONFIGMAPS, configMap, fixture } from './fixture.testing.ts'

describe('watches', () => {
  it('tell what there is, then what happens', async () => {
    const { client } = fixture()
    await client.post(CONFIGMAPS, configMap('a'))
    const watch = await client.watch(`${CONFIGMAPS}?watch=true`)
    expect(await watch.next(1)).toMatchObject([
      { type: 'ADDED', object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } } },
    ])
    await client.post(CONFIGMAPS, configMap('b'))
    await client.patch(`${CONFIGMAPS}/a`, 'merge', { data: { x: 'y' } })
    await client.delete(`${CONFIGMAPS}/b`)
    const events = await watch.next(3)
    expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
      'ADDED b',
      'MODIFIED a',
      'DELETED b',
    ])
    watch.close()
    expect(await watch.next(1)).toEqual([])
  })

  it('go on from a version', async () => {
    const { client } = fixture()
    await client.post(CONFIGMAPS, configMap('a'))
    await client.post(CONFIGMAPS, configMap('b'))
    const watch = await client.watch(`${CONFIGMAPS}?watch=1&resourceVersion=2`)
    expect(await watch.next(1)).toMatchObject([{ type: 'ADDED', object: { metadata: { name: 'b' } } }])
    watch.close()
  })

  it('say how far they have come, and when what there was is told', async () => {
    const { client, clock } = fixture()
    await client.post(CONFIGMAPS, configMap('a'))
    const query = 'watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
    const watch = await client.watch(`${CONFIGMAPS}?${query}`)
    const [, end] = await watch.next(2)
    expect(end).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { resourceVersion: '2', annotations: { 'k8s.io/initial-events-end': 'true' } },
      },
    })
    clock.stepNow(60_000)
    expect(await watch.next(1)).toEqual([
      { type: 'BOOKMARK', object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: '2' } } },
    ])
    watch.close()
  })

  it('see objects come and go with their labels', async () => {
    const { client } = fixture()
    const watch = await client.watch(`${CONFIGMAPS}?watch=1&labelSelector=x%3Dy`)
    await client.post(CONFIGMAPS, configMap('a'))
    await client.patch(`${CONFIGMAPS}/a`, 'merge', { metadata: { labels: { x: 'y' } } })
    await client.patch(`${CONFIGMAPS}/a`, 'merge', { metadata: { labels: { x: null } } })
    const events = await watch.next(2)
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED'])
    watch.close()
  })

  it('come as tables, whose first alone has columns', async () => {
    const { client } = fixture()
    const watch = await client.watch(`${CONFIGMAPS}?watch=1`, AS_TABLE)
    await client.post(CONFIGMAPS, configMap('a'))
    await client.post(CONFIGMAPS, configMap('b'))
    const [first, second] = await watch.next(2)
    expect(first).toMatchObject({
      type: 'ADDED',
      object: {
        kind: 'Table',
        columnDefinitions: [{ name: 'Name' }, { name: 'Age' }],
        rows: [{ cells: ['a', '0s'], object: { kind: 'PartialObjectMetadata' } }],
      },
    })
    expect(second.object.columnDefinitions).toBeNull()
    watch.close()
  })

  it('come as metadata alone', async () => {
    const { client } = fixture()
    const accept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
    const watch = await client.watch(`${CONFIGMAPS}?watch=1`, { accept })
    await client.post(CONFIGMAPS, configMap('a', { x: 'y' }))
    const [event] = await watch.next(1)
    expect(Object.keys(event.object)).toEqual(['kind', 'apiVersion', 'metadata'])
    watch.close()
  })

  it('end with an error where history does not reach back, or is no more', async () => {
    const { client, server, clock } = fixture()
    for (let index = 0; index < 110; index++) await client.post(CONFIGMAPS, configMap(`a${index}`))
    clock.stepNow(600_000)
    await client.post(CONFIGMAPS, configMap('b'))
    const old = await client.watch(`${CONFIGMAPS}?watch=1&resourceVersion=2`)
    expect(await old.next(2)).toMatchObject([
      {
        type: 'ERROR',
        object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 2 (12)' },
      },
    ])
    const current = await client.watch(`${CONFIGMAPS}?watch=1&resourceVersion=${server.backend.store.version}`)
    server.restore(server.snapshot())
    expect(await current.next(2)).toMatchObject([{ type: 'ERROR', object: { code: 410 } }])
  })

  it('end by themselves when their time is over', async () => {
    const { client, clock, server } = fixture()
    const watch = await client.watch(`${CONFIGMAPS}?watch=1&timeoutSeconds=3&allowWatchBookmarks=1&resourceVersion=1`)
    clock.stepNow(3_000)
    const events = await watch.next(9)
    expect(events.every(({ type }) => type === 'BOOKMARK')).toBe(true)
    expect(server.backend.store.collection({ group: '', resource: 'configmaps' })?.watchers).toBe(0)
  })

  it('are taken in the old form of paths, for one object too', async () => {
    const { client } = fixture()
    await client.post(CONFIGMAPS, configMap('a'))
    await client.post(CONFIGMAPS, configMap('b'))
    const all = await client.watch('/api/v1/watch/namespaces/default/configmaps')
    expect(await all.next(2)).toHaveLength(2)
    const one = await client.watch('/api/v1/watch/namespaces/default/configmaps/b')
    expect(await one.next(1)).toMatchObject([{ object: { metadata: { name: 'b' } } }])
    all.close()
    one.close()
  })

  it('are lines of JSON and nothing else', async () => {
    const { client } = fixture()
    const answer = await client.get(`${CONFIGMAPS}?watch=1`, { accept: 'application/yaml' })
    expect(answer.text?.replaceAll(/\s+/g, ' ')).toContain(
      'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    )
  })

  it.each([
    [
      'sendInitialEvents=true',
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ],
    [
      'resourceVersionMatch=Exact&resourceVersion=1',
      'ListOptions.meta.k8s.io "" is invalid: [resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]',
    ],
  ])('do not take %s', async (query, message) => {
    const { client } = fixture()
    expect((await client.get(`${CONFIGMAPS}?watch=1&${query}`)).json.message).toBe(message)
  })
})
