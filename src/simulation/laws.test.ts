import { describe, expect, it } from 'vitest'
import type { Happening } from './happenings.ts'
import { type Press, type Scenario, type ScenarioName, type Switch, scenarioNames, scenarios } from './scenarios.ts'
import { Simulation, TICK } from './simulation.ts'

const said = <W extends Happening['what']>(simulation: Simulation, what: W) =>
  simulation.log.flatMap(({ at, happening }) =>
    happening.what === what ? [{ at, ...(happening as Extract<Happening, { what: W }>) }] : [],
  )
const ready = ({ cluster }: Simulation) => cluster.pods.filter((pod) => pod.ready && pod.deletedAt === undefined)
/** Runs tick by tick and looks after each. */
function watch(simulation: Simulation, ms: number, look: () => void): void {
  for (let at = 0; at < ms; at += TICK) {
    simulation.forward(TICK)
    look()
  }
}
const begin = (name: ScenarioName, switches: [Switch, boolean][] = [], seed = 1) => {
  const simulation = new Simulation(name, seed)
  for (const [option, on] of switches) simulation.set(option, on)
  return simulation
}

describe.each(scenarioNames)('the simulation %s', (name) => {
  it('begins with every copy up and every request answered', () => {
    const simulation = begin(name)
    expect(ready(simulation)).toHaveLength(scenarios[name].cluster.replicas)
    expect(simulation.docker.containers.every(({ app }) => app.state === 'up')).toBe(true)
    simulation.forward(10_000)
    expect(simulation.requests.docker).toMatchObject({ failed: 0 })
    expect(simulation.requests.cluster).toMatchObject({ failed: 0 })
    expect(simulation.requests.cluster.answered).toBe(scenarios[name].traffic * 10)
  })

  it('runs the same way twice, and another way with another seed', () => {
    const run = (seed: number) => {
      const simulation = begin(name, [], seed)
      for (const press of simulation.scenario.presses) {
        simulation.press(press)
        simulation.forward(7000)
      }
      return JSON.stringify([simulation.log, simulation.cluster.pods, simulation.requests.cluster.answered])
    }
    expect(run(1)).toBe(run(1))
    // Where there is one copy, nothing is left to chance.
    if (scenarios[name].cluster.replicas > 1) expect(run(1)).not.toBe(run(2))
  })

  it('is the same in one leap as in many steps', () => {
    const leap = begin(name)
    const steps = begin(name)
    leap.forward(30_000)
    for (let at = 0; at < 30; at++) steps.forward(1000)
    expect(steps.log).toEqual(leap.log)
    expect(steps.requests.docker.answered).toBe(leap.requests.docker.answered)
  })

  it('keeps the laws of both sides, whatever is pressed', () => {
    for (const seed of [1, 2, 3]) {
      const simulation = begin(name, [], seed)
      const { presses, switches } = scenarios[name] as Scenario
      const all: (Press | Switch)[] = [...presses, ...(Object.keys(switches) as Switch[])]
      let turn = seed
      for (let round = 0; round < 30; round++) {
        turn = (turn * 7 + 3) % all.length
        const next = all[turn] as Press | Switch
        if (next in switches) simulation.set(next as Switch, !simulation.switches[next as Switch])
        else simulation.press(next as Press)
        watch(simulation, 5000, () => {
          const { cluster, docker } = simulation
          const names = cluster.pods.map((pod) => pod.name)
          expect(new Set(names).size, 'no two Pods share a name').toBe(names.length)
          for (const node of cluster.nodes)
            expect(
              cluster.pods.filter((pod) => pod.node === node.name).length,
              'no node is overfull',
            ).toBeLessThanOrEqual(3)
          if (cluster.volume) expect(cluster.pods.length, 'one Pod at most holds the claim').toBeLessThanOrEqual(1)
          else
            expect(
              cluster.pods.filter((pod) => pod.deletedAt === undefined).length,
              'never more Pods than wished for and the surge',
            ).toBeLessThanOrEqual(cluster.workload.replicas + cluster.workload.maxSurge + 1)
          expect(docker.containers.length, 'Compose starts no more than it was asked for').toBeLessThanOrEqual(9)
          if (!docker.up) expect(docker.listed).toEqual([])
        })
      }
    }
  })
})

