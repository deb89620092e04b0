import type { Theme } from '../scenario.ts'
import { autoscaling } from './autoscaling.ts'
import { cronJobs } from './cron-jobs.ts'
import { daemonSets } from './daemon-sets.ts'
import { deletion } from './deletion.ts'
import { deployments } from './deployments.ts'
import { initContainers } from './init-containers.ts'
import { jobs } from './jobs.ts'
import { nodes } from './nodes.ts'
import { pods } from './pods.ts'
import { probes } from './probes.ts'
import { quotas } from './quotas.ts'
import { replicaSets } from './replica-sets.ts'
import { restarts } from './restarts.ts'
import { scheduling } from './scheduling.ts'
import { services } from './services.ts'
import { statefulSets } from './stateful-sets.ts'
import { storage } from './storage.ts'

/** Those that take longest come first, so that the rest runs beside them. */
export const themes: readonly Theme[] = [
  autoscaling,
  cronJobs,
  restarts,
  deployments,
  statefulSets,
  probes,
  jobs,
  daemonSets,
  services,
  scheduling,
  storage,
  quotas,
  pods,
  initContainers,
  replicaSets,
  deletion,
  nodes,
]

export const scenarios = themes.flatMap((theme) => theme.scenarios)
