import { defineKind, type Schemas } from '../define.ts'
import type { ResourceDefinition } from '../resource.ts'
import { pods } from './pods.ts'
import { podTemplates, replicationControllers } from './templates.ts'

/** Pods, and what of the core group makes them. */
export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [pods, podTemplates, replicationControllers].map((rules) => defineKind(schemas, rules))
}
