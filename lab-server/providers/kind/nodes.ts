import type Docker from 'dockerode'
import type { Clock } from '../../clock.ts'
import type { KindConfig } from './config.ts'
import { mustExec } from './docker.ts'
import { egressScript } from './egress.ts'
import { nodeNames } from './names.ts'
import { inspectNodesNetwork, joinShellNetwork } from './networks.ts'

/** Limits for the nodes, a way to them for the shells, and no way out for what runs in them. */
export async function confineNodes(
  { docker, clock }: { docker: Docker; clock: Clock },
  { id, workers }: { id: string; workers: number },
  config: KindConfig,
  hostAddresses: readonly string[],
): Promise<void> {
  const network = await inspectNodesNetwork(docker, id)
  if (!network) throw new Error(`the network of cluster ${id} is gone`)
  const script = egressScript({ nodes: network.addresses, host: [network.gateway, ...hostAddresses] })
  await Promise.all(
    nodeNames(id, workers).map(async (name) => {
      const container = docker.getContainer(name)
      await mustExec(container, clock, ['bash', '-c', script], { user: 'root' })
      await container.update({
        Memory: config.nodeMemoryBytes,
        MemorySwap: config.nodeMemoryBytes,
        NanoCpus: Math.round(config.nodeCpus * 1e9),
        PidsLimit: config.nodePids,
        // A node that starts again would come without the rules above: it had better stay down and be found unhealthy
        RestartPolicy: { Name: 'no' },
      })
      await joinShellNetwork(docker, id, name)
    }),
  )
}
