import type Docker from 'dockerode'
import { type Clock, sleep } from '../../clock.ts'
import { gone, removeContainer, statusOf } from './docker.ts'
import { type ClusterMark, clusterName, KIND_CLUSTER_LABEL, labels, nodesNetwork, readMark } from './names.ts'
import { stillNode } from './still.ts'

interface Tools {
  docker: Docker
  clock: Clock
}

const labelled = (...wanted: string[]) => ({ filters: { label: wanted } })

/** Everything in Docker that carries this installation's labels, by cluster; of one cluster, the oldest mark. */
export async function findMarks({ docker }: Tools, instance: string): Promise<ClusterMark[]> {
  const ours = labelled(`${labels.instance}=${instance}`, labels.cluster)
  const [networks, volumes, containers] = await Promise.all([
    docker.listNetworks(ours),
    docker.listVolumes(ours),
    docker.listContainers({ all: true, ...ours }),
  ])
  const found = [
    ...networks.map((network) => network.Labels),
    ...(volumes.Volumes ?? []).map((volume) => volume.Labels),
    ...containers.map((container) => container.Labels),
  ]
  const marks = new Map<string, ClusterMark>()
  for (const mark of found.map(readMark)) {
    if (!mark || mark.instance !== instance) continue
    const known = marks.get(mark.id)
    if (!known || mark.createdAt < known.createdAt) marks.set(mark.id, mark)
  }
  return [...marks.values()]
}

/** The containers of a cluster: ours by our labels, kind's nodes by its label and by the network that they were made for. */
export async function clusterContainers(
  { docker }: Tools,
  instance: string,
  id: string,
): Promise<Docker.ContainerInfo[]> {
  const [ours, kinds] = await Promise.all([
    docker.listContainers({ all: true, ...labelled(`${labels.instance}=${instance}`, `${labels.cluster}=${id}`) }),
    docker.listContainers({ all: true, ...labelled(`${KIND_CLUSTER_LABEL}=${clusterName(id)}`) }),
  ])
  return [...ours, ...kinds.filter((container) => container.HostConfig.NetworkMode === nodesNetwork(id))]
}

/** How long Docker may take to let go of something, in attempts and the time between them, in ms. */
const ATTEMPTS = 150
const BETWEEN = 200
/** By then a container that was asked for by a command that is dead shows in Docker's list; in ms. */
const LATE = 1500

/**
 * Removes a cluster with all that belongs to it, the networks last: as long as anything is left, they are there to find it by.
 * `interrupted`: its making was cut off, and Docker may still be obeying the last command.
 */
export async function disposeCluster(
  tools: Tools,
  instance: string,
  id: string,
  { interrupted }: { interrupted: boolean },
): Promise<void> {
  const { docker, clock } = tools
  await removeContainers(tools, instance, id)
  if (interrupted) {
    await sleep(clock, LATE)
    await removeContainers(tools, instance, id)
  }
  const mine = labelled(`${labels.instance}=${instance}`, `${labels.cluster}=${id}`)
  const { Volumes: volumes } = await docker.listVolumes(mine)
  for (const volume of volumes ?? []) await letGo(tools, instance, id, () => docker.getVolume(volume.Name).remove())
  for (const network of await docker.listNetworks(mine)) {
    await letGo(tools, instance, id, () => docker.getNetwork(network.Id).remove())
  }
}

/** Until none is listed: one that is being created is listed while Docker still says that there is no such container. */
async function removeContainers(tools: Tools, instance: string, id: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const found = await clusterContainers(tools, instance, id)
    if (found.length === 0) return
    if (attempt > ATTEMPTS) throw new Error(`containers of cluster ${id} are still there`)
    await Promise.all(
      found.map(async (container) => {
        if (KIND_CLUSTER_LABEL in container.Labels) await stillNode(tools.docker, tools.clock, container.Id)
        await removeContainer(tools.docker.getContainer(container.Id), tools.clock)
      }),
    )
    if (attempt > 1) await sleep(tools.clock, BETWEEN)
  }
}

/** Removes what Docker may hold in use for a moment longer, or what a late container holds. */
async function letGo(tools: Tools, instance: string, id: string, remove: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await remove().catch(gone)
      return
    } catch (error) {
      const inUse = statusOf(error) === 409 || statusOf(error) === 403
      if (!inUse || attempt === ATTEMPTS) throw error
      await sleep(tools.clock, BETWEEN)
      await removeContainers(tools, instance, id)
    }
  }
}
