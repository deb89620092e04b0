import { removeIn } from '../../objects/paths.ts'
import type { ApiObject } from '../../objects/types.ts'
import { defineKind, type Schemas } from '../define.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'
import { fromV1, toV1, withoutCarriers } from './conversion.ts'
import { defaultV1, defaultV2 } from './defaults.ts'
import { targetsText } from './printer.ts'
import type { AutoscalerSpec, AutoscalerStatus, Behavior } from './types.ts'
import { autoscalerErrors, autoscalerStatusErrors } from './validation.ts'

const printer: Printer = {
  columns: [
    nameColumn,
    column('Reference', 'string', 'What is scaled.'),
    column('Targets', 'string', 'Each metric: what it is now, and what it shall be.'),
    column('MinPods', 'string', 'The fewest replicas.'),
    column('MaxPods', 'string', 'The most replicas.'),
    column('Replicas', 'string', 'Replicas that there are.'),
    ageColumn,
  ],
  cells(object, now) {
    const { scaleTargetRef, minReplicas, maxReplicas } = object.spec as AutoscalerSpec
    const { currentReplicas = 0 } = (object.status ?? {}) as Partial<AutoscalerStatus>
    return [
      object.metadata.name,
      `${scaleTargetRef.kind}/${scaleTargetRef.name}`,
      targetsText(object),
      minReplicas === undefined ? '<unset>' : String(minReplicas),
      maxReplicas,
      currentReplicas,
      age(object.metadata.creationTimestamp, now),
    ]
  },
}

export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [
    defineKind(schemas, {
      group: 'autoscaling',
      version: 'v2',
      kind: 'HorizontalPodAutoscaler',
      resource: 'horizontalpodautoscalers',
      default: defaultV2,
      prepareForCreate: (object) => withoutTolerance(withoutCarriers(object), undefined),
      prepareForUpdate: (object, old) => withoutTolerance(withoutCarriers(object), old),
      validate: (object) => autoscalerErrors(object),
      validateUpdate: autoscalerErrors,
      status: { empty: { desiredReplicas: 0, currentMetrics: null }, validateUpdate: autoscalerStatusErrors },
      printer,
      otherVersions: [
        {
          version: 'v1',
          default: defaultV1,
          convert: { toStored: fromV1, fromStored: toV1 },
          printer: { ...printer, cells: (object, now) => printer.cells(fromV1(object) as ApiObject, now) },
        },
      ],
    }),
  ]
}

const TOLERANCES = [
  ['spec', 'behavior', 'scaleUp', 'tolerance'],
  ['spec', 'behavior', 'scaleDown', 'tolerance'],
] as const

/** HPAConfigurableTolerance is off in 1.34: what is not there yet is dropped. */
function withoutTolerance(object: ApiObject, old: ApiObject | undefined): ApiObject {
  const behavior = (old?.spec as { readonly behavior?: Behavior } | undefined)?.behavior
  if (behavior?.scaleUp?.tolerance !== undefined || behavior?.scaleDown?.tolerance !== undefined) return object
  return TOLERANCES.reduce((kept, path) => removeIn(kept, path), object)
}
