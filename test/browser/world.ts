/**
 * What the lab server finds outside of itself in these tests: clusters without nodes, in which a `kubectl` of a few words
 * scales and deletes, and real shells. They outlive a server, as containers do.
 */
import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { FakeKube } from '../../lab-server/checks/kube.fake.ts'
import type { KubeObject } from '../../lab-server/kube/connection.ts'
import { runInHome } from '../../lab-server/providers/embedded/scripts.ts'
import { homeFiles } from '../../lab-server/providers/home-files.ts'
import type {
  Availability,
  Cluster,
  ClusterSpec,
  Provider,
  ProviderStage,
  Restored,
} from '../../lab-server/providers/provider.ts'
import { BashShell } from './shell.ts'

/** Says its words to the cluster, one line, and prints what comes back. */
const kubectl = `#!/bin/bash
exec 3<>"/dev/tcp/127.0.0.1/$CLUSTER_PORT" && echo "$*" >&3 && cat <&3
`

const rc = `PS1='learner@lab:\\w$ '
alias k=kubectl
`

export class WorldCluster implements Cluster {
  readonly id: string
  readonly admin = new FakeKube()
  readonly shells: BashShell[] = []
  readonly folder = mkdtempSync(join(tmpdir(), 'quayside-home-'))
  readonly home = homeFiles(
    runInHome({
      command: ([file = '', ...args]) => ({
        file,
        args,
        cwd: this.folder,
        env: { HOME: this.folder, PATH: process.env.PATH ?? '' },
      }),
    }),
  )
  healthyNow = true
  /** As of one whose server has been restarted. */
  restored?: Restored
  /** What kubectl says in scripts of the server, and ends with 1. */
  refuses: string | undefined
  readonly #ears: Server
  readonly #gone: () => void
  #copies = 0
  #named = 0

  constructor(id: string, gone: () => void) {
    this.id = id
    this.#gone = gone
    mkdirSync(join(this.folder, '.bin'))
    writeFileSync(join(this.folder, '.bin/kubectl'), kubectl)
    chmodSync(join(this.folder, '.bin/kubectl'), 0o755)
    writeFileSync(join(this.folder, '.rc'), rc)
    this.#ears = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (line) => socket.end(`${this.kubectl(String(line).trim())}\n`))
    })
    let asked = 0
    this.admin.answer = () => {
      const pods = this.#pods().filter(({ status }) => (status as { ready?: boolean }).ready)
      const pod = pods[asked++ % Math.max(1, pods.length)]
      return pod
        ? { status: 200, body: JSON.stringify({ hostname: pod.metadata.name }) }
        : { status: 0, body: 'no endpoints available' }
    }
    const put = this.admin.put.bind(this.admin)
    this.admin.put = (object) => {
      const { metadata } = object
      const placed: KubeObject = { ...object, metadata: { ...metadata, namespace: metadata.namespace ?? 'default' } }
      put(placed)
      if (isWeb(placed) && placed.status === undefined) this.scale((placed.spec as { replicas: number }).replicas)
    }
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#ears.listen(0, '127.0.0.1', resolve))
    await this.openShell()
    return this
  }

  /** The Deployment's wish, and how many of it are ready. */
  scale(copies: number, ready = copies): void {
    this.#copies = copies
    for (const { metadata } of this.#pods().slice(copies)) this.admin.remove('Pod', metadata.name)
    while (this.#pods().length < copies) this.#addPod()
    for (const [index, pod] of this.#pods().entries()) this.admin.put({ ...pod, status: { ready: index < ready } })
    const web = this.admin.objects.find(isWeb)
    if (!web) return
    this.admin.put({
      ...web,
      spec: { ...(web.spec as object), replicas: copies },
      status: { readyReplicas: ready },
    })
  }

  kubectl(line: string): string {
    const replicas = /^scale deployment\/web --replicas=(\d+)$/.exec(line)?.[1]
    if (replicas) {
      this.scale(Number(replicas))
      return 'deployment.apps/web scaled'
    }
    const pod = /^delete pod (\S+)$/.exec(line)?.[1]
    if (pod) {
      this.admin.remove('Pod', pod)
      this.scale(this.#copies)
      return `pod "${pod}" deleted`
    }
    if (line.startsWith('get'))
      return this.#pods()
        .map(({ metadata }) => `${metadata.name}  1/1  Running`)
        .join('\n')
    return `this cluster does not know: ${line}`
  }

  async openShell(): Promise<BashShell> {
    const { port } = this.#ears.address() as AddressInfo
    const shell = new BashShell((this.shells.at(-1)?.id ?? 0) + 1, this.folder, {
      PATH: `${this.folder}/.bin:/usr/local/bin:/usr/bin:/bin`,
      CLUSTER_PORT: String(port),
    })
    this.shells.push(shell)
    return shell
  }

  async forward(): Promise<never> {
    throw new Error('nothing listens here')
  }

  async writeFile(path: string, content: string): Promise<void> {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), content)
  }

  run(script: string): Promise<{ code: number; output: string }> {
    // A reset deletes Pods with kubectl first; here they go with the Deployment.
    if (script.includes('--cascade=orphan')) return Promise.resolve({ code: 0, output: '' })
    if (this.refuses !== undefined && script.includes('kubectl')) {
      return Promise.resolve({ code: 1, output: this.refuses })
    }
    const { port } = this.#ears.address() as AddressInfo
    const env = { HOME: this.folder, PATH: `${this.folder}/.bin:/usr/bin:/bin`, CLUSTER_PORT: String(port) }
    return new Promise((resolve) => {
      execFile('bash', ['-c', script], { cwd: this.folder, env }, (error, out) =>
        resolve({ code: error ? 1 : 0, output: out }),
      )
    })
  }

  async healthy(): Promise<boolean> {
    return this.healthyNow
  }

  async dispose(): Promise<void> {
    await Promise.all(this.shells.map((shell) => shell.close()))
    this.#ears.close()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
    this.#gone()
  }

  #pods(): KubeObject[] {
    return this.admin.objects.filter(({ kind, metadata }) => kind === 'Pod' && metadata.labels?.app === 'web')
  }

  #addPod(): void {
    const name = `web-6d4b75cb6d-${String(++this.#named).padStart(5, 'x')}`
    this.admin.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels: { app: 'web' } },
      status: { ready: true },
    })
  }
}

