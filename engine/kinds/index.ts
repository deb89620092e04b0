import { resources as autoscaling } from './autoscaling/index.ts'
import { resources as coordination } from './coordination/index.ts'
import type { Schemas } from './define.ts'
import { resources as networking } from './networking/index.ts'
import { resources as policy } from './policy/index.ts'
import { resources as rbac } from './rbac/index.ts'
import type { ResourceDefinition } from './resource.ts'
import { resources as scheduling } from './scheduling/index.ts'
import { resources as storage } from './storage/index.ts'

/** All built-in kinds. */
export function builtInResources(schemas: Schemas): readonly ResourceDefinition[] {
  return [autoscaling, coordination, networking, policy, rbac, scheduling, storage].flatMap((group) => group(schemas))
}
