import type { SigningKey } from '../auth/jwt.ts'
import { ServiceAccountTokens } from '../auth/service-accounts.ts'
import type { Clock } from '../clock/clock.ts'
import { Random } from '../clock/random.ts'
import type {
  Container,
  ContainerLimits,
  ContainerOptions,
  ExitStatus,
  FoundImage,
  Image,
  ImageRegistry,
  Machine,
  Sandbox,
  SandboxOptions,
  Signal,
} from '../containers/contract.ts'
import { emptyTree } from '../containers/files/volume.ts'
import type { Cluster } from '../controllers/cluster.ts'
import { World } from '../controllers/world.testing.ts'
import { defaultPod } from '../kinds/pod/defaults.ts'
import type { PodSpec } from '../kinds/pod/types.ts'
import type { ClusterNetwork, NodeNetwork, PodAttachment, PodNetwork, Socket } from '../network/contract.ts'
import { networkError } from '../network/network-error.ts'
import type { ApiObject, NewObject } from '../objects/types.ts'
import { createKubelets, type Kubelets, type KubeletsOptions } from './kubelets.ts'
import { PODS } from './objects.ts'
import { MACHINE } from './profiles/machine.ts'
import type { Profile } from './profiles/profile.ts'
import { NodeDoor } from './runtime/node-door.ts'
import type { FullContainerStatus, FullPodStatus, State } from './status/types.ts'

/** What a scripted container does. */
export interface Script {
  /** Ends after so many milliseconds; runs until it is killed if not said. */
  readonly after?: number
  readonly exitCode?: number
  readonly outOfMemory?: boolean
  /** Exit code on SIGTERM, and milliseconds until then; it takes no notice if not said. */
  readonly onTerm?: { readonly exitCode: number; readonly after?: number }
  readonly cannotStart?: string
  readonly says?: string
  /** Left in the termination log. */
  readonly message?: string
  /** Of `exec`, by the command's words. */
  readonly commands?: Readonly<
    Record<string, { readonly exitCode: number; readonly output?: string; readonly after?: number }>
  >
  readonly user?: string
  /** Bytes of its image. */
  readonly size?: number
  readonly memory?: number
}

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text)

class ScriptedContainer implements Container {
  readonly id: string
  readonly name: string
  readonly ended: Promise<ExitStatus>
  readonly options: ContainerOptions
  over = false
  limits: ContainerLimits
  readonly #clock: Clock
  readonly #script: Script
  readonly #timers: (() => void)[] = []
  #end: (status: ExitStatus) => void = () => {}
  #started = 0

  constructor(clock: Clock, options: ContainerOptions, script: Script) {
    this.id = options.id
    this.name = options.name
    this.options = options
    this.limits = options
    this.#clock = clock
    this.#script = script
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    void this.ended.then(() => {
      this.over = true
    })
  }

  start(): void {
    const { cannotStart, after, exitCode = 0, outOfMemory = false, says, message } = this.#script
    if (cannotStart !== undefined) throw Object.assign(new Error(cannotStart), { code: 128 })
    this.#started = this.#clock.now()
    if (says !== undefined) this.options.log('stdout', encoded(says))
    const last = this.options.mounts.find(({ path }) => path === '/dev/termination-log')
    if (message !== undefined) last?.tree.files.write(`/${last.subPath}`, message)
    if (after !== undefined) this.#later(after, { code: exitCode, ...(outOfMemory ? { outOfMemory } : {}) })
  }

  kill(signal: Signal): void {
    if (signal === 'SIGKILL') this.#end({ code: 137, signal })
    const { onTerm } = this.#script
    if (signal === 'SIGTERM' && onTerm !== undefined) this.#later(onTerm.after ?? 0, { code: onTerm.exitCode })
  }

