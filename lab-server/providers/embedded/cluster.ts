import { promisify } from 'node:util'
import { MessageChannel } from 'node:worker_threads'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { type Clock, sleep } from '../../clock.ts'
import { ReaderError } from '../../errors.ts'
import type { KubeObject } from '../../kube/connection.ts'
import { connectKube } from '../../kube/https.ts'
import { refusal } from '../../kube/paths.ts'
import type { Transport } from '../../kube/transport.ts'
import type { Logger } from '../../log.ts'
import { applyPatiently, guardHolds, guardObjects } from '../guard/guard.ts'
import { keepRights, type RightsKeeper } from '../guard/rights-keeper.ts'
import { homeFiles } from '../home-files.ts'
import { requireWorker, workerNames } from '../node-names.ts'
import type { Cluster, ClusterSpec, NodeControl, ProviderStage, Shell, TerminalSize } from '../provider.ts'
import { BASHRC } from '../reader-home.ts'
import { archiveHome, unpackHome } from './home-archive.ts'
import { ptyShell } from './pty-shell.ts'
import type { Home, Homes } from './sandbox/home.ts'
import { runInHome, runScript, writeHomeFile } from './scripts.ts'
import type { Thread } from './thread.ts'
import type { Threads } from './threads.ts'
import { threadTransport } from './transport.ts'
import { Channel } from './worker/channel.ts'
import { type ClusterLimits, SANDBOX_PORT } from './worker/messages.ts'

export interface ClusterParts {
  clock: Clock
  log: Logger
  threads: Threads
  homes: Homes
  limits: ClusterLimits
  /** On all nodes from the beginning, as on kind's. */
  images: readonly string[]
  maxShells: number
  onDisposed(id: string): void
}

const compressed = promisify(deflateRaw)
const whole = promisify(inflateRaw)

/** The size of the first shell until a page says its own. */
const FIRST_SIZE: TerminalSize = { cols: 80, rows: 24 }
const HEALTH_TIMEOUT = 5_000
/** How long a fresh cluster's nodes and CoreDNS may take, in ms, and how often they are looked at. */
const READY_WITHIN = 60_000
const LOOK_EVERY = 25

/** Makes a cluster. On failure nothing of it is left. */
export async function createEmbeddedCluster(
  parts: ClusterParts,
  { id, workers, ingress = false }: ClusterSpec,
  progress: (stage: ProviderStage) => void,
  signal: AbortSignal,
): Promise<Cluster> {
  const { clock, log, threads, homes, limits, images } = parts
  const thread = threads.take()
  const ends: (() => unknown)[] = [() => threads.release(thread)]
  const undo = async () => {
    for (const end of ends.reverse()) await end()
  }
  try {
    progress('cluster')
    const opening = homes.open(id)
    ends.push(() => opening.then((home) => home.close()).catch(() => {}))
    ends.push(() => thread.call('dispose', { cluster: id }).catch(() => {}))
    const made = thread.call(
      'create',
      { cluster: id, workers, ingress, door: { kind: homes.confined ? 'sandbox' : 'port' }, limits, images },
      { signal },
    )
    const [{ kubeconfig }, home] = await Promise.all([made, opening])
    const transport = threadTransport(thread, id, clock)
    const kube = connectKube(transport, { clock, log: log.child({ cluster: id }) })
    const rights = keepRights(kube, { clock, log: log.child({ cluster: id }) })
    ends.push(() => {
      rights.close()
      kube.close()
    })
    progress('addons')
    await Promise.all([openDoor(thread, id, home, kubeconfig, signal), guarded(kube, transport, rights, clock, signal)])
    await settled(transport, clock, signal)
    progress('shell')
    const cluster = asCluster(parts, { id, workers: workerNames(workers), thread, home, transport, kube, undo })
    await cluster.openShell(FIRST_SIZE)
    signal.throwIfAborted()
    return cluster
  } catch (error) {
    await undo()
    throw error
  }
}

async function openDoor(
  thread: Thread,
  cluster: string,
  home: Home,
  kubeconfig: string,
  signal: AbortSignal,
): Promise<void> {
  const listener = home.listener(SANDBOX_PORT)
  await Promise.all([
    home.write('.kube/config', kubeconfig),
    listener && thread.call('open', { cluster, command: [listener.file, ...listener.args] }, { signal }),
  ])
}

