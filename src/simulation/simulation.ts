/** Both sides under the same traffic. Deterministic: the same seed and the same presses give the same run. */
import type { Release } from './app.ts'
import { Cluster } from './cluster/cluster.ts'
import { DEFAULT_TOLERATION, SHORT_TOLERATION } from './cluster/state.ts'
import { DockerHost } from './docker/host.ts'
import type { Logged, Moment, Side } from './happenings.ts'
import { type Random, seeded } from './random.ts'
import { Requests } from './requests.ts'
import { type Press, type Scenario, type ScenarioName, type Switch, scenarios } from './scenarios.ts'

/** Length of a tick, in simulated ms. */
export const TICK = 100
/** Before the reader sees it, both sides have come up: simulated ms. */
const WARM_UP = 20_000
/** What is remembered of what happened. */
const MOST_LOGGED = 40

const VIRAL = 55
const NIGHT = 4
const MORE = 8
const MOST_TRAFFIC = 80

export class Simulation {
  readonly name: ScenarioName
  readonly scenario: Scenario
  readonly docker: DockerHost
  readonly cluster: Cluster
  readonly requests: Record<Side, Requests> = { docker: new Requests(), cluster: new Requests() }
  readonly switches: Partial<Record<Switch, boolean>>
  /** Requests each second. */
  traffic: number
  /** Simulated ms since the reader first saw it. */
  now = 0
  /** The newest last. */
  log: Logged[] = []
  #releases = 1
  #due = 0
  #happened = 0
  readonly #random: Random

  constructor(name: ScenarioName, seed = 1) {
    this.name = name
    this.scenario = scenarios[name]
    this.#random = seeded(seed)
    const first: Release = { name: 'v1', works: true }
    this.docker = new DockerHost(this.scenario.docker, first)
    this.cluster = new Cluster(this.scenario.cluster, first)
    this.switches = { ...this.scenario.switches }
    this.traffic = 0
    this.now = -WARM_UP
    this.docker.scale(this.scenario.docker.copies, this.#moment('docker'))
    this.forward(WARM_UP / 2)
    this.traffic = this.scenario.traffic
    this.forward(WARM_UP / 2)
    this.log = []
    for (const requests of Object.values(this.requests)) requests.answered = requests.failed = 0
  }

  /** Moves on by so many simulated ms, in whole ticks. */
  forward(ms: number): void {
    for (const end = this.now + ms; this.now + TICK <= end; ) this.#tick()
  }

  press(press: Press): void {
    const { docker, cluster } = this
    const left = this.#moment('docker')
    const right = this.#moment('cluster')
    switch (press) {
      case 'more-traffic':
        this.traffic = Math.min(MOST_TRAFFIC, this.traffic + MORE)
        return
      case 'less-traffic':
        this.traffic = Math.max(0, this.traffic - MORE)
        return
      case 'viral':
        this.traffic = VIRAL
        return
      case 'night':
        this.traffic = NIGHT
        return
      case 'add-copy':
      case 'remove-copy': {
        const more = press === 'add-copy' ? 1 : -1
        const [copies, replicas] = [docker.copies + more, cluster.workload.replicas + more]
        if (copies >= 1) this.#scaleDocker(Math.min(copies, 9), left)
        if (replicas >= 1) cluster.scale(Math.min(replicas, 12), right)
        return
      }
      case 'scale-docker':
        this.#scaleDocker(Math.min(docker.copies + 2, 9), left)
        return
      case 'crash':
        docker.crash(left)
        cluster.crash(right)
        return
      case 'hang':
        docker.hang(left)
        cluster.hang(right)
        return
      case 'delete':
        docker.remove(left)
        cluster.remove(right)
        return
      case 'release':
      case 'release-bad': {
        const release: Release = { name: `v${++this.#releases}`, works: press === 'release' }
        docker.deploy(release, left)
        cluster.workload.deploy(release, right)
        return
      }
      case 'roll-back': {
        const before = cluster.workload.replicaSets.filter(
          ({ release }) => release.works && release !== cluster.workload.release,
        )
        const release = before.at(-1)?.release
        if (release === undefined) return
        docker.deploy(release, left)
        cluster.workload.deploy(release, right)
        return
      }
      case 'unplug':
        docker.unplug(left)
        cluster.unplug(right)
        return
      case 'plug':
        docker.plug(left)
        cluster.plug(right)
        return
      case 'recreate':
        docker.recreate(left)
        cluster.remove(right)
        return
      case 'move':
        docker.move(left)
        cluster.drain(right)
        return
      case 'move-back':
        cluster.uncordon(right)
        return
      case 'out-of-service':
        left.say({ what: 'docker-nothing-to-do' })
        cluster.outOfService(right)
        return
    }
  }

  set(option: Switch, on: boolean): void {
    this.switches[option] = on
    switch (option) {
      case 'readiness':
        this.cluster.readiness = on
        return
      case 'graceful':
        this.cluster.graceful = on
        return
      case 'short-toleration':
        this.cluster.toleration = on ? SHORT_TOLERATION : DEFAULT_TOLERATION
        return
      case 'keeps-address':
        this.docker.keepsAddress = on
        return
      case 'fixed-port':
        this.docker.fixedPort = on
        return
      case 'network-volume':
        if (this.cluster.volume) this.cluster.volume.kind = on ? 'network' : 'local'
        return
    }
  }

  #scaleDocker(copies: number, moment: Moment): void {
    moment.say({ what: 'docker-scaled', copies })
    this.docker.scale(copies, moment)
  }

  #tick(): void {
    this.now += TICK
    const [left, right] = [this.#moment('docker'), this.#moment('cluster')]
    this.requests.docker.begin(this.now)
    this.requests.cluster.begin(this.now)
    this.docker.tick(left)
    this.cluster.tick(right)
    for (this.#due += (this.traffic * TICK) / 1000; this.#due >= 1; this.#due--) {
      this.docker.request(left, this.requests.docker)
      this.cluster.request(right, this.requests.cluster)
    }
  }

  #moment(side: Side): Moment {
    return {
      now: this.now,
      ms: TICK,
      random: this.#random,
      say: (happening) => {
        this.log.push({ number: ++this.#happened, at: this.now, side, happening })
        if (this.log.length > MOST_LOGGED) this.log.shift()
      },
    }
  }
}

/** The moment that a scenario's still picture shows. */
export function stillOf(name: ScenarioName): Simulation {
  const simulation = new Simulation(name)
  const { presses, at } = simulation.scenario.still
  for (const [when, press] of presses) {
    simulation.forward(when - simulation.now)
    simulation.press(press)
  }
  simulation.forward(at - simulation.now)
  return simulation
}
