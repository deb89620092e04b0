import { afterEach, describe, expect, it } from 'vitest'
import { Random } from '../clock/random.ts'
import { World } from '../controllers/world.testing.ts'
import type { ApiObject } from '../objects/types.ts'
import { addNode, addPod, NODES, type NodeOptions, nodeOf, PODS, type PodOptions, pod } from './pods.testing.ts'
import { scheduler } from './scheduler.ts'

let world: World
afterEach(() => {
  world.close()
  expect(world.errors).toEqual([])
})

async function withNodes(nodes: Readonly<Record<string, NodeOptions>>, seed = 1): Promise<void> {
  world = await World.make((cluster, report) => [scheduler(cluster, { random: new Random(seed), report })], {
    nodes: 0,
  })
  for (const [name, options] of Object.entries(nodes)) addNode(world, name, options)
  world.step()
}

function schedule(name: string, options?: PodOptions): string {
  addPod(world, name, options)
  world.step()
  return nodeOf(world, name)
}

const affinity = (kind: 'podAffinity' | 'podAntiAffinity', app: string, topologyKey: string) => ({
  affinity: {
    [kind]: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 100, podAffinityTerm: { labelSelector: { matchLabels: { app } }, topologyKey } },
      ],
    },
  },
})

describe('of nodes that will do, the best is taken', () => {
  it('the emptier', async () => {
    await withNodes({ a: {}, b: {} })
    schedule('first', { cpu: '3', spec: { nodeSelector: { 'kubernetes.io/hostname': 'a' } } })
    expect(schedule('second', { cpu: '500m' })).toBe('b')
  })

  it('the one that is preferred', async () => {
    const ssd = { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }
    await withNodes({ a: {}, b: { labels: { disk: 'ssd' } }, c: {} })
    const spec = {
      affinity: {
        nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 50, preference: ssd }] },
      },
    }
    for (const name of ['1', '2', '3']) expect(schedule(name, { spec })).toBe('b')
  })

  it('not the one whose taint says rather not', async () => {
    await withNodes({ a: { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }, b: {} })
    for (const name of ['1', '2', '3']) expect(schedule(name)).toBe('b')
  })

  it('the one that has the image', async () => {
    await withNodes({ a: {}, b: { images: [{ names: ['busybox:1'], sizeBytes: 4_000_000_000 }] }, c: {} })
    expect(schedule('web')).toBe('b')
  })

  it('near those it likes, and far from those it does not', async () => {
    await withNodes({ a: {}, b: {} })
    const db = schedule('db', { labels: { app: 'db' } })
    const key = 'kubernetes.io/hostname'
    for (const name of ['1', '2']) expect(schedule(name, { spec: affinity('podAffinity', 'db', key) })).toBe(db)
    for (const name of ['3', '4']) expect(schedule(name, { spec: affinity('podAntiAffinity', 'db', key) })).not.toBe(db)
  })

  it('apart from others of the same Service', async () => {
    await withNodes({ a: {}, b: {}, c: {} })
    world.create(
      { group: '', resource: 'services' },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: {
          selector: { app: 'web' },
          ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
          type: 'ClusterIP',
          clusterIP: 'None',
          clusterIPs: ['None'],
          sessionAffinity: 'None',
          internalTrafficPolicy: 'Cluster',
          ipFamilies: ['IPv4'],
          ipFamilyPolicy: 'SingleStack',
        },
      },
    )
    const used = ['1', '2', '3'].map((name) => schedule(name, { labels: { app: 'web' } }))
    expect(used.toSorted()).toEqual(['a', 'b', 'c'])
  })

  it('one by chance where they are alike, the same one for the same seed', async () => {
    const run = async (seed: number): Promise<string> => {
      await withNodes({ a: {}, b: {}, c: {}, d: {} }, seed)
      const used = Array.from({ length: 12 }, (_, index) => schedule(`p${index}`)).join()
      world.close()
      return used
    }
    const first = await run(7)
    expect(await run(7)).toBe(first)
    const others = await Promise.all([await run(8), await run(9), await run(10)])
    expect(others.some((other) => other !== first)).toBe(true)
  })
})

