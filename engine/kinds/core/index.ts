import type { Schemas } from '../define.ts'
import type { ResourceDefinition } from '../resource.ts'
import { componentStatuses } from './component-status.ts'
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

/** The kinds of the core group, but for those of Pods and for events. */
export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [
    componentStatuses,
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
