import { createHash } from 'node:crypto'
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
import type { Cluster, ClusterSpec, NodeControl, ProviderStage, Restored, TerminalSize } from '../provider.ts'
import { BASHRC } from '../reader-home.ts'
import { archiveAll, archiveHome, unpackAll, unpackHome } from './home-archive.ts'
import { Echoes } from './kept/echoes.ts'
import type { Keepable, Keeper } from './kept/keeper.ts'
import { type Identity, packCluster, type Shelf } from './kept/shelf.ts'
import { type KeptShells, packShells, restartedLine } from './kept/shells.ts'
import type { Templates } from './kept/templates.ts'
import type { Launcher } from './launcher/launcher.ts'
import { type PtyShell, ptyShell } from './pty-shell.ts'
import type { Home, Homes } from './sandbox/home.ts'
import { runInHome, runScript, writeHomeFile } from './scripts.ts'
import type { Thread } from './thread.ts'
import type { Threads } from './threads.ts'
import { threadTransport } from './transport.ts'
import { Channel } from './worker/channel.ts'
import { type ClusterKeys, type ClusterLimits, SANDBOX_PORT } from './worker/messages.ts'

/** What there is of a cluster from before a restart of the server. */
export interface KeptCluster {
  readonly keys: ClusterKeys
  /** Compressed. */
  readonly snapshot: Uint8Array
  /** Ids of the templates of databases that it needs. */
  readonly templates: readonly string[]
  /** An archive, compressed; none where the home was too large to be kept. */
  readonly home: Uint8Array | undefined
  readonly shells: KeptShells | undefined
  readonly restored: Restored
}

/** A cluster of this provider: it can be let go of, so that the next process goes on with it. */
export interface EmbeddedCluster extends Cluster {
  /** Ends all that runs here of it, and leaves what is on disk. Idempotent. */
  release(): Promise<void>
}

export interface ClusterParts {
  clock: Clock
  log: Logger
  threads: Threads
  launcher: Launcher
  homes: Homes
  limits: ClusterLimits
  /** On all nodes from the beginning, as on kind's. */
  images: readonly string[]
  maxShells: number
  shelf: Shelf
  keeper: Pick<Keeper, 'add' | 'remove' | 'urge'>
  templates: Templates
  onDisposed(id: string): void
}

const compressed = promisify(deflateRaw)
const whole = promisify(inflateRaw)

/** The size of the first shell until a page says its own. */
const FIRST_SIZE: TerminalSize = { cols: 80, rows: 24 }
const HEALTH_TIMEOUT = 5_000
/** In ms, for a home to be read for the disk. */
const ARCHIVE_WITHIN = 10_000
/** How long a fresh cluster's nodes and CoreDNS may take, in ms, and how often they are looked at. */
const READY_WITHIN = 60_000
const LOOK_EVERY = 25

/** Makes a cluster, or takes up again what was kept of one. On failure nothing of it is left but what is on disk. */
export async function createEmbeddedCluster(
  parts: ClusterParts,
  { id, workers, ingress = false, createdAt = parts.clock.now() }: ClusterSpec & { createdAt?: number },
  progress: (stage: ProviderStage) => void,
  signal: AbortSignal,
  kept?: KeptCluster,
): Promise<EmbeddedCluster> {
  const { clock, log, threads, launcher, homes, limits, images, keeper, templates } = parts
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
    await templates.teach(thread, kept?.templates ?? [])
    const door = { kind: homes.confined ? ('sandbox' as const) : ('port' as const) }
    const made = thread.call(
      'create',
      { cluster: id, workers, ingress, door, limits, images, ...(kept === undefined ? {} : { kept }) },
      { signal },
    )
    const [{ kubeconfig, keys }, home] = await Promise.all([made, opening])
    const transport = threadTransport(thread, id, clock)
    const kube = connectKube(transport, { clock, log: log.child({ cluster: id }) })
    const rights = keepRights(kube, { clock, log: log.child({ cluster: id }) })
    ends.push(() => {
      rights.close()
      kube.close()
    })
    progress('addons')
    await Promise.all([openDoor(thread, id, home, kubeconfig, signal), guarded(kube, transport, rights, clock, signal)])
    // A cluster that a reader has worked on need not settle: nodes may be off, and what is asked for may never be
    if (kept === undefined) await settled(transport, clock, signal)
    else await furnish(home, launcher, kept, homes.confined ? undefined : kubeconfig, signal)
    progress('shell')
    const identity = { workers, ingress, createdAt, keys }
    const cluster = asCluster(parts, {
      id,
      workers: workerNames(workers),
      thread,
      home,
      transport,
      kube,
      undo,
      identity,
      ...(kept?.shells === undefined ? {} : { shells: kept.shells }),
      ...(kept === undefined ? {} : { restored: kept.restored }),
    })
    if (kept?.shells === undefined) await cluster.openShell(FIRST_SIZE)
    signal.throwIfAborted()
    keeper.add(cluster.keepable)
    return cluster
  } catch (error) {
    await undo()
    throw error
  }
}

