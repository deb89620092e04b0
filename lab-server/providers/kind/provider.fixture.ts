/** A provider for tests on a real Docker, with an installation's name of its own so that it finds only what it made. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import pino from 'pino'
import { systemClock } from '../../clock.ts'
import type { Provider } from '../provider.ts'
import { findHelmForNodes } from '../tools/find.ts'
import type { KindConfig } from './config.ts'
import { createKindProvider } from './provider.ts'

export const docker = new Docker()

/** Fetched once for all runs of the tests. */
const cache = join(import.meta.dirname, '../../../node_modules/.cache/quayside-clients')

const MIB = 1024 * 1024

export function testProvider(instance: string, images: string[]): Provider {
  const config: KindConfig = {
    instance,
    kindBinary: 'kind',
    nodeImage: process.env.TEST_NODE_IMAGE,
    images,
    helm: (architecture) => findHelmForNodes(architecture, { path: process.env.PATH ?? '', cache }),
    nodeMemoryBytes: 2048 * MIB,
    nodeCpus: 2,
    nodePids: 2000,
    shell: { memoryBytes: 256 * MIB, pids: 128, cpus: 1, homeBytes: 32 * MIB },
    maxShells: 3,
    workDir: join(tmpdir(), instance),
  }
  const log = pino({ level: process.env.TEST_LOG ?? 'warn' }, pino.destination(2))
  return createKindProvider({ docker, clock: systemClock, log, config, environment: process.env })
}

/** Names of all that carries an installation's label in Docker, and of the nodes of a cluster. */
export async function leftOf(instance: string, cluster: string): Promise<string[]> {
  const filters = { label: [`dev.quayside.instance=${instance}`] }
  const nodes = { label: [`io.x-k8s.kind.cluster=lab-${cluster}`] }
  const [containers, kinds, networks, volumes] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listContainers({ all: true, filters: nodes }),
    docker.listNetworks({ filters }),
    docker.listVolumes({ filters }),
  ])
  return [
    ...[...containers, ...kinds].map((container) => container.Names.join()),
    ...networks.map((network) => network.Name),
    ...(volumes.Volumes ?? []).map((volume) => volume.Name),
  ]
}
