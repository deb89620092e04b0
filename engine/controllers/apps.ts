import type { Cluster, Controller } from './cluster.ts'
import { DaemonSetController } from './daemonset/daemonset-controller.ts'
import { DeploymentController } from './deployment/deployment-controller.ts'
import { ReplicaController } from './replicaset/replica-controller.ts'
import { StatefulSetController } from './statefulset/statefulset-controller.ts'

/** The controllers of workloads that run until they are told otherwise. */
export function appControllers(cluster: Cluster, report?: (error: unknown) => void): Controller[] {
  return [
    new DeploymentController(cluster, report),
    ReplicaController.ofReplicaSets(cluster, report),
    ReplicaController.ofReplicationControllers(cluster, report),
    new StatefulSetController(cluster, report),
    new DaemonSetController(cluster, report),
  ]
}
