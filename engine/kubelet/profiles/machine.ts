import type { Profile } from './profile.ts'

const MEBIBYTE = 1024 * 1024

/** As a kind cluster's nodes are on a laptop with a good line. */
export const MACHINE: Profile = {
  name: 'machine',
  runs: true,
  delays: {
    mount: [20, 120],
    sandbox: [250, 450],
    create: [30, 80],
    start: [30, 80],
    relist: [0, 1000],
    stop: [20, 80],
    cleanup: [300, 700],
  },
  pull: { latency: [350, 900], bytesPerSecond: 24 * MEBIBYTE },
  faults: [],
  lives: [],
  nodeEvents: true,
  eviction: { memoryAvailable: 100 * MEBIBYTE, diskAvailable: 0.1 },
}
