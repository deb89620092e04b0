import { defineKind, type Schemas } from '../define.ts'
import type { ResourceDefinition } from '../resource.ts'
import { controllerRevisions } from './controller-revisions.ts'
import { daemonSets } from './daemon-sets.ts'
import { deployments } from './deployments.ts'
import { replicaSets } from './replica-sets.ts'
import { statefulSets } from './stateful-sets.ts'

/** apps/v1. */
export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  const kinds = [deployments, replicaSets, statefulSets, daemonSets, controllerRevisions]
  return kinds.map((rules) => defineKind(schemas, rules))
}
