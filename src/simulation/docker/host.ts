/**
 * Docker Engine on one machine, with Compose: what it does by itself, and where it ends. After Docker 28 and Compose v2.
 */
import { type App, answers, ask, newApp, type Release, startApp, stopApp, tickApp } from '../app.ts'
import type { Moment } from '../happenings.ts'
import { pick } from '../random.ts'
import type { Requests } from '../requests.ts'

export interface Container {
  name: string
  /** `restarting`: Docker waits before it starts the process again; `created`: it could not be started. */
  state: 'running' | 'restarting' | 'stopping' | 'created'
  app: App
  health: 'starting' | 'healthy' | 'unhealthy'
  failedChecks: number
  restarts: number
  startedAt: number
  /** When a wait ends: of `restarting` and `stopping`. */
  until: number
}

export interface DockerOptions {
  copies: number
  /** Whether each client goes on using the address that it was once given. */
  keepsAddress: boolean
  /** Whether compose.yaml says `ports: ["8080:9898"]`. */
  fixedPort: boolean
  /** Whether there is a volume on this machine's disk. */
  volume: boolean
}

/** CPUs of the machine. */
const CPUS = 4
/** Docker waits 100 ms before the first restart, twice as long each time, at most a minute; 10 s of life forget it. */
const FIRST_WAIT = 100
const LAST_WAIT = 60_000
const FORGET_AFTER = 10_000
/** `healthcheck: { interval: 5s, retries: 3 }`. */
const CHECK_EVERY = 5000
const RETRIES = 3
/** From SIGTERM to the end of the process, in ms. */
const STOPPING = 1000
const CLIENTS = 4

export class DockerHost {
  name = 'docker-host'
  /** What Compose calls the service; a container's name is that and a number. */
  readonly service: string
  up = true
  containers: Container[] = []
  release: Release
  copies: number
  keepsAddress: boolean
  fixedPort: boolean
  /** Entries in the volume; undefined if there is none. */
  data: number | undefined
  /** What the volume on the machine before this one held. */
  leftBehind: number | undefined
  /** The container that each client was told of, where it keeps that. */
  readonly #clients: (string | undefined)[] = Array.from({ length: CLIENTS }, () => undefined)
  #asked = 0
  #turn = 0

  constructor(options: DockerOptions, release: Release) {
    this.release = release
    this.copies = options.copies
    this.keepsAddress = options.keepsAddress
    this.fixedPort = options.fixedPort
    this.data = options.volume ? 0 : undefined
    this.service = options.volume ? 'db' : 'web'
  }

  /** Containers whose addresses the DNS returns for the service's name: those that run, well or not. */
  get listed(): Container[] {
    return this.up ? this.containers.filter(({ state }) => state === 'running' || state === 'stopping') : []
  }

  get running(): number {
    return this.listed.length
  }

  tick(moment: Moment): void {
    if (!this.up) return
    const working = this.containers.filter(({ app }) => app.state !== 'off').length
    const cpu = Math.min(1, CPUS / Math.max(1, working))
    for (const container of [...this.containers]) this.#tickContainer(container, moment, cpu)
  }

