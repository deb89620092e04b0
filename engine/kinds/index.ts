import type { ExpressionCheck } from './admissionregistration/expressions.ts'
import { resources as admissionregistration } from './admissionregistration/index.ts'
import { resources as apiregistration } from './apiregistration/index.ts'
import { resources as apps } from './apps/index.ts'
import { resources as autoscaling } from './autoscaling/index.ts'
import { resources as batch } from './batch/index.ts'
import { resources as certificates } from './certificates/index.ts'
import { resources as coordination } from './coordination/index.ts'
import { resources as core } from './core/index.ts'
import type { Schemas } from './define.ts'
import { resources as discovery } from './discovery/index.ts'
import { resources as events } from './events/index.ts'
import { resources as flowcontrol } from './flowcontrol/index.ts'
import { resources as networking } from './networking/index.ts'
import { resources as node } from './node/index.ts'
import { resources as pod } from './pod/index.ts'
import { resources as policy } from './policy/index.ts'
import { resources as rbac } from './rbac/index.ts'
import { resources as resource } from './resource/index.ts'
import type { ResourceDefinition } from './resource.ts'
import { resources as scheduling } from './scheduling/index.ts'
import { resources as storage } from './storage/index.ts'

const groups = [
  apiregistration,
  apps,
  autoscaling,
  batch,
  certificates,
  coordination,
  core,
  discovery,
  events,
  flowcontrol,
  networking,
  node,
  pod,
  policy,
  rbac,
  resource,
  scheduling,
  storage,
]

/** All built-in kinds. `expressions` looks at those of policies and webhooks before they are stored. */
export function builtInResources(schemas: Schemas, expressions: ExpressionCheck): readonly ResourceDefinition[] {
  return [...admissionregistration(schemas, expressions), ...groups.flatMap((resources) => resources(schemas))]
}