/** The reader's files as they were; and, where that has another address now, the way to the cluster. */
async function furnish(
  home: Home,
  launcher: Launcher,
  { home: archive }: KeptCluster,
  kubeconfig: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (archive !== undefined) await unpackAll(home, launcher.spawn, await whole(archive), signal)
  // The reader's own settings in it, a namespace perhaps, are lost there
  if (kubeconfig !== undefined) await home.write('.kube/config', kubeconfig)
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
  { clock, launcher, maxShells, onDisposed, shelf, keeper, templates }: ClusterParts,
  made: {
    id: string
    workers: readonly string[]
    thread: Thread
    home: Home
    transport: Transport
    kube: Cluster['admin']
    undo(): Promise<void>
    identity: Identity
    shells?: KeptShells
    restored?: Restored
  },
): EmbeddedCluster & { keepable: Keepable } {
  const { id, workers, thread, home, transport, kube, undo, identity, restored } = made
  const shells: PtyShell[] = []
  const stopped = new AbortController()
  let last = made.shells?.last ?? 0
  /** Goes up when something may have changed in the home, and when a shell has said something. */
  const stirred = { home: 0, shells: 0 }
  let identified = false
  let archived: string | undefined
  let released: Promise<void> | undefined
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

  const open = (number: number, size: TerminalSize, earlier?: Uint8Array): PtyShell => {
    const command = home.command(['/bin/bash', '--rcfile', BASHRC, '-i'])
    const echoes = new Echoes()
    const shell: PtyShell = ptyShell(number, launcher.terminal(command, size), {
      ...(earlier === undefined ? {} : { earlier }),
      onInput: (data) => echoes.typed(data, clock.now()),
      onOutput() {
        if (!echoes.isEcho(clock.now())) stirred.home++
        stirred.shells++
      },
      onOver() {
        const index = shells.indexOf(shell)
        if (index >= 0) shells.splice(index, 1)
        stirred.shells++
      },
    })
    shells.push(shell)
    stirred.shells++
    return shell
  }
  if (restored !== undefined) {
    for (const { id, output } of made.shells?.shells ?? [])
      open(id, FIRST_SIZE, Buffer.concat([output, restartedLine(restored)]))
  }

  /** What the server does there may change something too. */
  const stirring = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } finally {
      stirred.home++
    }
  }
  const inHome = runInHome(home, launcher.spawn)

  const writes: Keepable['write'] = async (part) => {
    const taken = clock.now()
    switch (part) {
      case 'cluster': {
        if (!identified) await shelf.write(id, 'identity', Buffer.from(JSON.stringify(identity)), taken)
        identified = true
        const { snapshot, mark, templates: needed } = await thread.call('write', { cluster: id })
        await templates.keep(thread, needed)
        await shelf.write(id, 'cluster', packCluster({ snapshot, templates: needed }), taken)
        return mark
      }
      case 'home': {
        const mark = String(stirred.home)
        const archive = await archiveAll(home, AbortSignal.any([stopped.signal, AbortSignal.timeout(ARCHIVE_WITHIN)]))
        const hash = createHash('sha256').update(archive).digest('hex')
        if (hash !== archived) await shelf.write(id, 'home', await compressed(archive), taken)
        archived = hash
        return mark
      }
      case 'shells': {
        const mark = String(stirred.shells)
        const bytes = packShells({ last, shells: shells.map(({ id, output }) => ({ id, output: output() })) })
        await shelf.write(id, 'shells', bytes, taken)
        return mark
      }
    }
  }

  const release = () => {
    released ??= (async () => {
      forget()
      stopped.abort(new Error('The cluster was removed.'))
      await Promise.all(shells.map((shell) => shell.close()))
      await undo()
      onDisposed(id)
    })()
    return released
  }

  return {
    id,
    admin: kube,
    shells,
    keepable: {
      id,
      marks: () => ({ home: String(stirred.home), shells: String(stirred.shells) }),
      write: writes,
    },
    ...(restored === undefined ? {} : { restored }),
    release,

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
      return open(++last, size)
    },

    writeFile: (path, content) => stirring(() => writeHomeFile(home, path, content)),
    home: homeFiles((argv, options) => stirring(() => inHome(argv, options))),
    run: (script, signal) =>
      stirring(() => runScript(home, launcher.spawn, script, AbortSignal.any([signal, stopped.signal]))),

    async snapshot(given) {
      const signal = AbortSignal.any([given, stopped.signal])
      const files = archiveHome(home, signal).then((archive) => compressed(archive))
      const [cluster, archive] = await Promise.all([thread.call('snapshot', { cluster: id }, { signal }), files])
      // Of such a moment more is known than the cluster itself says, a step that is done: what is on disk should be no older
      void keeper.urge(id)
      return { cluster, home: archive }
    },

    async restore(snapshot, given) {
      const signal = AbortSignal.any([given, stopped.signal])
      const files = await whole(snapshot.home)
      await thread.call('restore', { cluster: id, snapshot: snapshot.cluster }, { signal })
      await stirring(() => unpackHome(home, launcher.spawn, files, signal))
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
        await Promise.all([keeper.remove(id), release()])
      })()
      return disposed
    },
  }
}
