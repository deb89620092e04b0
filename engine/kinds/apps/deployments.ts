import { semanticallyEqual } from '../../objects/equal.ts'
import { nonNegative } from '../../objects/field-checks.ts'
import { type FieldError, invalidValue } from '../../objects/field-error.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { change, fill } from '../defaulting.ts'
import type { KindRules } from '../define.ts'
import { defaultTemplate } from '../pod/defaults.ts'
import { templateErrors } from '../pod/validation/template.ts'
import {
  atMost,
  collisionErrors,
  containerCells,
  containerColumns,
  countErrors,
  immutableSelector,
  mismatchErrors,
  onNewOrChanged,
  podNameWarnings,
  readSelector,
  runsOnErrors,
  selectorColumn,
  selectorErrors,
  shownSelector,
  statusOf,
  templateWarnings,
} from '../pod/workload.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import { deploymentStrategyErrors } from './rolling.ts'
import { type DeploymentSpec, specOf, type WorkloadSpec } from './types.ts'
import { scale, withoutDisabledInSpec } from './workload.ts'

/** apps/v1 Deployment (1.34). */
export const deployments: KindRules = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  resource: 'deployments',
  default: defaultDeployment,
  prepareForCreate: withoutDisabledInSpec,
  prepareForUpdate: withoutDisabledInSpec,
  validate: deploymentErrors,
  validateUpdate: (object, old) => [
    ...deploymentErrors(object),
    ...immutableSelector(specOf(object).selector, specOf(old).selector),
  ],
  // Annotations count as well: controllers copy them to ReplicaSets.
  changesGeneration: (object, old) =>
    !semanticallyEqual(object.spec, old.spec) ||
    !semanticallyEqual(object.metadata.annotations, old.metadata.annotations),
  garbageCollection: 'background',
  status: { keeps: ['spec', 'metadata.labels'], validateUpdate: statusErrors },
  warnings: (object, old) =>
    onNewOrChanged(object, old, (isNew) => [
      ...(isNew ? podNameWarnings(object) : []),
      ...templateWarnings(specOf(object).template, 'spec.template'),
    ]),
  scale,
  printer: {
    columns: [
      nameColumn,
      column('Ready', 'string', 'How many Pods are ready, of how many.'),
      column('Up-to-date', 'string', 'How many Pods are made from the present template.'),
      column('Available', 'string', 'How many Pods have been ready for long enough.'),
      ageColumn,
      ...containerColumns,
      selectorColumn,
    ],
    cells: (object, now) => {
      const { replicas = 0, template, selector } = specOf(object)
      const { readyReplicas = 0, updatedReplicas = 0, availableReplicas = 0 } = statusOf(object)
      return [
        object.metadata.name,
        `${readyReplicas}/${replicas}`,
        Number(updatedReplicas),
        Number(availableReplicas),
        age(object.metadata.creationTimestamp, now),
        ...containerCells(template?.spec.containers),
        readSelector(selector)?.toString() ?? '<invalid>',
      ]
    },
  },
}

function defaultDeployment(object: NewObject): NewObject {
  return change(object, 'spec', (given) => {
    const spec = fill(given as DeploymentSpec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 })
    const strategy = fill(spec.strategy ?? {}, { type: 'RollingUpdate' })
    const rolling =
      strategy.type === 'RollingUpdate'
        ? {
            ...strategy,
            rollingUpdate: fill(strategy.rollingUpdate ?? {}, { maxUnavailable: '25%', maxSurge: '25%' }),
          }
        : strategy
    const complete = semanticallyEqual(rolling, spec.strategy) ? spec : { ...spec, strategy: rolling }
    return change(complete, 'template', defaultTemplate)
  })
}

function deploymentErrors(object: ApiObject): FieldError[] {
  const spec = specOf<DeploymentSpec>(object)
  const { minReadySeconds = 0, progressDeadlineSeconds: deadline } = spec
  const errors = [
    ...nonNegative('spec.replicas', spec.replicas),
    ...selectorErrors(spec.selector, 'spec.selector', 'deployment'),
    ...replicatedTemplateErrors(spec),
    ...deploymentStrategyErrors(spec.strategy ?? {}, 'spec.strategy'),
    ...nonNegative('spec.minReadySeconds', minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...nonNegative('spec.progressDeadlineSeconds', deadline),
  ]
  if (deadline === undefined || deadline > minReadySeconds) return errors
  return [...errors, invalidValue('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')]
}

/** The template of a Deployment or a ReplicaSet. */
export function replicatedTemplateErrors({ selector, template }: WorkloadSpec): FieldError[] {
  const read = readSelector(selector)
  if (read === undefined) return [invalidValue('spec.selector', shownSelector(selector), 'invalid label selector')]
  return [
    ...mismatchErrors(read, template, 'spec.template'),
    ...templateErrors(template, 'spec.template'),
    ...runsOnErrors(template, 'spec.template', 'ReplicaSet'),
  ]
}

function statusErrors(object: ApiObject, old: ApiObject): FieldError[] {
  const status = statusOf(object)
  const counts = ['updatedReplicas', 'readyReplicas', 'availableReplicas']
  return [
    ...countErrors(status, 'observedGeneration', 'replicas', ...counts, 'unavailableReplicas', 'terminatingReplicas'),
    ...countErrors(status, 'collisionCount'),
    ...atMost(status, counts, 'replicas', 'cannot be greater than status.replicas'),
    ...atMost(status, ['availableReplicas'], 'readyReplicas', 'cannot be greater than readyReplicas'),
    ...collisionErrors(status, statusOf(old)),
  ]
}
