import type { Schemas } from '../define.ts'
import type { ResourceDefinition } from '../resource.ts'
import { events } from './event.ts'

/** Event, served by the core group and by events.k8s.io. */
export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [events(schemas)]
}
