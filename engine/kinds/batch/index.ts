import { defineKind, type Schemas } from '../define.ts'
import type { ResourceDefinition } from '../resource.ts'
import { cronJobs } from './cron-jobs.ts'
import { jobs } from './jobs.ts'

/** batch/v1. */
export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [jobs, cronJobs].map((rules) => defineKind(schemas, rules))
}
