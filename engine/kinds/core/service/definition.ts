import type { ApiObject } from '../../../objects/types.ts'
import { defineKind, type Schemas } from '../../define.ts'
import { dns1035NameErrors } from '../../metadata.ts'
import type { ResourceDefinition } from '../../resource.ts'
import { defaultService } from './defaults.ts'
import { serviceIndexes } from './indexes.ts'
import { servicePrinter } from './printer.ts'
import { dropFieldsOfOldType } from './type-change.ts'
import { specOf, withSpec } from './types.ts'
import { serviceChangeErrors, serviceErrors, serviceStatusErrors } from './validation.ts'
import { serviceStatusWarnings, serviceWarnings } from './warnings.ts'

/** core/v1 Service (1.34); its addresses and ports come from the ServiceAllocator. */
export function services(schemas: Schemas): ResourceDefinition {
  return defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'Service',
    resource: 'services',
    prefix: '/registry/services/specs',
    nameErrors: dns1035NameErrors,
    createOnUpdate: true,
    default: defaultService,
    validate: serviceErrors,
    validateUpdate: serviceChangeErrors,
    prepareForUpdate: dropFieldsOfOldType,
    canonicalize: withoutInternalPolicy,
    warnings: serviceWarnings,
    status: { empty: { loadBalancer: {} }, validateUpdate: serviceStatusErrors, warnings: serviceStatusWarnings },
    indexes: serviceIndexes,
    printer: servicePrinter,
    selectableFields: {
      'spec.clusterIP': (service) => specOf(service).clusterIP ?? '',
      'spec.type': (service) => specOf(service).type ?? '',
    },
  })
}

/** A name outside the cluster has no traffic inside it: the field is never shown. */
function withoutInternalPolicy(service: ApiObject): ApiObject {
  return specOf(service).type === 'ExternalName' ? withSpec(service, { internalTrafficPolicy: undefined }) : service
}
