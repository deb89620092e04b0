/** kube-scheduler: gives a Pod that has no node the one that suits it best; never moves one. */
import type { Moment } from '../happenings.ts'
import type { Cluster } from './cluster.ts'
import { ATTACHING, CREATING, type Node, type Pod, ROOM } from './state.ts'

export function schedule(cluster: Cluster, moment: Moment): void {
  for (const pod of cluster.pods) if (pod.node === undefined && pod.deletedAt === undefined) place(pod, cluster, moment)
}

function place(pod: Pod, { nodes, pods, volume }: Cluster, moment: Moment): void {
  const count = ({ name }: Node) => pods.filter((other) => other.node === name).length
  const open = nodes.filter(({ ready, cordoned, outOfService }) => ready && !cordoned && !outOfService)
  // A local volume is reached from its own node alone.
  const reaching = open.filter(({ name }) => volume?.kind !== 'local' || (volume.node ?? name) === name)
  const node = reaching.filter((node) => count(node) < ROOM).sort((a, b) => count(a) - count(b))[0]
  if (node === undefined) {
    if (!pod.unplaced)
      moment.say({ what: 'pod-unplaced', pod: pod.name, why: reaching.length < open.length ? 'volume' : 'cpu' })
    pod.unplaced = true
    return
  }
  pod.node = node.name
  pod.runsAt = moment.now + CREATING
  moment.say({ what: 'pod-placed', pod: pod.name, node: node.name })
  if (volume === undefined) return
  if (volume.kind === 'network') {
    pod.runsAt += ATTACHING
    if (volume.node !== undefined && volume.node !== node.name) moment.say({ what: 'volume-follows', node: node.name })
  }
  volume.node = node.name
}