  async exec(command: readonly string[], _: unknown, io: Parameters<Container['exec']>[2]) {
    const found = this.#script.commands?.[command.join(' ')]
    if (found === undefined)
      return { failure: `failed to exec in container: exec: "${command[0]}": executable file not found in $PATH` }
    if (found.after !== undefined)
      await new Promise<void>((resolve) => this.#timers.push(this.#clock.after(found.after ?? 0, resolve)))
    await io.stdout(encoded(found.output ?? ''))
    return { exitCode: found.exitCode }
  }

  async attach() {
    return { exitCode: 0 }
  }

  usage() {
    return { cpu: (this.#clock.now() - this.#started) / 10, memory: this.#script.memory ?? 1_048_576 }
  }

  setLimits(limits: ContainerLimits): void {
    this.limits = limits
  }

  written() {
    return 0
  }

  beforeKept(): void {}

  keep() {
    return undefined
  }

  remove(): void {
    for (const cancel of this.#timers) cancel()
    this.#end({ code: 137, signal: 'SIGKILL' })
  }

  #later(ms: number, status: ExitStatus): void {
    this.#timers.push(this.#clock.after(ms, () => this.#end(status)))
  }
}

/** Machines whose containers do what a script says, and a network on which ports answer as a test says. */
export class ScriptedNodes {
  /** By repository; the last one goes for any. Lists are for one run after the other. */
  readonly scripts: Record<string, Script | readonly Script[]>
  readonly containers: ScriptedContainer[] = []
  /** Status codes of HTTP by port, `refused` if there is none. */
  readonly ports = new Map<number, number | 'silent'>()
  readonly attached: PodAttachment[] = []
  readonly cutOff = new Set<string>()
  #clock: Clock | undefined
  #runs = new Map<string, number>()
  #addresses = 2

  constructor(scripts: Record<string, Script | readonly Script[]>) {
    this.scripts = scripts
  }

  set clock(clock: Clock) {
    this.#clock = clock
  }

  machine(): Machine {
    const clock = this.#clock as Clock
    return {
      sandbox: (options) => this.#sandbox(clock, options),
      setSlowness() {},
      stirred() {},
      usage: () => ({
        cpu: clock.now() / 100,
        memory: this.containers.reduce((sum, one) => sum + (one.over ? 0 : one.usage().memory), 0),
      }),
    }
  }

  /** The container of this name that was made last. */
  container(name: string): ScriptedContainer {
    const found = this.containers.findLast((one) => one.name === name)
    if (found === undefined) throw new Error(`There was no container ${name}.`)
    return found
  }

  get images(): ImageRegistry {
    return {
      find: (reference): FoundImage | undefined => {
        const [repository = '', tag = 'latest'] = reference.replace('docker.io/library/', '').split(':')
        const script = this.scripts[repository]
        if (script === undefined || tag === 'missing') return undefined
        const { size = 24 * 1024 * 1024, user } = Array.isArray(script) ? script[0] : script
        const image: Image = {
          repository,
          tags: [tag],
          size,
          files: {},
          memory: 1,
          ...(user === undefined ? {} : { user }),
        }
        const name = `docker.io/library/${repository}:${tag}`
        return {
          image,
          name,
          id: `sha256:${repository}`,
          digest: `docker.io/library/${repository}@sha256:${repository}`,
        }
      },
    }
  }

  get network(): ClusterNetwork {
    const node: NodeNetwork = {
      attach: (pod) => {
        this.attached.push(pod)
        return { ...this.#podNetwork(`10.244.0.${this.#addresses++}`, pod.hostname), detach() {} }
      },
      connect: (host, port) => this.#connect(host, port),
    }
    const dial = { connect: (host: string, port: number) => this.#connect(host, port) }
    return {
      node: () => node,
      outside: dial,
      apiServer: dial,
      setCutOff: (name: string, cutOff: boolean) => void (cutOff ? this.cutOff.add(name) : this.cutOff.delete(name)),
      isCutOff: (name: string) => this.cutOff.has(name),
      setLatency() {},
      onHop: () => () => {},
      stop() {},
    } as unknown as ClusterNetwork
  }

  #sandbox(clock: Clock, options: SandboxOptions): Sandbox {
    const own: ScriptedContainer[] = []
    return {
      network: options.network,
      create: (container) => {
        const script = this.scripts[container.image.repository] ?? {}
        const key = `${options.uid} ${container.name}`
        const run = this.#runs.get(key) ?? 0
        this.#runs.set(key, run + 1)
        const one = Array.isArray(script) ? (script[Math.min(run, script.length - 1)] ?? {}) : script
        const made = new ScriptedContainer(clock, container, one as Script)
        own.push(made)
        this.containers.push(made)
        return made
      },
      remove() {
        for (const one of own) one.remove()
      },
    } as Sandbox
  }

  #podNetwork(address: string, hostname: string): PodNetwork {
    const resolver = { nameservers: [], searches: [], options: [] }
    const connect = (host: string, port: number) => this.#connect(host, port)
    return { address, hostname, resolver, connect } as unknown as PodNetwork
  }

  async #connect(host: string, port: number): Promise<Socket> {
    const answer = this.ports.get(port)
    if (answer === undefined) throw networkError('ECONNREFUSED')
    const whole = encoded(`HTTP/1.1 ${answer} Whatever\r\nContent-Length: 0\r\n\r\n`)
    let read = false
    const ends = { address: host, port }
    return {
      local: ends,
      remote: ends,
      read: () => {
        if (answer === 'silent') return new Promise(() => {})
        const part = read ? null : whole
        read = true
        return Promise.resolve(part)
      },
      write: async () => {},
      end() {},
      destroy() {},
    }
  }
}

/** Nothing takes time but what a test says. */
export const STEADY: Profile = {
  ...MACHINE,
  name: 'steady',
  nodeEvents: false,
  delays: { mount: 100, sandbox: 300, create: 50, start: 50, relist: 200, stop: 50, cleanup: 100 },
  pull: { latency: 500, bytesPerSecond: 24 * 1024 * 1024 },
}

/** A cluster with kubelets over scripted containers. */
export class NodeWorld {
  readonly world: World
  readonly nodes: ScriptedNodes
  readonly kubelets: Kubelets
  readonly door: NodeDoor
  /** What statuses said, one after the other, as `phase container state`. */
  readonly told: string[] = []

  private constructor(world: World, nodes: ScriptedNodes, kubelets: Kubelets, door: NodeDoor) {
    this.world = world
    this.nodes = nodes
    this.kubelets = kubelets
    this.door = door
    world.cluster.backend.store.collection(PODS)?.subscribe(
      {},
      {
        event: ({ type, object }) => {
          const line = type === 'DELETED' ? 'gone' : lineOf(object)
          if (this.told.at(-1) !== line) this.told.push(line)
        },
      },
    )
  }

  static async make(
    scripts: Record<string, Script | readonly Script[]>,
    options: Partial<KubeletsOptions> & {
      readonly nodeCount?: number
      readonly key?: SigningKey
    } = {},
  ): Promise<NodeWorld> {
    const nodes = new ScriptedNodes(scripts)
    const door = new NodeDoor()
    let kubelets: Kubelets | undefined
    const world = await World.make(
      (cluster, report) => {
        nodes.clock = cluster.backend.clock
        kubelets = createKubelets({
          cluster,
          random: new Random(1),
          profile: STEADY,
          machines: () => nodes.machine(),
          network: nodes.network,
          images: nodes.images,
          trees: () => emptyTree({ now: () => cluster.backend.clock.now() }),
          door,
          report,
          ...(options.key === undefined ? {} : { tokens: tokensOf(cluster, options.key) }),
          ...options,
        })
        return kubelets.controllers
      },
      { nodes: options.nodeCount ?? 1 },
    )
    return new NodeWorld(world, nodes, kubelets as Kubelets, door)
  }

  /** A Pod on the node, with defaults. */
  create(spec: Partial<PodSpec> & Pick<PodSpec, 'containers'>, metadata: NewObject['metadata'] = {}): ApiObject {
    const withResources = (list: readonly object[] = []) => list.map((one) => ({ resources: {}, ...one }))
    const pod = defaultPod({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'default', ...metadata },
      spec: {
        nodeName: 'control-plane',
        ...spec,
        containers: withResources(spec.containers ?? []),
        ...(spec.initContainers === undefined ? {} : { initContainers: withResources(spec.initContainers) }),
      },
    })
    return this.world.create(PODS, pod)
  }

  delete(name = 'web', gracePeriodSeconds?: number): void {
    const options = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }
    this.world.cluster.backend.registry(PODS)?.delete('default', name, options)
  }

