import { defineKind, type Schemas } from '../define.ts'
import { pathSegmentNameErrors } from '../metadata.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'
import {
  type DisruptionBudgetSpec,
  type DisruptionBudgetStatus,
  disruptionBudgetErrors,
  disruptionBudgetStatusErrors,
} from './validation.ts'

const printer: Printer = {
  columns: [
    nameColumn,
    column('Min Available', 'string', 'Pods that must stay available.'),
    column('Max Unavailable', 'string', 'Pods that may be unavailable.'),
    column('Allowed Disruptions', 'integer', 'Pods that may be evicted now.'),
    ageColumn,
  ],
  cells(object, now) {
    const { minAvailable = 'N/A', maxUnavailable = 'N/A' } = (object.spec ?? {}) as DisruptionBudgetSpec
    const { disruptionsAllowed = 0 } = (object.status ?? {}) as DisruptionBudgetStatus
    return [
      object.metadata.name,
      String(minAvailable),
      String(maxUnavailable),
      disruptionsAllowed,
      age(object.metadata.creationTimestamp, now),
    ]
  },
}

export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [
    defineKind(schemas, {
      group: 'policy',
      version: 'v1',
      kind: 'PodDisruptionBudget',
      resource: 'poddisruptionbudgets',
      metadataChecks: { onCreate: false, onChange: false },
      // Upstream asks of its name only what it asks of all.
      nameErrors: pathSegmentNameErrors,
      unconditionalUpdate: false,
      changesGeneration: true,
      validate: disruptionBudgetErrors,
      status: {
        empty: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
        validateUpdate: disruptionBudgetStatusErrors,
      },
      printer,
    }),
  ]
}
