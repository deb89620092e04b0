/** What a server and the clean-up share: the store of one installation, its labs, and what makes its clusters. */
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import Docker from 'dockerode'
import type { Clock } from './clock.ts'
import { type Config, isPrivate } from './config.ts'
import type { LabEntry } from './labs/catalogue.ts'
import type { Logger } from './log.ts'
import { createEmbeddedProvider } from './providers/embedded/provider.ts'
import { createKindProvider } from './providers/kind/provider.ts'
import type { Provider } from './providers/provider.ts'
import { findHelmForNodes } from './providers/tools/find.ts'
import type { Place } from './sessions/manager.ts'
import type { Store } from './sessions/store.ts'

const MiB = 1024 * 1024
const SECOND = 1000

/** Processes and threads in one node: kubelet, runtime and some 30 Pods need under a thousand. */
const NODE_PIDS = 4096
/** Processes in one shell: enough for pipelines and editors, few enough that a fork bomb stays in it. */
const SHELL_PIDS = 128
/** The reader's home, in memory: manifests and notes. */
const HOME_BYTES = 64 * MiB

/** Threads that hold simulated clusters: one for each processor, and no more than a classroom needs. */
const MOST_THREADS = 4
/** Of one thread's clusters together. */
const THREAD_HEAP_MIB = 4096
/** Of one simulated cluster: what no lab comes near. */
const CLUSTER_LIMITS = { objects: 10_000, bytes: 64 * MiB }

export interface InstallationOptions {
  config: Config
  store: Pick<Store, 'folder' | 'instance'>
  catalogue: ReadonlyMap<string, LabEntry>
  clock: Clock
  log: Logger
  environment: Readonly<Record<string, string | undefined>>
}

/** What makes clusters, by the settings; the one that is taken without a choice comes first. */
export function createPlaces(options: InstallationOptions): Place[] {
  const { provider, maxSessions, maxSimulated, pool } = options.config
  // Real clusters: more than two at once only make each of them slower, and the first minute is the reader's
  const kind = () => ({
    provider: createKind(options),
    most: maxSessions,
    pool,
    atOnce: 2,
    refillDelay: 10 * SECOND,
  })
  const embedded = () => ({
    provider: createEmbedded(options),
    most: maxSimulated,
    pool,
    atOnce: 4,
    refillDelay: SECOND,
  })
  switch (provider) {
    case 'auto':
      return [kind(), embedded()]
    case 'kind':
      return [kind()]
    case 'embedded':
      return [embedded()]
  }
}

const shellLimits = (config: Config) => ({
  memoryBytes: config.shellMemory,
  pids: SHELL_PIDS,
  cpus: config.shellCpus,
  homeBytes: HOME_BYTES,
})

/** Of all labs: what nodes have before a lab asks for it. */
const imagesOf = (catalogue: InstallationOptions['catalogue']): string[] =>
  [...new Set([...catalogue.values()].flatMap(({ lab }) => lab.images))].sort()

/** Programs that were fetched, beside the store and shared with other installations. */
const toolsOf = ({ folder }: InstallationOptions['store']) => join(dirname(folder), 'tools')

export function createKind({ config, store, catalogue, clock, log, environment }: InstallationOptions): Provider {
  return createKindProvider({
    docker: new Docker(),
    clock,
    log,
    environment,
    config: {
      instance: store.instance,
      kindBinary: config.kind,
      nodeImage: config.nodeImage,
      images: imagesOf(catalogue),
      helm: (architecture) => findHelmForNodes(architecture, { path: environment.PATH ?? '', cache: toolsOf(store) }),
      nodeMemoryBytes: config.nodeMemory,
      nodeCpus: config.nodeCpus,
      nodePids: NODE_PIDS,
      shell: shellLimits(config),
      maxShells: config.maxShells,
      workDir: join(store.folder, 'work'),
    },
  })
}

export function createEmbedded({ config, store, catalogue, clock, log, environment }: InstallationOptions): Provider {
  return createEmbeddedProvider({
    clock,
    log,
    environment,
    config: {
      instance: store.instance,
      workDir: join(store.folder, 'embedded'),
      cache: toolsOf(store),
      threads: Math.min(MOST_THREADS, availableParallelism()),
      threadHeapMiB: THREAD_HEAP_MIB,
      cluster: CLUSTER_LIMITS,
      images: imagesOf(catalogue),
      shell: shellLimits(config),
      maxShells: config.maxShells,
      mayBeUnconfined: isPrivate(config),
    },
  })
}