describe('drawn from a seed, whatever comes', () => {
  const seeds = Array.from({ length: 12 }, (_, index) => index)

  it.each(seeds)('no node has more than it can give (%i)', async (seed) => {
    const random = new Random(seed)
    const names = Array.from({ length: 2 + random.below(5) }, (_, index) => `n${index}`)
    await withNodes(
      Object.fromEntries(
        names.map((name) => [
          name,
          { cpu: `${1 + random.below(4)}`, memory: `${1 + random.below(4)}Gi`, pods: `${2 + random.below(10)}` },
        ]),
      ),
      seed,
    )
    for (let step = 0; step < 60; step++) {
      if (random.chance(0.2)) {
        const { metadata } = random.pick([...world.list(PODS), pod('nobody')])
        if (metadata.name !== 'nobody') {
          world.cluster.backend.registry(PODS)?.delete('default', metadata.name as string, { gracePeriodSeconds: 0 })
        }
      }
      const options = { cpu: `${random.below(1500)}m`, memory: `${random.below(1500)}Mi` }
      addPod(world, `p${step}`, { ...options, spec: { priority: random.below(3) } })
      if (random.chance(0.5)) world.step(random.below(3_000))
      mustNotOvercommit()
    }
    world.step(20_000)
    mustNotOvercommit()
    expect(world.list(PODS).some(({ metadata }) => nodeOf(world, metadata.name) !== '')).toBe(true)
  })

  it.each(seeds)('nobody waits who would fit somewhere (%i)', async (seed) => {
    const random = new Random(seed)
    const names = Array.from({ length: 1 + random.below(4) }, (_, index) => `n${index}`)
    await withNodes(Object.fromEntries(names.map((name) => [name, { cpu: `${1 + random.below(3)}` }])), seed)
    const sizes = ['200m', '500m', '1500m']
    for (let step = 0; step < 60; step++) {
      const { metadata } = random.pick([...world.list(PODS), pod('nobody')])
      if (random.chance(0.3) && metadata.name !== 'nobody') {
        world.cluster.backend.registry(PODS)?.delete('default', metadata.name as string, { gracePeriodSeconds: 0 })
      } else addPod(world, `p${step}`, { cpu: random.pick(sizes), labels: { app: `${random.below(2)}` } })
      if (random.chance(0.1)) addNode(world, `late${step}`, { cpu: '1' })
      world.step(10)
      const free = world
        .list(NODES)
        .map((one) => Number((one.status as Allocatable).allocatable.cpu) * 1000 - usedOn(one.metadata.name, 'cpu'))
      for (const one of world.list(PODS)) {
        if (nodeOf(world, one.metadata.name) === '') expect(asked(one, 'cpu')).toBeGreaterThan(Math.max(...free))
      }
    }
  })

  interface Allocatable {
    readonly allocatable: Readonly<Record<string, string>>
  }

  function asked({ spec }: ApiObject, name: 'cpu' | 'memory'): number {
    const { containers } = spec as { containers: { resources: { requests?: Record<string, string> } }[] }
    return Number.parseInt(containers[0]?.resources.requests?.[name] ?? '0', 10)
  }

  const podsOn = (node: string) =>
    world.list(PODS).filter(({ spec }) => (spec as { nodeName?: string }).nodeName === node)
  const usedOn = (node: string, name: 'cpu' | 'memory'): number =>
    podsOn(node).reduce((total, one) => total + asked(one, name), 0)

  function mustNotOvercommit(): void {
    for (const { metadata, status } of world.list(NODES)) {
      const { allocatable } = status as Allocatable
      expect(podsOn(metadata.name).length).toBeLessThanOrEqual(Number(allocatable.pods))
      expect(usedOn(metadata.name, 'cpu')).toBeLessThanOrEqual(Number(allocatable.cpu) * 1000)
      const memory = Number.parseInt(allocatable.memory as string, 10) * 1024
      expect(usedOn(metadata.name, 'memory')).toBeLessThanOrEqual(memory)
    }
  }

  it.each(seeds)('domains of a spread are never further apart than they may be (%i)', async (seed) => {
    const random = new Random(seed)
    const zones = ['x', 'y', 'z'].slice(0, 2 + random.below(2))
    const nodes = Object.fromEntries(
      Array.from({ length: 3 + random.below(5) }, (_, index) => {
        const zone = index < zones.length ? (zones[index] as string) : random.pick(zones)
        return [
          `n${index}`,
          { cpu: `${1 + random.below(3)}`, labels: { 'topology.kubernetes.io/zone': zone } },
        ] as const
      }),
    )
    await withNodes(nodes, seed)
    const maxSkew = 1 + random.below(2)
    const labels = { app: 'web' }
    const spread = {
      maxSkew,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: labels },
    }
    for (let count = 0; count < 24; count++) {
      schedule(`p${count}`, { labels, cpu: '300m', spec: { topologySpreadConstraints: [spread] } })
      const found = new Map(zones.map((zone) => [zone, 0]))
      for (const { metadata } of world.list(PODS)) {
        const on = nodes[nodeOf(world, metadata.name)]
        const zone = on?.labels['topology.kubernetes.io/zone']
        if (zone !== undefined) found.set(zone, (found.get(zone) ?? 0) + 1)
      }
      expect(Math.max(...found.values()) - Math.min(...found.values())).toBeLessThanOrEqual(maxSkew)
    }
    expect(world.list(PODS).filter(({ metadata }) => nodeOf(world, metadata.name) !== '').length).toBeGreaterThan(2)
  })
})
