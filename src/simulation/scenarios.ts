/** The seven simulations: how each begins, what can be done in it, and the moment that its still picture shows. */
import { type ClusterOptions, DEFAULT_TOLERATION } from './cluster/state.ts'
import type { DockerOptions } from './docker/host.ts'

export const scenarioNames = [
  'scaling',
  'crash',
  'rolling-update',
  'node-loss',
  'load-balancing',
  'viral-day',
  'data-follows',
] as const
export type ScenarioName = (typeof scenarioNames)[number]

/** What a reader can do, to both sides at once where it means something on both. */
export type Press =
  | 'more-traffic'
  | 'less-traffic'
  | 'add-copy'
  | 'remove-copy'
  | 'crash'
  | 'hang'
  | 'delete'
  | 'release'
  | 'release-bad'
  | 'roll-back'
  | 'unplug'
  | 'plug'
  | 'viral'
  | 'night'
  | 'scale-docker'
  | 'recreate'
  | 'move'
  | 'move-back'
  | 'out-of-service'

export type Switch = 'readiness' | 'graceful' | 'short-toleration' | 'keeps-address' | 'fixed-port' | 'network-volume'

export interface Scenario {
  /** Requests each second that clients send to each side. */
  traffic: number
  docker: DockerOptions
  cluster: ClusterOptions
  presses: Press[]
  switches: Partial<Record<Switch, boolean>>
  /** How much a press of "step" moves on, in simulated ms. */
  step: number
  /** How many simulated ms pass in one of ours, at first. */
  speed: number
  /** Rows of containers that the Docker host in the picture has room for. */
  rows: number
  /** Whether there is a place for Pods without a node. */
  unplaced: boolean
  /** What is done, and when, to come to the still picture, in simulated ms; it is taken at `at`. */
  still: { presses: [at: number, press: Press][]; at: number }
}

const three = ['worker-node-a', 'worker-node-b', 'worker-node-c']
const docker: DockerOptions = { copies: 3, keepsAddress: false, fixedPort: false, volume: false }
const cluster: ClusterOptions = {
  nodes: three,
  replicas: 3,
  readiness: true,
  liveness: false,
  graceful: true,
  toleration: DEFAULT_TOLERATION,
}

export const scenarios: Record<ScenarioName, Scenario> = {
  scaling: {
    traffic: 16,
    docker: { ...docker, copies: 2 },
    cluster: { ...cluster, replicas: 2 },
    presses: ['more-traffic', 'less-traffic', 'add-copy', 'remove-copy'],
    switches: { 'fixed-port': false },
    step: 1000,
    speed: 1,
    rows: 3,
    unplaced: true,
    still: { presses: [[12_000, 'add-copy']], at: 20_000 },
  },
  crash: {
    traffic: 12,
    docker,
    cluster: { ...cluster, liveness: true },
    presses: ['crash', 'hang', 'delete'],
    switches: {},
    step: 1000,
    speed: 1,
    rows: 2,
    unplaced: false,
    still: { presses: [[12_000, 'delete']], at: 12_800 },
  },
  'rolling-update': {
    traffic: 12,
    docker,
    cluster,
    presses: ['release', 'release-bad', 'roll-back'],
    switches: { readiness: true, graceful: true },
    step: 1000,
    speed: 1,
    rows: 2,
    unplaced: false,
    still: { presses: [[12_000, 'release']], at: 14_500 },
  },
  'node-loss': {
    traffic: 12,
    docker,
    cluster,
    presses: ['unplug', 'plug'],
    switches: { 'short-toleration': false },
    step: 10_000,
    speed: 10,
    rows: 2,
    unplaced: false,
    still: { presses: [[12_000, 'unplug']], at: 80_000 },
  },
  'load-balancing': {
    traffic: 12,
    docker: { ...docker, keepsAddress: true },
    cluster,
    presses: ['hang', 'crash', 'add-copy', 'remove-copy'],
    switches: { 'keeps-address': true },
    step: 1000,
    speed: 1,
    rows: 2,
    unplaced: false,
    still: { presses: [[12_000, 'hang']], at: 32_000 },
  },
  'viral-day': {
    traffic: 8,
    docker: { ...docker, copies: 2 },
    cluster: { ...cluster, replicas: 2, autoscaler: { min: 2, max: 9, target: 0.6 } },
    presses: ['viral', 'scale-docker', 'crash', 'night'],
    switches: {},
    step: 15_000,
    speed: 10,
    rows: 3,
    unplaced: false,
    still: { presses: [[30_000, 'viral']], at: 90_000 },
  },
  'data-follows': {
    traffic: 4,
    docker: { ...docker, copies: 1, volume: true },
    cluster: { ...cluster, replicas: 1, volume: 'local' },
    presses: ['recreate', 'move', 'move-back', 'unplug', 'plug', 'out-of-service'],
    switches: { 'network-volume': false },
    step: 5000,
    speed: 4,
    rows: 1,
    unplaced: true,
    still: { presses: [[20_000, 'move']], at: 30_000 },
  },
}
