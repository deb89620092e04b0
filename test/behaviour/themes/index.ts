import type { Theme } from '../scenario.ts'
import { autoscaling } from './autoscaling.ts'
import { cronJobs } from './cron-jobs.ts'
import { daemonSets } from './daemon-sets.ts'
import { deployments } from './deployments.ts'
import { jobs } from './jobs.ts'
import { replicaSets } from './replica-sets.ts'
import { statefulSets } from './stateful-sets.ts'

export const themes: readonly Theme[] = [
  deployments,
  replicaSets,
  statefulSets,
  daemonSets,
  jobs,
  cronJobs,
  autoscaling,
]

export const scenarios = themes.flatMap((theme) => theme.scenarios)
