/** What happens, as data: the strings make a sentence of each. */
export type Happening =
  // On the Docker host
  | { what: 'docker-restarts'; name: string; seconds: number }
  | { what: 'docker-answers'; name: string }
  | { what: 'docker-unhealthy'; name: string }
  | { what: 'docker-hangs'; name: string }
  | { what: 'docker-port-taken'; name: string }
  | { what: 'docker-scaled'; copies: number }
  | { what: 'docker-removed'; name: string }
  | { what: 'docker-recreates'; release: string }
  | { what: 'docker-keeps-volume'; name: string }
  | { what: 'docker-host-lost' }
  | { what: 'docker-host-back' }
  | { what: 'docker-moved'; host: string /** Entries in the volume on the machine before. */; left: number }
  | { what: 'docker-nothing-to-do' }
  // In the cluster
  | { what: 'container-restarts'; pod: string; node: string; seconds: number }
  | { what: 'pod-hangs'; pod: string }
  | { what: 'probe-restarts'; pod: string }
  | { what: 'pod-deleted'; pod: string }
  | { what: 'pod-created'; pod: string }
  | { what: 'pod-placed'; pod: string; node: string }
  | { what: 'pod-unplaced'; pod: string; why: 'cpu' | 'volume' }
  | { what: 'pod-ready'; pod: string }
  | { what: 'pod-unready'; pod: string }
  | { what: 'node-silent'; node: string }
  | { what: 'node-lost'; node: string; seconds: number }
  | { what: 'node-evicted'; node: string; seconds: number }
  | { what: 'node-back'; node: string }
  | { what: 'node-drained'; node: string }
  | { what: 'node-uncordoned'; node: string }
  | { what: 'node-out-of-service'; node: string }
  | { what: 'pod-stuck'; pod: string; node: string }
  | { what: 'scaled'; from: number; to: number }
  | { what: 'autoscaled'; from: number; to: number; busy: number }
  | { what: 'rollout-begins'; release: string }
  | { what: 'rollout-done'; release: string }
  | { what: 'rollout-stuck'; release: string }
  | { what: 'volume-follows'; node: string }

export type Side = 'docker' | 'cluster'

export interface Logged {
  /** From 1, in the order in which things happened. */
  number: number
  /** Simulated ms since the beginning. */
  at: number
  side: Side
  happening: Happening
}

/** What a part of the model is given at each tick. */
export interface Moment {
  now: number
  /** Length of a tick in ms. */
  ms: number
  random: () => number
  say(happening: Happening): void
}
