import type { Cluster, Controller } from './cluster.ts'
import { CronJobController } from './cronjob/cron-job-controller.ts'
import { JobController } from './job/job-controller.ts'
import { TtlAfterFinished } from './ttl/ttl-after-finished.ts'

/** What runs things to their end: Jobs, CronJobs, and what clears them away. */
export function batchControllers(cluster: Cluster, report?: (error: unknown) => void): readonly Controller[] {
  return [
    new JobController(cluster, report),
    new CronJobController(cluster, report),
    new TtlAfterFinished(cluster, report),
  ]
}
