import type { Schemas } from '../define.ts'
import type { ResourceDefinition } from '../resource.ts'
import { configMaps } from './config-map.ts'
import { endpoints } from './endpoints.ts'
import { limitRanges } from './limit-range.ts'
import { namespaces } from './namespace.ts'
import { nodes } from './node.ts'
import { resourceQuotas } from './resource-quota.ts'
import { secrets } from './secret.ts'
import { services } from './service/definition.ts'
import { serviceAccounts } from './service-account.ts'
import { persistentVolumeClaims } from './volume/claim.ts'
import { persistentVolumes } from './volume/volume.ts'

/** The kinds of the core group, but for those of Pods, events, and the components, which are computed when they are asked for. */
export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [
    configMaps,
    endpoints,
    limitRanges,
    namespaces,
    nodes,
    persistentVolumeClaims,
    persistentVolumes,
    resourceQuotas,
    secrets,
    serviceAccounts,
    services,
  ].map((define) => define(schemas))
}
