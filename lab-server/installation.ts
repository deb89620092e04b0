/** What a server and the clean-up share: the store of one installation, its labs, and what makes its clusters. */
import { join } from 'node:path'
import Docker from 'dockerode'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { LabEntry } from './labs/catalogue.ts'
import type { Logger } from './log.ts'
import { createKindProvider } from './providers/kind/provider.ts'
import type { Provider } from './providers/provider.ts'
import type { Store } from './sessions/store.ts'

const MiB = 1024 * 1024

/** Processes and threads in one node: kubelet, runtime and some 30 Pods need under a thousand. */
const NODE_PIDS = 4096
/** Processes in one shell: enough for pipelines and editors, few enough that a fork bomb stays in it. */
const SHELL_PIDS = 128
/** The reader's home, in memory: manifests and notes. */
const HOME_BYTES = 64 * MiB

export function createProvider(options: {
  config: Config
  store: Pick<Store, 'folder' | 'instance'>
  catalogue: ReadonlyMap<string, LabEntry>
  clock: Clock
  log: Logger
  environment: Readonly<Record<string, string | undefined>>
}): Provider {
  const { config, store, catalogue, clock, log, environment } = options
  const images = [...new Set([...catalogue.values()].flatMap(({ lab }) => lab.images))].sort()
  switch (config.provider) {
    case 'auto':
    case 'kind':
      return createKindProvider({
        docker: new Docker(),
        clock,
        log,
        environment,
        config: {
          instance: store.instance,
          kindBinary: config.kind,
          nodeImage: config.nodeImage,
          images,
          nodeMemoryBytes: config.nodeMemory,
          nodeCpus: config.nodeCpus,
          nodePids: NODE_PIDS,
          shell: { memoryBytes: config.shellMemory, pids: SHELL_PIDS, cpus: config.shellCpus, homeBytes: HOME_BYTES },
          maxShells: config.maxShells,
          workDir: join(store.folder, 'work'),
        },
      })
  }
}
