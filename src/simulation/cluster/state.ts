/** The objects of the cluster, as far as the simulation knows them. */
import type { App, Release } from '../app.ts'

export interface Node {
  name: string
  /** Whether the machine runs and can be reached. */
  up: boolean
  /** When its kubelet was last heard of. */
  heartbeat: number
  /** The condition Ready is True. */
  ready: boolean
  /** Since when it is not, in ms. */
  lostAt: number
  cordoned: boolean
  /** The taint node.kubernetes.io/out-of-service: whoever set it swears that the machine is off. */
  outOfService: boolean
}

export interface Pod {
  name: string
  replicaSet: string
  app: App
  createdAt: number
  /** Name of its node, once the scheduler has decided. */
  node: string | undefined
  /** When its containers are made and it runs. */
  runsAt: number
  running: boolean
  startedAt: number
  /** The condition Ready. */
  ready: boolean
  failedProbes: number
  restarts: number
  /** When the kubelet starts a container again that has ended. */
  restartAt: number | undefined
  /** When it was deleted, and when it is gone. */
  deletedAt: number | undefined
  goneAt: number | undefined
  /** Said once that no node takes it. */
  unplaced: boolean
}

export interface ReplicaSet {
  name: string
  release: Release
  desired: number
}

export interface ClusterOptions {
  nodes: string[]
  replicas: number
  /** Pods with a readiness probe are ready when the app answers, others as soon as their process runs. */
  readiness: boolean
  /** Whether a container that no longer answers is restarted. */
  liveness: boolean
  /** Whether the app goes on answering for a moment after it was told to stop. */
  graceful: boolean
  /** How long Pods stay on a node that is lost, in ms. */
  toleration: number
  /** One Pod with a name that stays and a claim, in place of a Deployment. */
  volume?: 'local' | 'network'
  autoscaler?: { min: number; max: number /** Part of the requested CPU. */; target: number }
}

/** The default of --node-monitor-grace-period since Kubernetes 1.32, and how often it is looked at, in ms. */
export const GRACE = 50_000
export const MONITOR_EVERY = 5000
/** A kubelet renews its lease this often, in ms. */
export const HEARTBEAT_EVERY = 10_000
/** What every Pod is given unless it says otherwise, in ms. */
export const DEFAULT_TOLERATION = 300_000
/** `tolerationSeconds: 10`, in ms. */
export const SHORT_TOLERATION = 10_000
/** Pods that fit on a node by the CPU that they request. */
export const ROOM = 3
/** From a Pod's placing to its running, in ms; the image is there already. */
export const CREATING = 1000
/** More than that, until a network volume is attached. */
export const ATTACHING = 4000
/** `periodSeconds: 2`, `failureThreshold: 3` */
export const PROBE_EVERY = 2000
export const PROBE_FAILURES = 3
/** `failureThreshold: 6`: the app is given more time before it is restarted. */
export const LIVENESS_FAILURES = 6
/** From SIGTERM to the end of the process, in ms. */
export const STOPPING = 2000
/** From a change of a Pod's readiness until every node's kube-proxy knows, in ms. */
export const PROPAGATION = 500
