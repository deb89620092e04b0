import type Docker from 'dockerode'
import { gone } from './docker.ts'
import { type ClusterMark, clusterLabels, nodesNetwork, shellNetwork } from './names.ts'

/**
 * Two networks for a cluster. The nodes' own leads out, for pulling images. The shells' leads nowhere but to the nodes: it is
 * internal, and the host has no address on it.
 */
export async function createNetworks(docker: Docker, mark: ClusterMark): Promise<void> {
  const common = { Driver: 'bridge', CheckDuplicate: true, EnableIPv6: false }
  await docker.createNetwork({
    ...common,
    Name: nodesNetwork(mark.id),
    Labels: clusterLabels(mark, 'nodes'),
  })
  await docker.createNetwork({
    ...common,
    Name: shellNetwork(mark.id),
    Labels: clusterLabels(mark, 'shell'),
    Internal: true,
    Options: { 'com.docker.network.bridge.inhibit_ipv4': 'true' },
  })
}

/** Lets the shells reach a node by its name. */
export const joinShellNetwork = (docker: Docker, id: string, node: string): Promise<void> =>
  docker.getNetwork(shellNetwork(id)).connect({ Container: node, EndpointConfig: { Aliases: [node] } })

export interface NodesNetwork {
  /** The host's address on it. */
  gateway: string
  /** The nodes' own, each once. */
  addresses: string[]
}

export async function inspectNodesNetwork(docker: Docker, id: string): Promise<NodesNetwork | undefined> {
  const network = (await docker.getNetwork(nodesNetwork(id)).inspect().catch(gone)) as
    | Docker.NetworkInspectInfo
    | undefined
  if (!network) return undefined
  const gateway = network.IPAM?.Config?.find((entry) => entry.Gateway && !entry.Gateway.includes(':'))?.Gateway
  const addresses = Object.values(network.Containers ?? {}).map((entry) => entry.IPv4Address.split('/')[0] ?? '')
  if (!gateway) throw new Error(`network ${nodesNetwork(id)} has no gateway`)
  return { gateway, addresses: addresses.filter((address) => address !== '').sort() }
}