describe('with a readiness probe', () => {
  it.each(['crash', 'rolling-update', 'scaling'] as const)(
    'no request goes to a Pod that is not ready yet: %s',
    (name) => {
      const simulation = begin(name)
      const everReady = new Set(ready(simulation).map((pod) => pod.name))
      for (const press of simulation.scenario.presses.filter((press) => press !== 'less-traffic')) {
        simulation.press(press)
        watch(simulation, 15_000, () => {
          for (const pod of ready(simulation)) everReady.add(pod.name)
          for (const { to } of simulation.requests.cluster.shots) if (to !== undefined) expect(everReady).toContain(to)
        })
      }
    },
  )

  it('a sick Pod leaves the Service; without Kubernetes its container stays in the list', () => {
    const simulation = begin('load-balancing')
    simulation.press('hang')
    simulation.forward(20_000)
    expect(simulation.cluster.endpoints).toHaveLength(2)
    expect(simulation.requests.cluster.share).toBe(1)
    expect(simulation.docker.listed).toHaveLength(3)
    expect(said(simulation, 'docker-unhealthy')).toHaveLength(1)
    expect(simulation.requests.docker.share).toBeLessThan(0.9)
  })
})

describe('what a crash costs', () => {
  it('is little on both sides: each restarts the process where it was', () => {
    const simulation = begin('crash')
    const before = simulation.cluster.pods.map(({ name, node }) => `${name} ${node}`)
    simulation.press('crash')
    simulation.forward(15_000)
    expect(simulation.cluster.pods.map(({ name, node }) => `${name} ${node}`)).toEqual(before)
    expect(simulation.cluster.pods.map(({ restarts }) => restarts).sort()).toEqual([0, 0, 1])
    expect(simulation.docker.containers.map(({ restarts }) => restarts).sort()).toEqual([0, 0, 1])
    expect(simulation.docker.containers.every(({ app }) => app.state === 'up')).toBe(true)
    expect(ready(simulation)).toHaveLength(3)
  })

  it('grows with each crash, on both sides', () => {
    const simulation = begin('crash')
    for (let times = 0; times < 12; times++) {
      simulation.press('crash')
      simulation.forward(4000)
    }
    const waits = said(simulation, 'container-restarts').map(({ seconds }) => seconds)
    expect(new Set(waits)).toContain(0)
    expect(Math.max(...waits)).toBeGreaterThanOrEqual(10)
    expect(Math.max(...said(simulation, 'docker-restarts').map(({ seconds }) => seconds))).toBeGreaterThan(0.1)
  })

  it('is made good when a copy is deleted, in the cluster alone', () => {
    const simulation = begin('crash')
    const before = new Set(simulation.cluster.pods.map(({ name }) => name))
    simulation.press('delete')
    simulation.forward(15_000)
    expect(ready(simulation)).toHaveLength(3)
    expect(
      ready(simulation).filter(({ name }) => !before.has(name)),
      'it is a new Pod',
    ).toHaveLength(1)
    expect(simulation.docker.running).toBe(2)
  })

  it('is found by a liveness probe when the process only hangs; Docker marks it and leaves it', () => {
    const simulation = begin('crash')
    simulation.press('hang')
    simulation.forward(30_000)
    expect(said(simulation, 'probe-restarts')).toHaveLength(1)
    expect(ready(simulation)).toHaveLength(3)
    expect(simulation.docker.containers.filter(({ health }) => health === 'unhealthy')).toHaveLength(1)
    expect(simulation.docker.containers.every(({ restarts }) => restarts === 0)).toBe(true)
  })
})

