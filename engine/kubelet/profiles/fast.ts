import type { Profile } from './profile.ts'

/** Where only the API counts: nothing runs in containers, all is done at once, and Jobs' Pods succeed after a second. */
export const FAST: Profile = {
  name: 'fast',
  runs: false,
  delays: { mount: 0, sandbox: 0, create: 0, start: 0, relist: 0, stop: 0, cleanup: 0 },
  pull: { latency: 0, bytesPerSecond: Number.POSITIVE_INFINITY },
  faults: [],
  lives: [{ owner: 'Job', after: 1000, exitCode: 0 }],
  nodeEvents: false,
  eviction: { memoryAvailable: 0, diskAvailable: 0 },
}
