import { describe, expect, it } from 'vitest'
import type { MapObject, MapPod } from '../../protocol/map.ts'
import { step } from './cluster-map.ts'
import { ownersOf } from './owners.ts'
import { drawCluster } from './picture.ts'
import { shape, toMarkup } from './shapes.ts'
import { details, legend } from './words.ts'

const node = (name: string, controlPlane = false): MapObject => ({
  kind: 'Node',
  uid: `node-${name}`,
  name,
  ready: true,
  cordoned: false,
  controlPlane,
})
const pod = (name: string, where?: string): MapPod => ({
  kind: 'Pod',
  uid: name,
  name,
  namespace: 'default',
  state: where === undefined ? 'pending' : 'ready',
  restarts: 0,
  owner: 'rs',
  ownerName: 'ReplicaSet/web-1',
  ...(where === undefined ? {} : { node: where }),
})
const service: MapObject[] = [
  { kind: 'Service', uid: 'svc', name: 'web', namespace: 'default', type: 'ClusterIP' },
  { kind: 'EndpointSlice', uid: 'eps', namespace: 'default', service: 'web', ready: ['p-1', 'p-3'] },
]
const many = (count: number, nodes: string[]) =>
  Array.from({ length: count }, (_, at) => pod(`p-${at}`, nodes[at % nodes.length]))
const names = ['a', 'b', 'c', 'd', 'e']

describe('the picture of a cluster', () => {
  it.each([320, 600, 1400])('has every Pod inside its node, and none upon another, %d pixels wide', (width) => {
    for (const count of [5, 60, 200]) {
      const pods = many(count, names)
      const { places, height } = drawCluster([...names.map((name) => node(name)), ...pods], { width })
      const taken = new Set<string>()
      for (const { uid, node: where } of pods) {
        const place = places.get(uid)
        const box = places.get(`node-${where}`)
        if (!place || !box) throw new Error(`${uid} has no place`)
        expect(place.x).toBeGreaterThanOrEqual(box.x)
        expect(place.x + place.width).toBeLessThanOrEqual(box.x + box.width)
        expect(place.y + place.height).toBeLessThanOrEqual(box.y + box.height)
        expect(box.x + box.width).toBeLessThanOrEqual(width)
        expect(box.y + box.height).toBeLessThanOrEqual(height)
        expect(taken).not.toContain(`${place.x} ${place.y}`)
        taken.add(`${place.x} ${place.y}`)
      }
    }
  })

  it('keeps Pods without a node apart, and shows nodes that only a Pod speaks of', () => {
    const { places } = drawCluster([node('a'), pod('waits'), pod('lost', 'gone')], { width: 600 })
    expect(places.has('waits')).toBe(true)
    expect(places.has('node gone')).toBe(true)
  })

  it('puts the control plane last', () => {
    const { places } = drawCluster([node('a-plane', true), node('b')], { width: 600 })
    expect(places.get('node-b')?.x).toBeLessThan(places.get('node-a-plane')?.x ?? 0)
  })

  it('draws lines to ready Pods, and only those of what is looked at when there are many', () => {
    const lines = (objects: MapObject[], chosen?: string) =>
      drawCluster(objects, { width: 900, chosen }).shapes.find(({ key }) => key === 'lines')?.children.length
    expect(lines([...service, ...many(5, ['a'])])).toBe(2)
    const pods = many(100, names)
    const all: MapObject[] = [
      service[0] as MapObject,
      { kind: 'EndpointSlice', uid: 'eps', namespace: 'default', service: 'web', ready: pods.map(({ uid }) => uid) },
      ...pods,
    ]
    expect(lines(all)).toBe(0)
    expect(lines(all, 'p-7')).toBe(1)
    expect(lines(all, 'svc')).toBe(100)
  })

  it('is fast enough for a frame with 200 Pods', () => {
    const objects = [...names.map((name) => node(name)), ...service, ...many(200, names)]
    const begun = performance.now()
    for (let times = 0; times < 20; times++) drawCluster(objects, { width: 800 })
    // Loose, for a busy machine: a frame has 16 ms.
    expect((performance.now() - begun) / 20).toBeLessThan(16)
  })
})

describe('walking through a picture', () => {
  const picture = drawCluster([...service, node('a'), node('b'), ...many(6, ['a', 'b'])], { width: 300 })

  it('comes to every Service and Pod by one arrow key, and to no node', () => {
    const seen = [picture.order[0]]
    for (let next = step(picture, seen[0] ?? '', 'ArrowRight'); next; next = step(picture, next, 'ArrowRight'))
      seen.push(next)
    expect(seen.sort()).toEqual(['p-0', 'p-1', 'p-2', 'p-3', 'p-4', 'p-5', 'svc'])
    expect(step(picture, 'svc', 'End')).toBe(picture.order.at(-1))
    expect(step(picture, picture.order.at(-1) ?? '', 'Home')).toBe('svc')
  })

  it('goes down and up to what is nearest there, and leaves other keys alone', () => {
    const down = step(picture, 'svc', 'ArrowDown') ?? ''
    expect(picture.places.get(down)?.y).toBeGreaterThan(picture.places.get('svc')?.y ?? 0)
    expect(step(picture, down, 'ArrowUp')).toBe('svc')
    expect(step(picture, 'svc', 'ArrowUp')).toBeUndefined()
    expect(step(picture, 'svc', 'a')).toBeUndefined()
  })
})

describe('owners', () => {
  const deployment = { kind: 'Deployment', uid: 'd', name: 'web', namespace: 'default', desired: 3, ready: 2 } as const
  const set = {
    kind: 'ReplicaSet',
    uid: 'rs',
    name: 'web-1',
    namespace: 'default',
    owner: 'd',
    desired: 3,
    ready: 2,
  } as const

  it('are the Deployment above the ReplicaSet, as far as it is known', () => {
    expect(ownersOf([deployment, set]).of(pod('p'))).toEqual({ uid: 'd', name: 'Deployment/web' })
    expect(ownersOf([]).of(pod('p'))).toEqual({ uid: 'rs', name: 'ReplicaSet/web-1' })
  })

  it('keep their colour when Pods come and go', () => {
    const before = ownersOf([deployment, set, pod('p')])
    const after = ownersOf([deployment, set])
    expect(before.colour('d')).toBe(after.colour('d'))
    expect(before.colour(undefined)).toBe(0)
  })

  it('are told in words', () => {
    expect(legend([deployment]).map(({ children }) => children)).toEqual(['web: 2 of 3 ready'])
    expect(
      details(
        { ...pod('p', 'a'), restarts: 2, reason: 'OOMKilled' },
        { ownerOf: () => 'Deployment/web', ready: new Map([['default/web', ['p']]]) },
      ),
    ).toBe('Pod p, ready, on a · OOMKilled · owned by Deployment/web · 2 restarts · gets requests from web')
  })
})

describe('a shape as text', () => {
  it('says what it is given and nothing that could be taken for markup', () => {
    expect(toMarkup(shape('text', { x: 1, 'data-on': true, 'data-off': false, 'aria-label': 'a "b"' }, '<i>&'))).toBe(
      '<text x="1" data-on aria-label="a &quot;b&quot;">&lt;i&gt;&amp;</text>',
    )
  })
})
