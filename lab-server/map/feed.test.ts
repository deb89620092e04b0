import { describe, expect, it } from 'vitest'
import type { MapEvent } from '../../protocol/map.ts'
import { FakeKube } from '../checks/kube.fake.ts'
import { ManualClock } from '../clock.ts'
import type { KubeObject } from '../kube/connection.ts'
import { createMapFeed } from './feed.ts'

const pod = (name: string, status: object = { phase: 'Pending' }, namespace = 'default'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, uid: `uid-${name}` },
  spec: { nodeName: 'worker' },
  status,
})
const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }

function setup() {
  const clock = new ManualClock()
  const kube = new FakeKube()
  const feed = createMapFeed({ clock })
  const events: MapEvent[] = []
  const listen = () => feed.subscribe((event) => events.push(event))
  return { clock, kube, feed, events, listen }
}

describe('map feed', () => {
  it('watches nothing until a page shows the map, and nothing after the last has gone', async () => {
    const { clock, kube, feed, listen } = setup()
    feed.attach(kube)
    expect(kube.watching).toEqual([])
    const leave = listen()
    const leaveAgain = listen()
    await clock.advance(0)
    expect(kube.watching.map(({ kind }) => kind).sort()).toEqual([
      'Deployment',
      'EndpointSlice',
      'Node',
      'Pod',
      'ReplicaSet',
      'Service',
    ])
    leave()
    expect(kube.watching).toHaveLength(6)
    leaveAgain()
    expect(kube.watching).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('gathers what changes within 100 ms into one event', async () => {
    const { clock, kube, feed, events, listen } = setup()
    feed.attach(kube)
    listen()
    await clock.advance(200)
    for (let at = 0; at < 50; at++) kube.put(pod(`web-${at}`))
    for (let at = 0; at < 50; at++) kube.put(pod(`web-${at}`, ready))
    expect(events).toEqual([{ whole: true, put: [], gone: [] }])
    await clock.advance(100)
    expect(events).toHaveLength(2)
    expect(events[1]?.put).toHaveLength(50)
    expect(events[1]?.put[0]).toMatchObject({ kind: 'Pod', name: 'web-0', state: 'ready', node: 'worker' })
  })

  it('tells what is gone by its uid', async () => {
    const { clock, kube, feed, events, listen } = setup()
    kube.put(pod('web'))
    feed.attach(kube)
    listen()
    await clock.advance(100)
    kube.remove('Pod', 'web')
    await clock.advance(100)
    expect(events.at(-1)).toEqual({ whole: false, put: [], gone: ['uid-web'] })
  })

  it('says nothing when nothing that is drawn has changed', async () => {
    const { clock, kube, feed, events, listen } = setup()
    kube.put(pod('web', ready))
    feed.attach(kube)
    listen()
    await clock.advance(100)
    const told = events.length
    const again = pod('web', ready)
    kube.put({ ...again, metadata: { ...again.metadata, resourceVersion: '77', managedFields: [{}] } })
    await clock.advance(1000)
    expect(events).toHaveLength(told)
  })

  it('leaves out the cluster’s own namespaces', async () => {
    const { clock, kube, feed, events, listen } = setup()
    kube.put(pod('coredns', ready, 'kube-system'))
    feed.attach(kube)
    listen()
    await clock.advance(200)
    expect(events).toEqual([{ whole: true, put: [], gone: [] }])
  })

  it('gives one that comes later everything at once', async () => {
    const { clock, kube, feed, listen, events } = setup()
    kube.put(pod('web', ready))
    feed.attach(kube)
    listen()
    await clock.advance(100)
    listen()
    expect(events.at(-1)).toMatchObject({ whole: true, put: [{ name: 'web' }] })
  })

  it('begins when the cluster comes after the page', async () => {
    const { clock, kube, feed, listen, events } = setup()
    listen()
    kube.put(pod('web', ready))
    feed.attach(kube)
    await clock.advance(100)
    expect(events.at(-1)?.put).toMatchObject([{ name: 'web' }])
    feed.close()
    expect(kube.watching).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('shows what may be watched when something else may not', async () => {
    const { clock, kube, feed, listen, events } = setup()
    kube.forbidden.add('EndpointSlice')
    kube.put(pod('web', ready))
    feed.attach(kube)
    listen()
    await clock.advance(100)
    expect(events.at(-1)?.put).toMatchObject([{ name: 'web' }])
  })
})