describe('a release', () => {
  it('reaches everyone without one lost request, with probes and an app that stops gracefully', () => {
    const simulation = begin('rolling-update')
    simulation.press('release')
    watch(simulation, 40_000, () => expect(ready(simulation).length).toBeGreaterThanOrEqual(3))
    expect(said(simulation, 'rollout-done')).toHaveLength(1)
    expect(new Set(simulation.cluster.pods.map(({ app }) => app.release.name))).toEqual(new Set(['v2']))
    expect(simulation.requests.cluster.failed).toBe(0)
  })

  it('has a gap with Compose: all containers are recreated', () => {
    const simulation = begin('rolling-update')
    simulation.press('release')
    let nobody = 0
    watch(simulation, 20_000, () => {
      if (!simulation.docker.containers.some(({ app }) => app.state === 'up')) nobody += TICK
    })
    expect(nobody).toBeGreaterThan(2000)
    expect(simulation.requests.docker.failed).toBeGreaterThan(20)
    expect(simulation.requests.docker.share).toBe(1)
  })

  it.each([
    ['readiness', 'without a readiness probe'],
    ['graceful', 'with an app that stops at once'],
  ] as const)('loses requests when %s is off: %s', (option, _) => {
    const simulation = begin('rolling-update', [[option, false]])
    simulation.press('release')
    simulation.forward(40_000)
    expect(said(simulation, 'rollout-done')).toHaveLength(1)
    expect(simulation.requests.cluster.failed).toBeGreaterThan(0)
  })

  it('that does not work is stopped by readiness, and taken back', () => {
    const simulation = begin('rolling-update')
    simulation.press('release-bad')
    simulation.forward(60_000)
    expect(said(simulation, 'rollout-stuck')).toHaveLength(1)
    expect(ready(simulation).every(({ app }) => app.release.name === 'v1')).toBe(true)
    expect(simulation.requests.cluster.failed).toBe(0)
    expect(simulation.requests.docker.share).toBe(0)
    simulation.press('roll-back')
    simulation.forward(30_000)
    expect(simulation.cluster.pods.map(({ app }) => app.release.name)).toEqual(['v1', 'v1', 'v1'])
    expect(simulation.requests.docker.share).toBe(1)
  })

  it('that does not work replaces everything where nothing asks whether it is ready', () => {
    const simulation = begin('rolling-update', [['readiness', false]])
    simulation.press('release-bad')
    simulation.forward(60_000)
    expect(simulation.cluster.pods.every(({ app }) => app.release.name === 'v2')).toBe(true)
    expect(simulation.requests.cluster.share).toBe(0)
  })
})

describe('a lost machine', () => {
  it('is noticed after 50 s at most, given up 300 s later, and its Pods made anew elsewhere', () => {
    const simulation = begin('node-loss')
    simulation.forward(12_000)
    simulation.press('unplug')
    const unplugged = simulation.now
    const lost = simulation.cluster.nodes.find(({ up }) => !up)?.name
    simulation.forward(35_000)
    expect(ready(simulation), 'nobody has noticed yet').toHaveLength(3)
    expect(simulation.requests.cluster.share, 'and a third of the requests is lost').toBeLessThan(0.8)
    simulation.forward(15_000)
    expect(ready(simulation), 'the third is not asked any more').toHaveLength(2)
    expect(said(simulation, 'node-lost')[0]?.at).toBeLessThanOrEqual(unplugged + 50_000)
    expect(said(simulation, 'node-lost')[0]?.at).toBeGreaterThan(unplugged + 39_000)
    simulation.forward(290_000)
    expect(said(simulation, 'pod-created')).toEqual([])
    simulation.forward(30_000)
    const [evicted] = said(simulation, 'node-evicted')
    expect((evicted?.at ?? 0) - (said(simulation, 'node-lost')[0]?.at ?? 0)).toBe(300_000)
    expect(ready(simulation)).toHaveLength(3)
    expect(ready(simulation).some(({ node }) => node === lost)).toBe(false)
    expect(
      simulation.cluster.pods.filter(({ node }) => node === lost),
      'its Pod is still in the list',
    ).toHaveLength(1)
    simulation.press('plug')
    simulation.forward(5000)
    expect(simulation.cluster.pods).toHaveLength(3)
  })

  it('is given up after ten seconds if the Pods say so', () => {
    const simulation = begin('node-loss', [['short-toleration', true]])
    simulation.press('unplug')
    simulation.forward(75_000)
    expect(ready(simulation)).toHaveLength(3)
  })

  it('is the end of everything that ran on the one Docker host, until someone comes', () => {
    const simulation = begin('node-loss')
    simulation.press('unplug')
    simulation.forward(600_000)
    expect(simulation.requests.docker.share).toBe(0)
    simulation.press('plug')
    simulation.forward(15_000)
    expect(simulation.docker.running).toBe(3)
    expect(simulation.requests.docker.share).toBe(1)
  })
})

