import { rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../clock.ts'
import { ReaderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { Availability, Cluster, OwnedCluster, Provider } from '../provider.ts'
import { completionOf, findTools, mayHaveTools } from '../tools/find.ts'
import { type ClusterParts, createEmbeddedCluster, type EmbeddedCluster } from './cluster.ts'
import { readKept } from './kept/going-on.ts'
import { Keeper } from './kept/keeper.ts'
import { type Note, Shelf } from './kept/shelf.ts'
import { Templates } from './kept/templates.ts'
import { Launcher } from './launcher/launcher.ts'
import type { HomeLimits, Homes } from './sandbox/home.ts'
import { openHomes, whyNoSandbox } from './sandbox/homes.ts'
import { Thread } from './thread.ts'
import { Threads } from './threads.ts'
import { bundleThread } from './worker/bundle.ts'
import type { ClusterLimits, Weight } from './worker/messages.ts'

export interface EmbeddedConfig {
  /** Name of this installation. */
  instance: string
  /** A folder of this installation's own. */
  workDir: string
  /** A folder that installations share, for what was fetched. */
  cache: string
  threads: number
  /** Most memory for the objects of one thread's clusters, in MiB. */
  threadHeapMiB: number
  cluster: ClusterLimits
  /** That nodes have without pulling them. */
  images: readonly string[]
  shell: HomeLimits
  maxShells: number
  /** Whether shells may do without bubblewrap: only where nobody else can reach the server. */
  mayBeUnconfined: boolean
}

export interface EmbeddedProviderParts {
  clock: Clock
  log: Logger
  config: EmbeddedConfig
  environment: Readonly<Record<string, string | undefined>>
}

/**
 * In ms: between questions to a thread, and until one that does not answer is ended. The first PostgreSQL of a thread computes for 2 to 3 s
 * without a pause, and for ten times that where the machine has much else to do.
 */
const PING_EVERY = 1_000
const HUNG_AFTER = 30_000

/** Clusters that are put back at the same time. */
const PUT_BACK_AT_ONCE = 4
/** Milliseconds for the last writing of all clusters when the server stops. */
const LAST_WRITING_WITHIN = 8_000

const notKept = 'The server was restarted, and what it had kept of this lab could not be read: start the lab again.'

const about =
  'A Kubernetes 1.34 that is simulated within this server: its API, controllers and scheduler behave as the real ones, and kubectl is the real one. Containers are simulated too: only the images that labs use are known, no program of your own runs in them, and loads and times are made up.'
const aboutOpen =
  ' bubblewrap is not installed here, so your shell is one of this machine, and can do all that your user can.'

export interface EmbeddedProvider extends Provider {
  /** What each thread holds once its garbage is collected: for measurements. */
  weigh(): Promise<Weight[]>
}

/** Clusters in this process: at once, with no Docker, and small. */
export function createEmbeddedProvider({ clock, log, config, environment }: EmbeddedProviderParts): EmbeddedProvider {
  const path = environment.PATH ?? ''
  const closed = new AbortController()
  const live = new Map<string, EmbeddedCluster>()
  const making = new Map<string, { stop: AbortController; done: Promise<unknown> }>()
  let noSandbox: Promise<string | undefined> | undefined
  let ready: Promise<{ homes: Homes; threads: Threads }> | undefined
  let unconfined = false
  const launcher = new Launcher()
  const shelf = new Shelf(join(config.workDir, 'kept'))
  const templates = new Templates(shelf, clock)
  const keeper = new Keeper({ clock, log, shelf, marks })
  /** What the process before this one said last: read before this one says anything. */
  let lastNote: Promise<Note | undefined> | undefined
  const puttingBack = new Map<string, Promise<Cluster>>()
  const puttingBackInTurn = inTurns(PUT_BACK_AT_ONCE)

  async function marks(): Promise<ReadonlyMap<string, string>> {
    const parts = await ready
    const threads = parts?.threads.all.filter((thread) => !thread.over) ?? []
    const found = await Promise.allSettled(threads.map((thread) => thread.call('marks', null)))
    return new Map(found.flatMap((each) => (each.status === 'fulfilled' ? [...each.value] : [])))
  }

  const sandbox = () => {
    noSandbox ??= whyNoSandbox().then((why) => {
      unconfined = why !== undefined
      return why
    })
    return noSandbox
  }

  async function makeReady() {
    const [why, tools, program] = await Promise.all([
      sandbox(),
      findTools({ path, cache: config.cache }),
      bundleThread(),
    ])
    const homes = await openHomes(
      {
        clock,
        log,
        launcher,
        instance: config.instance,
        folder: join(config.workDir, 'homes'),
        limits: config.shell,
        tools: [tools.kubectl, ...(tools.helm ? [tools.helm] : [])],
        completion: await completionOf(tools),
        path,
      },
      why === undefined,
    )
    const begin = () =>
      new Thread({ program, clock, log, heapMiB: config.threadHeapMiB, pingEvery: PING_EVERY, hungAfter: HUNG_AFTER })
    lastNote ??= shelf.lastNote()
    await lastNote
    return { homes, threads: new Threads(config.threads, begin) }
  }

  async function partsOfClusters(): Promise<ClusterParts> {
    const { homes, threads } = await prepared()
    return {
      clock,
      log,
      threads,
      launcher,
      homes,
      limits: config.cluster,
      images: config.images,
      maxShells: config.maxShells,
      shelf,
      keeper,
      templates,
      onDisposed: (id) => live.delete(id),
    }
  }

  /** Goes on with a cluster that the process before this one has written down. */
  async function putBack(id: string): Promise<Cluster> {
    const begun = clock.now()
    try {
      const parts = await partsOfClusters()
      const { identity, kept } = await readKept(shelf, id, await lastNote, clock.now())
      // A group of processes of the same name may be left
      if (parts.homes.confined) await parts.homes.clear(id)
      const cluster = await createEmbeddedCluster(parts, { id, ...identity }, () => {}, closed.signal, kept)
      live.set(id, cluster)
      log.info({ cluster: id, ms: clock.now() - begun, lost: kept.restored.seconds }, 'cluster put back')
      return cluster
    } catch (error) {
      log.error({ err: error, cluster: id }, 'cluster not put back')
      throw new ReaderError('not-kept', notKept, { status: 410, cause: error })
    }
  }

  const prepared = () => {
    ready ??= makeReady().catch((error: unknown) => {
      // Tried again next time: kubectl may be there then
      ready = undefined
      throw error
    })
    return ready
  }

  async function probe(): Promise<Availability> {
    const why = await sandbox()
    if (why !== undefined && !config.mayBeUnconfined) {
      return {
        available: false,
        reason: `Shells cannot be kept apart here (${why}): install bubblewrap, and allow user namespaces. Without, this server is for its own machine alone.`,
      }
    }
    if (process.platform === 'win32') return { available: false, reason: 'Simulated labs need Linux or macOS.' }
    if (!mayHaveTools({ path, cache: config.cache })) {
      return {
        available: false,
        reason: 'There is no kubectl on this machine: install it from kubernetes.io, and labs can be started.',
      }
    }
    return { available: true }
  }

  return {
    name: 'embedded',
    title: 'Simulated Kubernetes 1.34',
    startsWithin: 1,
    simulated: true,
    hasIngress: true,
    get about() {
      return unconfined ? about + aboutOpen : about
    },
    probe,

    async prepare() {
      await prepared()
    },

    async create(spec, progress, signal) {
      const stop = new AbortController()
      const work = (async () => {
        const cluster = await createEmbeddedCluster(
          await partsOfClusters(),
          spec,
          progress,
          AbortSignal.any([signal, stop.signal, closed.signal]),
        )
        live.set(spec.id, cluster)
        return cluster
      })()
      making.set(spec.id, { stop, done: work.catch(() => {}) })
      try {
        return await work
      } catch (error) {
        if (signal.aborted) throw signal.reason
        throw error
      } finally {
        making.delete(spec.id)
      }
    },

    async list(): Promise<OwnedCluster[]> {
      const mine = [...live.values()].map((cluster) => ({
        id: cluster.id,
        createdAt: clock.now(),
        adopt: async () => cluster,
        dispose: () => cluster.dispose(),
      }))
      const { homes } = await prepared()
      const kept = (await shelf.ids()).filter((id) => !live.has(id) && !puttingBack.has(id))
      if (kept.length === 0 && puttingBack.size === 0) await shelf.keepTemplates(templates.needed)
      const known = new Set([...kept, ...making.keys(), ...puttingBack.keys()])
      const left = (await homes.leftovers()).filter(({ id }) => !known.has(id))
      return [
        ...mine,
        ...kept.map((id) => ({
          id,
          createdAt: clock.now(),
          adopt: () => {
            const work = puttingBack.get(id) ?? puttingBackInTurn(() => putBack(id))
            puttingBack.set(id, work)
            return work.finally(() => puttingBack.delete(id))
          },
          async dispose() {
            await live.get(id)?.dispose()
            await homes.clear(id)
            await shelf.clear(id)
          },
        })),
        ...left.map(({ id, createdAt }) => ({
          id,
          createdAt,
          adopt: async () => undefined,
          dispose: () => homes.clear(id),
        })),
      ]
    },

    async weigh() {
      const { threads } = await prepared()
      return Promise.all(threads.all.map((thread) => thread.call('weigh', null)))
    },

    async close() {
      closed.abort(new ReaderError('shutting-down', 'The lab server is being stopped.', { status: 503 }))
      await Promise.all([...making.values()].map(({ done }) => done))
      await Promise.allSettled(puttingBack.values())
      await keeper.close(LAST_WRITING_WITHIN)
      await Promise.all([...live.values()].map((cluster) => cluster.release()))
      const parts = await ready?.catch(() => undefined)
      await parts?.threads.end('The lab server is being stopped.')
      await parts?.homes.close()
      launcher.close()
      await rm(join(config.workDir, 'homes'), { recursive: true, force: true })
      // What is kept stays
      await rmdir(config.workDir).catch(() => {})
    },
  }
}

/** Does so many pieces of work at the same time, and the others in order. */
function inTurns(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let busy = 0
  return async (work) => {
    if (busy >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    busy++
    try {
      return await work()
    } finally {
      busy--
      waiting.shift()?.()
    }
  }
}