/** As on any cluster: the reader has rights, and what they may not do is refused, before they are let in. */
async function guarded(
  kube: Cluster['admin'],
  transport: Transport,
  rights: RightsKeeper,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  // A cluster without one of its parts has no namespace for it either
  const namespaces = new Set((await kube.list({ apiVersion: 'v1', kind: 'Namespace' }, signal)).map(nameOf))
  const fitting = guardObjects.filter(
    ({ metadata: { namespace } }) => namespace === undefined || namespaces.has(namespace),
  )
  await applyPatiently(kube, clock, fitting, signal)
  await Promise.all([guardHolds(transport, clock, signal), rights.ready])
}

const nameOf = ({ metadata }: KubeObject) => metadata.name

/** Until each node is ready and so is what the cluster's own Deployments ask for. */
async function settled(transport: Transport, clock: Clock, signal: AbortSignal): Promise<void> {
  const end = clock.now() + READY_WITHIN
  const items = async (path: string) => {
    const { body } = await transport.request({ method: 'GET', path, signal })
    return (JSON.parse(body) as { items: Settling[] }).items
  }
  for (;;) {
    const [nodes, deployments] = await Promise.all([
      items('/api/v1/nodes'),
      items('/apis/apps/v1/namespaces/kube-system/deployments'),
    ])
    const ready =
      nodes.every(({ status }) =>
        status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      ) && deployments.every(({ spec, status }) => (status?.readyReplicas ?? 0) >= (spec?.replicas ?? 1))
    if (ready) return
    if (clock.now() > end) throw new Error('the nodes or the add-ons of the cluster do not become ready')
    await sleep(clock, LOOK_EVERY, signal)
  }
}

interface Settling {
  spec?: { replicas?: number }
  status?: { readyReplicas?: number; conditions?: { type: string; status: string }[] }
}

function asCluster(
  { maxShells, onDisposed }: ClusterParts,
  made: {
    id: string
    workers: readonly string[]
    thread: Thread
    home: Home
    transport: Transport
    kube: Cluster['admin']
    undo(): Promise<void>
  },
): Cluster {
  const { id, workers, thread, home, transport, kube, undo } = made
  const shells: Shell[] = []
  const stopped = new AbortController()
  let last = 0
  let disposed: Promise<void> | undefined
  const gone = Promise.withResolvers<string>()
  const forget = thread.onEnd(gone.resolve)

  const nodes: NodeControl = {
    workers,
    async set(node, to) {
      requireWorker(workers, node)
      await thread.call('node', { cluster: id, node, to })
    },
  }

  return {
    id,
    admin: kube,
    shells,

    async forward(target, signal) {
      const { port1, port2 } = new MessageChannel()
      const channel = new Channel(port1)
      try {
        const refused = await thread.call(
          'forward',
          { cluster: id, target, port: port2 },
          { signal: AbortSignal.any([signal, stopped.signal]), transfer: [port2] },
        )
        if (refused !== null) throw refusal(refused)
        return channel
      } catch (error) {
        channel.destroy()
        throw error
      }
    },
    nodes,
    gone: gone.promise,

    async openShell(size) {
      if (shells.length >= maxShells) {
        throw new ReaderError('too-many-shells', `A lab has at most ${maxShells} terminals: close one first.`, {
          status: 429,
        })
      }
      const number = ++last
      const remove = () => {
        const index = shells.indexOf(shell)
        if (index >= 0) shells.splice(index, 1)
      }
      const shell = ptyShell(number, home.command(['/bin/bash', '--rcfile', BASHRC, '-i']), size, remove)
      shells.push(shell)
      return shell
    },

    writeFile: (path, content) => writeHomeFile(home, path, content),
    home: homeFiles(runInHome(home)),
    run: (script, signal) => runScript(home, script, AbortSignal.any([signal, stopped.signal])),

    async snapshot(given) {
      const signal = AbortSignal.any([given, stopped.signal])
      const files = archiveHome(home, signal).then((archive) => compressed(archive))
      const [cluster, archive] = await Promise.all([thread.call('snapshot', { cluster: id }, { signal }), files])
      return { cluster, home: archive }
    },

    async restore(snapshot, given) {
      const signal = AbortSignal.any([given, stopped.signal])
      const files = await whole(snapshot.home)
      await thread.call('restore', { cluster: id, snapshot: snapshot.cluster }, { signal })
      await unpackHome(home, files, signal)
    },

    async healthy() {
      if (thread.over || !home.running) return false
      try {
        return (await transport.request({ method: 'GET', path: '/readyz', timeout: HEALTH_TIMEOUT })).status === 200
      } catch {
        return false
      }
    },

    dispose() {
      disposed ??= (async () => {
        forget()
        stopped.abort(new Error('The cluster was removed.'))
        await Promise.all(shells.map((shell) => shell.close()))
        await undo()
        onDisposed(id)
      })()
      return disposed
    },
  }
}
