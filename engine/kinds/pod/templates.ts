import { semanticallyEqual } from '../../objects/equal.ts'
import { nonNegative } from '../../objects/field-checks.ts'
import { type FieldError, requiredValue } from '../../objects/field-error.ts'
import { LabelSelector } from '../../objects/label-selector.ts'
import type { Labels } from '../../objects/requirement.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { labelsText } from '../cells.ts'
import { change, fill } from '../defaulting.ts'
import type { KindRules } from '../define.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import { defaultTemplate } from './defaults.ts'
import { templateWithoutDisabled } from './disabled.ts'
import type { PodTemplateSpec } from './types.ts'
import { templateErrors } from './validation/template.ts'
import {
  atMost,
  containerCells,
  containerColumns,
  countErrors,
  mismatchErrors,
  onNewOrChanged,
  podNameWarnings,
  runsOnErrors,
  selectorColumn,
  statusOf,
  templateWarnings,
} from './workload.ts'

const templateOf = (object: ApiObject): PodTemplateSpec => object.template as PodTemplateSpec

/** core/v1 PodTemplate (1.34). */
export const podTemplates: KindRules = {
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  resource: 'podtemplates',
  default: (object) => change(object, 'template', (template) => defaultTemplate(template as PodTemplateSpec)),
  prepareForCreate: withoutDisabled,
  prepareForUpdate: withoutDisabled,
  validate: (object) => templateErrors(templateOf(object), 'template'),
  changesGeneration: (object, old) => !semanticallyEqual(object.template, old.template),
  warnings: (object, old) => onNewOrChanged(object, old, () => templateWarnings(templateOf(object), 'template')),
  printer: {
    columns: [
      nameColumn,
      column('Containers', 'string', 'Names of the containers in the template.'),
      column('Images', 'string', 'Images of the containers in the template.'),
      column('Pod Labels', 'string', 'Labels that Pods made from the template have.'),
    ],
    cells: (object) => {
      const { spec, metadata } = templateOf(object)
      return [object.metadata.name, ...containerCells(spec?.containers), labelsText(metadata?.labels)]
    },
  },
}

function withoutDisabled(object: ApiObject): ApiObject {
  return change(object, 'template', (template) => templateWithoutDisabled(template as PodTemplateSpec))
}

interface ControllerSpec {
  readonly replicas?: number
  readonly minReadySeconds?: number
  readonly selector?: Labels
  readonly template?: PodTemplateSpec
}

const specOf = (object: ApiObject | NewObject): ControllerSpec => (object.spec ?? {}) as ControllerSpec

/** core/v1 ReplicationController (1.34). */
export const replicationControllers: KindRules = {
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  resource: 'replicationcontrollers',
  metadataChecks: { again: 1 },
  default: defaultController,
  prepareForCreate: withoutDisabledInSpec,
  prepareForUpdate: withoutDisabledInSpec,
  validate: controllerErrors,
  validateUpdate: (object) => [...controllerErrors(object), ...controllerErrors(object)],
  changesGeneration: true,
  garbageCollection: 'orphan',
  status: {
    empty: { replicas: 0 },
    validateUpdate: (object) => {
      const status = statusOf(object)
      const counts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']
      return [
        ...countErrors(status, 'replicas', ...counts, 'observedGeneration'),
        ...atMost(status, counts, 'replicas', 'cannot be greater than status.replicas'),
        ...atMost(status, ['availableReplicas'], 'readyReplicas', 'cannot be greater than readyReplicas'),
      ]
    },
  },
  warnings: (object, old) =>
    onNewOrChanged(object, old, (isNew) => [
      ...(isNew ? podNameWarnings(object) : []),
      ...templateWarnings(specOf(isNew ? object : (old ?? object)).template, 'spec.template'),
    ]),
  scale: {
    specReplicasPath: 'spec.replicas',
    statusReplicasPath: 'status.replicas',
    selector: (object) => LabelSelector.ofLabels(specOf(object).selector).toString(),
  },
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
      const { replicas = 0, template, selector } = specOf(object)
      const { replicas: current = 0, readyReplicas = 0 } = statusOf(object)
      return [
        object.metadata.name,
        replicas,
        Number(current),
        Number(readyReplicas),
        age(object.metadata.creationTimestamp, now),
        ...containerCells(template?.spec.containers),
        labelsText(selector),
      ]
    },
  },
}

function defaultController(given: NewObject): NewObject {
  let object = given
  const labels = specOf(object).template?.metadata?.labels
  if (labels !== undefined) {
    if (Object.keys(specOf(object).selector ?? {}).length === 0) {
      object = { ...object, spec: { ...specOf(object), selector: labels } }
    }
    if (Object.keys(object.metadata.labels ?? {}).length === 0) {
      object = { ...object, metadata: { ...object.metadata, labels } }
    }
  }
  return change(object, 'spec', (spec) =>
    change(fill(spec as ControllerSpec, { replicas: 1 }), 'template', defaultTemplate),
  )
}

function withoutDisabledInSpec(object: ApiObject): ApiObject {
  return change(object, 'spec', (spec) => change(spec as ControllerSpec, 'template', templateWithoutDisabled))
}

function controllerErrors(object: ApiObject): FieldError[] {
  const { replicas, minReadySeconds, selector = {}, template } = specOf(object)
  const errors = nonNegative('spec.minReadySeconds', minReadySeconds)
  if (Object.keys(selector).length === 0) errors.push(requiredValue('spec.selector'))
  errors.push(...(replicas === undefined ? [requiredValue('spec.replicas')] : nonNegative('spec.replicas', replicas)))
  if (template === undefined) return [...errors, requiredValue('spec.template')]
  return [
    ...errors,
    ...mismatchErrors(LabelSelector.ofLabels(selector), template, 'spec.template'),
    ...templateErrors(template, 'spec.template'),
    ...runsOnErrors(template, 'spec.template', 'ReplicationController'),
  ]
}