  #tickContainer(container: Container, moment: Moment, cpu: number): void {
    const { now } = moment
    const { app } = container
    const booting = app.state === 'booting'
    tickApp(app, now, moment.ms, cpu)
    if (container.state === 'restarting' && now >= container.until) this.#start(container, now)
    if (container.state === 'stopping' && now >= container.until) {
      this.containers = this.containers.filter((other) => other !== container)
      if (this.containers.length < this.copies) this.#create(container.name, moment)
    }
    if (booting && answers(app)) moment.say({ what: 'docker-answers', name: container.name })
    if (container.state === 'running' && (now - container.startedAt) % CHECK_EVERY === 0 && now > container.startedAt)
      this.#check(container, moment)
  }

  #check(container: Container, moment: Moment): void {
    if (answers(container.app)) {
      container.health = 'healthy'
      container.failedChecks = 0
    } else if (++container.failedChecks === RETRIES) {
      container.health = 'unhealthy'
      moment.say({ what: 'docker-unhealthy', name: container.name })
    }
  }

  #start(container: Container, now: number): void {
    container.state = 'running'
    container.startedAt = now
    container.health = 'starting'
    container.failedChecks = 0
    startApp(container.app, now)
  }

  #create(name: string, moment: Moment): void {
    const container: Container = {
      name,
      state: 'created',
      app: newApp(this.release),
      health: 'starting',
      failedChecks: 0,
      restarts: 0,
      startedAt: 0,
      until: 0,
    }
    this.containers.push(container)
    this.containers.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
    if (this.fixedPort && this.containers.some((other) => other !== container && other.state !== 'created'))
      moment.say({ what: 'docker-port-taken', name })
    else this.#start(container, moment.now)
  }

  /** `docker compose up -d --scale web=<copies>` */
  scale(copies: number, moment: Moment): void {
    this.copies = copies
    if (!this.up) return
    const kept = this.containers.filter(({ state }) => state !== 'stopping')
    for (const container of kept.slice(copies)) this.#stop(container, moment.now)
    for (let number = 1; this.containers.length < copies; number++)
      if (!this.containers.some(({ name }) => name === `${this.service}-${number}`))
        this.#create(`${this.service}-${number}`, moment)
  }

  #stop(container: Container, now: number): void {
    stopApp(container.app)
    container.state = 'stopping'
    container.until = now + STOPPING
  }

  /** `docker compose up -d` after another image was written into the file: all at once, the old ones first. */
  deploy(release: Release, moment: Moment): void {
    this.release = release
    if (!this.up) return
    moment.say({ what: 'docker-recreates', release: release.name })
    for (const container of this.containers) this.#stop(container, moment.now)
  }

  /** A process ends; the restart policy is `always`. */
  crash(moment: Moment): void {
    const container = this.#anyUp(moment)
    if (container === undefined) return
    const longLived = moment.now - container.startedAt >= FORGET_AFTER
    const wait = longLived ? FIRST_WAIT : Math.min(LAST_WAIT, FIRST_WAIT * 2 ** container.restarts)
    stopApp(container.app)
    container.restarts++
    container.state = 'restarting'
    container.until = moment.now + wait
    moment.say({ what: 'docker-restarts', name: container.name, seconds: wait / 1000 })
  }

  /** The process lives on, and answers nothing. */
  hang(moment: Moment): void {
    const container = this.#anyUp(moment)
    if (container === undefined) return
    container.app.state = 'hung'
    moment.say({ what: 'docker-hangs', name: container.name })
  }

  /** `docker rm --force`: Compose does not look whether it is missed. */
  remove(moment: Moment): void {
    const container = this.#anyUp(moment)
    if (container === undefined) return
    this.containers = this.containers.filter((other) => other !== container)
    moment.say({ what: 'docker-removed', name: container.name })
  }

  /** Removed and made again, on the same machine and the same volume. */
  recreate(moment: Moment): void {
    const container = this.#anyUp(moment)
    if (container === undefined) return
    this.#stop(container, moment.now)
    moment.say({ what: 'docker-keeps-volume', name: container.name })
  }

  unplug(moment: Moment): void {
    if (!this.up) return
    this.up = false
    for (const { app } of this.containers) stopApp(app)
    moment.say({ what: 'docker-host-lost' })
  }

  /** The daemon starts again everything that ran; that is what `always` is for. */
  plug(moment: Moment): void {
    if (this.up) return
    this.up = true
    for (const container of this.containers) if (container.state !== 'created') this.#start(container, moment.now)
    moment.say({ what: 'docker-host-back' })
  }

  /** Someone starts the same Compose file on another machine; named volumes are made there, empty. */
  move(moment: Moment): void {
    this.name = this.name === 'docker-host' ? 'other-host' : 'docker-host'
    this.up = true
    ;[this.data, this.leftBehind] = [this.leftBehind ?? 0, this.data]
    this.containers = []
    moment.say({ what: 'docker-moved', host: this.name, left: this.leftBehind ?? 0 })
    this.scale(this.copies, moment)
  }

  /** One request, from one of the clients in turn. */
  request(moment: Moment, requests: Requests): void {
    const client = this.#asked++ % CLIENTS
    const target = this.fixedPort ? this.containers.find(({ state }) => state === 'running') : this.#resolve(client)
    const answered = this.up && target !== undefined && ask(target.app)
    if (answered && this.data !== undefined) this.data++
    requests.count(moment.now, target?.name, answered)
  }

  /** The DNS returns all addresses, in another order each time; a client takes the first. */
  #resolve(client: number): Container | undefined {
    const { listed } = this
    const kept = listed.find(({ name }) => name === this.#clients[client])
    if (this.keepsAddress && kept) return kept
    const target = listed[this.#turn++ % Math.max(1, listed.length)]
    this.#clients[client] = target?.name
    return target
  }

  #anyUp(moment: Moment): Container | undefined {
    return pick(
      moment.random,
      this.up ? this.containers.filter(({ state, app }) => state === 'running' && app.state === 'up') : [],
    )
  }
}
