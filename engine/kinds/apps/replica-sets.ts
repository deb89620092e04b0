import { nonNegative } from '../../objects/field-checks.ts'
import type { FieldError } from '../../objects/field-error.ts'
import type { ApiObject } from '../../objects/types.ts'
import { byLackOfController } from '../../storage/indexes.ts'
import { change, fill } from '../defaulting.ts'
import type { KindRules } from '../define.ts'
import { defaultTemplate } from '../pod/defaults.ts'
import {
  atMost,
  containerCells,
  containerColumns,
  countErrors,
  immutableSelector,
  onNewOrChanged,
  podNameWarnings,
  selectorColumn,
  selectorErrors,
  statusOf,
  templateWarnings,
} from '../pod/workload.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import { replicatedTemplateErrors } from './deployments.ts'
import { specOf, type WorkloadSpec } from './types.ts'
import { scale, selectorText, withoutDisabledInSpec } from './workload.ts'

/** apps/v1 ReplicaSet (1.34). */
export const replicaSets: KindRules = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  resource: 'replicasets',
  default: (object) =>
    change(object, 'spec', (spec) => change(fill(spec as WorkloadSpec, { replicas: 1 }), 'template', defaultTemplate)),
  prepareForCreate: withoutDisabledInSpec,
  prepareForUpdate: withoutDisabledInSpec,
  validate: replicaSetErrors,
  validateUpdate: (object, old) => [
    ...replicaSetErrors(object),
    ...immutableSelector(specOf(object).selector, specOf(old).selector),
  ],
  changesGeneration: true,
  garbageCollection: 'background',
  status: { empty: { replicas: 0 }, validateUpdate: statusErrors },
  warnings: (object, old) =>
    onNewOrChanged(object, old, (isNew) => [
      ...(isNew ? podNameWarnings(object) : []),
      ...templateWarnings(specOf(object).template, 'spec.template'),
    ]),
  scale,
  indexes: { uncontrolled: byLackOfController },
  selectableFields: { 'status.replicas': (object) => String(statusOf(object).replicas ?? 0) },
  printer: {
    columns: [
      nameColumn,
      column('Desired', 'integer', 'How many Pods there are to be.'),
      column('Current', 'integer', 'How many Pods there are.'),
      column('Ready', 'integer', 'How many of them are ready.'),
      ageColumn,
      ...containerColumns,
      selectorColumn,
    ],
    cells: (object, now) => {
      const { replicas = 0, template } = specOf(object)
      const { replicas: current = 0, readyReplicas = 0 } = statusOf(object)
      return [
        object.metadata.name,
        replicas,
        Number(current),
        Number(readyReplicas),
        age(object.metadata.creationTimestamp, now),
        ...containerCells(template?.spec.containers),
        selectorText(object),
      ]
    },
  },
}

function replicaSetErrors(object: ApiObject): FieldError[] {
  const spec = specOf(object)
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...selectorErrors(spec.selector, 'spec.selector', 'deployment'),
    ...replicatedTemplateErrors(spec),
  ]
}

function statusErrors(object: ApiObject): FieldError[] {
  const status = statusOf(object)
  const counts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']
  return [
    ...countErrors(status, 'replicas', ...counts, 'observedGeneration', 'terminatingReplicas'),
    ...atMost(status, counts, 'replicas', 'cannot be greater than status.replicas'),
    ...atMost(status, ['availableReplicas'], 'readyReplicas', 'cannot be greater than readyReplicas'),
  ]
}