  async step(seconds: number): Promise<void> {
    await this.world.clock.step(seconds * 1000)
  }

  status(name = 'web'): FullPodStatus {
    return (this.world.get(PODS, name)?.status ?? {}) as FullPodStatus
  }

  container(name: string, pod = 'web'): FullContainerStatus {
    const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = this.status(pod)
    const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]
    const found = all.find((one) => one.name === name)
    if (found === undefined) throw new Error(`There is no status of ${name}.`)
    return found
  }

  /** Without `Normal` and `Warning`, each once. */
  events(pod = 'web'): string[] {
    return this.world.eventsOf('Pod', pod).map((line) => line.replace(/^(Normal|Warning) /, ''))
  }

  close(): void {
    this.world.close()
  }
}

function tokensOf({ backend }: Cluster, key: SigningKey): ServiceAccountTokens {
  const { store, clock, ids } = backend
  return new ServiceAccountTokens({ store, clock, ids, key })
}

function lineOf(pod: ApiObject): string {
  const { phase = '', reason, conditions = [], ...status } = (pod.status ?? {}) as FullPodStatus
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
  const ready = conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True')
  const parts = all.map((one) => {
    const before = one.lastState.terminated === undefined ? '' : ` after ${stateOf(one.lastState)}`
    return `${one.name} ${stateOf(one.state)}${before}${one.restartCount === 0 ? '' : ` #${one.restartCount}`}`
  })
  return [phase, ...(reason === undefined ? [] : [reason]), ...parts, ...(ready ? ['ready'] : [])].join(', ')
}

function stateOf({ waiting, running, terminated }: State): string {
  if (running !== undefined) return 'runs'
  if (terminated !== undefined) return `${terminated.reason} ${terminated.exitCode}`
  return waiting?.reason ?? 'waits'
}
