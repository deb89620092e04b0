import { mkdir } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import type Docker from 'dockerode'
import type { Logger } from 'pino'
import type { Clock } from '../../clock.ts'
import { ReaderError } from '../../errors.ts'
import type { Availability, Cluster, ClusterSpec, OwnedCluster, Provider, ProviderStage } from '../provider.ts'
import { adoptCluster, type ClusterTools, createCluster } from './cluster.ts'
import { DEFAULT_NODE_IMAGE, type KindConfig } from './config.ts'
import { within } from './deadline.ts'
import { disposeCluster, findMarks } from './dispose.ts'
import { readerError } from './errors.ts'
import { deriveNodeImage, removeBuildContainer } from './image.ts'
import { runKind } from './kind-command.ts'
import { METRICS_SERVER_IMAGE } from './metrics-server.ts'
import { type ClusterMark, checkId } from './names.ts'

export interface KindProviderParts {
  docker: Docker
  clock: Clock
  log: Logger
  config: KindConfig
  /** The server's environment: kind needs what of it is Docker's. */
  environment: Readonly<Record<string, string | undefined>>
}

/** How long an answer of `probe` holds, in ms. */
const PROBE_FRESH = { available: 30_000, unavailable: 3000 }
/** kind is asked this long, in ms, whether it works. */
const KIND_TIMEOUT = 10_000

export function createKindProvider({ docker, clock, log, config, environment }: KindProviderParts): Provider {
  const closed = new AbortController()
  const kind = { binary: config.kindBinary, environment }
  const baseImage = config.nodeImage ?? DEFAULT_NODE_IMAGE
  /** Clusters of this process, and those that it is making. */
  const live = new Map<string, Cluster & { release?(): void }>()
  const making = new Map<string, { stop: AbortController; done: Promise<void> }>()
  let image: Promise<string> | undefined
  let helm: Promise<string | undefined> | undefined
  let probed: { at: number; answer: Promise<Availability> } | undefined

  const tools: ClusterTools = {
    docker,
    clock,
    log,
    config,
    kind,
    hostAddresses: ownAddresses(),
    onDisposed: (id) => live.delete(id),
  }

  function nodeImage(): Promise<string> {
    image ??= deriveNodeImage(tools, {
      baseImage,
      images: [METRICS_SERVER_IMAGE, ...config.images],
      instance: config.instance,
      // Asked once: without a network that takes a while each time
      helm: (architecture) => {
        helm ??= config.helm(architecture).then((found) => {
          if (found === undefined) log.warn('there is no helm for the shells: the lab that needs it cannot be done')
          return found
        })
        return helm
      },
    }).catch((error: unknown) => {
      image = undefined
      throw readerError(error)
    })
    return image
  }

  async function ask(): Promise<Availability> {
    try {
      await docker.ping()
      await within(clock, KIND_TIMEOUT, (signal) => runKind(kind, ['get', 'clusters'], { signal }))
      return { available: true }
    } catch (error) {
      log.debug({ err: error }, 'kind cannot run here')
      const { code, message } = readerError(error)
      // That sentence is for a cluster; none was asked for yet
      const broken = 'The command "kind" does not work here: try "kind get clusters" to see why.'
      return { available: false, reason: code === 'kind-failed' ? broken : message }
    }
  }

  async function make(
    spec: ClusterSpec,
    progress: (stage: ProviderStage) => void,
    signal: AbortSignal,
  ): Promise<Cluster> {
    const mark: ClusterMark = { instance: config.instance, createdAt: clock.now(), ...spec }
    try {
      progress('image')
      const name = await waited(nodeImage(), signal)
      const cluster = await createCluster(tools, mark, name, progress, signal)
      live.set(spec.id, cluster)
      return cluster
    } catch (error) {
      // Looked for again next time: it may have been removed meanwhile
      image = undefined
      await disposeCluster(tools, config.instance, spec.id, { interrupted: true }).catch((left: unknown) =>
        log.warn({ err: left, cluster: spec.id }, 'a cluster that could not be made is not gone yet'),
      )
      throw error
    }
  }

  return {
    name: 'kind',
    startsWithin: 20,
    simulated: false,
    title: `kind, a real Kubernetes${versionOf(baseImage)}`,
    about:
      'A cluster of your own, made of real Kubernetes parts in containers. It differs from one in production in that its nodes are containers on one machine, and that it is gone when the lab ends.',

    probe() {
      const now = clock.now()
      if (probed && now < probed.at) return probed.answer
      const answer = ask()
      const mine = { at: now + KIND_TIMEOUT, answer }
      probed = mine
      void answer.then(({ available }) => {
        mine.at = clock.now() + (available ? PROBE_FRESH.available : PROBE_FRESH.unavailable)
      })
      return answer
    },

    async prepare(signal) {
      await waited(nodeImage(), signal)
    },

    async create(spec, progress, signal) {
      checkId(spec.id)
      await mkdir(config.workDir, { recursive: true, mode: 0o700 })
      const stop = new AbortController()
      const made = make(spec, progress, AbortSignal.any([signal, stop.signal, closed.signal]))
      const done = made.then(
        () => {},
        () => {},
      )
      making.set(spec.id, { stop, done })
      try {
        return await made
      } catch (error) {
        if (signal.aborted) throw signal.reason
        throw readerError(error)
      } finally {
        making.delete(spec.id)
      }
    },

    async list(): Promise<OwnedCluster[]> {
      const marks = await findMarks(tools, config.instance)
      return marks.map((mark) => ({
        id: mark.id,
        createdAt: mark.createdAt,
        async adopt() {
          const known = live.get(mark.id)
          if (known) return known
          if (making.has(mark.id)) return undefined
          const cluster = await adoptCluster(tools, mark)
          if (cluster) live.set(mark.id, cluster)
          return cluster
        },
        async dispose() {
          const underway = making.get(mark.id)
          underway?.stop.abort(new ReaderError('disposed', 'The cluster was removed while it was made.'))
          await underway?.done
          const known = live.get(mark.id)
          await (known ? known.dispose() : disposeCluster(tools, config.instance, mark.id, { interrupted: true }))
        },
      }))
    },

    async close() {
      closed.abort(new ReaderError('shutting-down', 'The lab server is being stopped.', { status: 503 }))
      await Promise.all([...making.values()].map(({ done }) => done))
      for (const cluster of live.values()) cluster.release?.()
      live.clear()
      if (image) await removeBuildContainer(tools, config.instance).catch(() => {})
    },
  }
}

/** A promise that others wait for too: an abort ends the waiting only. */
function waited<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** ` 1.34` of `kindest/node:v1.34.0`; nothing for a tag that does not say. */
export function versionOf(image: string): string {
  const version = /:v?(\d+\.\d+)\./.exec(image)?.[1]
  return version ? ` ${version}` : ''
}

/** IPv4 addresses of this machine that others could reach. */
const ownAddresses = () =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