const isWeb = ({ kind, metadata }: KubeObject) => kind === 'Deployment' && metadata.name === 'web'

const stages: ProviderStage[] = ['image', 'cluster', 'addons', 'shell']

export class World {
  readonly clusters = new Map<string, WorldCluster>()
  available: Availability = { available: true }
  /** Thrown by creations. */
  breaks: Error | undefined
  /** Creations wait in this stage until it is let go. */
  #held: { stage: ProviderStage; until: Promise<void> } | undefined

  /** Holds creations in a stage; the function returned lets them go on. */
  hold(stage: ProviderStage): () => void {
    let release = () => {}
    const until = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#held = { stage, until }
    return () => {
      this.#held = undefined
      release()
    }
  }

  /** The cluster that was made last. */
  get cluster(): WorldCluster {
    const last = [...this.clusters.values()].at(-1)
    if (!last) throw new Error('no cluster has been made')
    return last
  }

  provider(): Provider {
    const world = this
    return {
      name: 'test',
      title: 'a cluster for tests',
      startsWithin: 1,
      simulated: false,
      about: 'It has no nodes, and its kubectl knows only a few words.',
      probe: async () => world.available,
      prepare: async () => {},
      async create({ id }: ClusterSpec, progress, signal) {
        for (const stage of stages) {
          progress(stage)
          if (world.#held?.stage === stage) await world.#held.until
          signal.throwIfAborted()
        }
        if (world.breaks) throw world.breaks
        const cluster = new WorldCluster(id, () => world.clusters.delete(id))
        world.clusters.set(id, cluster)
        return cluster.start()
      },
      list: async () =>
        [...world.clusters.values()].map((cluster) => ({
          id: cluster.id,
          createdAt: 0,
          adopt: async () => cluster,
          dispose: () => cluster.dispose(),
        })),
      close: async () => {},
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.clusters.values()].map((cluster) => cluster.dispose()))
  }
}