describe('more traffic', () => {
  it('is borne by more copies, on one machine as far as its CPUs reach', () => {
    const simulation = begin('scaling')
    for (let times = 0; times < 5; times++) simulation.press('more-traffic')
    for (let times = 0; times < 6; times++) simulation.press('add-copy')
    simulation.forward(30_000)
    expect(simulation.requests.cluster.share).toBeGreaterThan(0.97)
    expect(simulation.requests.docker.share).toBeLessThan(0.8)
    expect(simulation.docker.running).toBe(8)
  })

  it('finds only the first copy where a fixed port is published', () => {
    const simulation = begin('scaling', [['fixed-port', true]])
    simulation.press('add-copy')
    simulation.forward(10_000)
    expect(said(simulation, 'docker-port-taken')).toHaveLength(1)
    expect(simulation.docker.containers.filter(({ state }) => state === 'created')).toHaveLength(1)
  })

  it('waits for a node when no node has room', () => {
    const simulation = begin('scaling')
    for (let times = 0; times < 9; times++) simulation.press('add-copy')
    simulation.forward(10_000)
    expect(simulation.cluster.pods.filter(({ node }) => node === undefined)).toHaveLength(2)
    expect(said(simulation, 'pod-unplaced')[0]).toMatchObject({ why: 'cpu' })
  })

  it('makes the HorizontalPodAutoscaler add copies in its 15 s, and take them away only after five calm minutes', () => {
    const simulation = begin('viral-day')
    simulation.forward(30_000)
    simulation.press('viral')
    simulation.forward(120_000)
    const up = said(simulation, 'autoscaled')
    expect(up.length).toBeGreaterThan(1)
    for (const { at, from, to } of up) {
      expect(at % 15_000).toBe(0)
      expect(to).toBeGreaterThan(from)
      expect(to).toBeLessThanOrEqual(Math.max(from * 2, from + 4))
    }
    expect(simulation.cluster.workload.replicas).toBe(9)
    expect(simulation.requests.cluster.share).toBeGreaterThan(0.97)
    expect(simulation.requests.docker.share).toBeLessThan(0.8)
    simulation.press('night')
    simulation.forward(280_000)
    expect(simulation.cluster.workload.replicas).toBe(9)
    simulation.forward(60_000)
    expect(simulation.cluster.workload.replicas).toBe(2)
  })
})

describe('data', () => {
  it('stays on its node with a local volume, and its Pod with it', () => {
    const simulation = begin('data-follows')
    const home = simulation.cluster.pods[0]?.node
    simulation.press('move')
    simulation.forward(20_000)
    expect(simulation.cluster.pods[0]).toMatchObject({ node: undefined })
    expect(said(simulation, 'pod-unplaced')[0]).toMatchObject({ why: 'volume' })
    simulation.press('move-back')
    simulation.forward(20_000)
    expect(simulation.cluster.pods[0]?.node).toBe(home)
    expect(simulation.cluster.volume?.entries).toBeGreaterThan(0)
  })

  it('follows the Pod over the network', () => {
    const simulation = begin('data-follows', [['network-volume', true]])
    const home = simulation.cluster.pods[0]?.node
    simulation.forward(10_000)
    const before = simulation.cluster.volume?.entries ?? 0
    simulation.press('move')
    simulation.forward(20_000)
    expect(simulation.cluster.pods[0]).toMatchObject({ name: 'db-0', ready: true })
    expect(simulation.cluster.pods[0]?.node).not.toBe(home)
    expect(simulation.cluster.volume?.entries).toBeGreaterThan(before)
  })

  it('does not follow from a node that is merely silent, until someone says that it is out of service', () => {
    const simulation = begin('data-follows', [['network-volume', true]])
    simulation.press('unplug')
    simulation.forward(600_000)
    expect(simulation.cluster.pods).toHaveLength(1)
    expect(simulation.cluster.pods[0]?.deletedAt).toBeDefined()
    simulation.press('out-of-service')
    simulation.forward(20_000)
    expect(simulation.cluster.pods[0]).toMatchObject({ name: 'db-0', ready: true })
  })

  it('is not on the other machine when Docker is started there', () => {
    const simulation = begin('data-follows')
    simulation.forward(10_000)
    expect(simulation.docker.data).toBeGreaterThan(30)
    simulation.press('recreate')
    simulation.forward(10_000)
    const kept = simulation.docker.data ?? 0
    expect(kept).toBeGreaterThan(30)
    simulation.press('move')
    expect(simulation.docker.data).toBe(0)
    expect(simulation.docker.leftBehind).toBe(kept)
  })
})
