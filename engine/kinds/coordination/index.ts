import { removeIn } from '../../objects/paths.ts'
import type { ApiObject } from '../../objects/types.ts'
import { defineKind, type Schemas } from '../define.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'
import { type LeaseSpec, leaseErrors } from './validation.ts'

const printer: Printer = {
  columns: [nameColumn, column('Holder', 'string', 'Who has the lease.'), ageColumn],
  cells(object, now) {
    const { holderIdentity = '' } = (object.spec ?? {}) as LeaseSpec
    return [object.metadata.name, holderIdentity, age(object.metadata.creationTimestamp, now)]
  },
}

export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [
    defineKind(schemas, {
      group: 'coordination.k8s.io',
      version: 'v1',
      kind: 'Lease',
      resource: 'leases',
      createOnUpdate: true,
      unconditionalUpdate: false,
      prepareForCreate: (object) => withoutElection(object, undefined),
      prepareForUpdate: withoutElection,
      validate: leaseErrors,
      printer,
    }),
  ]
}

/** CoordinatedLeaderElection is off in 1.34: its fields are dropped unless they are there already. */
function withoutElection(object: ApiObject, old: ApiObject | undefined): ApiObject {
  const before = (old?.spec ?? {}) as LeaseSpec
  return (['strategy', 'preferredHolder'] as const).reduce(
    (kept, field) => (before[field] === undefined ? removeIn(kept, ['spec', field]) : kept),
    object,
  )
}
