import { semanticallyEqual } from '../../objects/equal.ts'
import { nonNegative } from '../../objects/field-checks.ts'
import { type FieldError, invalidValue } from '../../objects/field-error.ts'
import { labelSelectorErrors } from '../../objects/label-errors.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { labelsText } from '../cells.ts'
import { change, fill } from '../defaulting.ts'
import type { KindRules } from '../define.ts'
import { defaultTemplate } from '../pod/defaults.ts'
import { templateErrors } from '../pod/validation/template.ts'
import {
  collisionErrors,
  containerCells,
  containerColumns,
  countErrors,
  immutableSelector,
  isEmptySelector,
  readSelector,
  runsOnErrors,
  selectorColumn,
  shownLabels,
  shownSelector,
  statusOf,
  templateWarnings,
} from '../pod/workload.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import { daemonSetStrategyErrors } from './rolling.ts'
import { type DaemonSetSpec, specOf } from './types.ts'
import { selectorText, withoutDisabledInSpec } from './workload.ts'

/** Where apps/v1 shows a number that older versions had as a field. */
const templateGeneration = 'deprecated.daemonset.template.generation'

/** apps/v1 DaemonSet (1.34). */
export const daemonSets: KindRules = {
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  resource: 'daemonsets',
  default: defaultDaemonSet,
  prepareForCreate: (object) =>
    withTemplateGeneration(withoutDisabledInSpec(object), Math.max(generationOf(object), 1)),
  prepareForUpdate(object, old) {
    const prepared = withoutDisabledInSpec(object)
    const changed = !semanticallyEqual(specOf(prepared).template, specOf(old).template)
    return withTemplateGeneration(prepared, generationOf(old) + (changed ? 1 : 0))
  },
  validate: daemonSetErrors,
  validateUpdate: (object, old) => [
    ...immutableSelector(specOf(object).selector, specOf(old).selector),
    ...daemonSetErrors(object),
  ],
  changesGeneration: true,
  garbageCollection: 'background',
  status: {
    empty: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
    validateUpdate: (object, old) => [
      ...countErrors(statusOf(object), ...counts),
      ...collisionErrors(statusOf(object), statusOf(old)),
    ],
  },
  warnings: (object, old) =>
    old === undefined || generationOf(object) !== generationOf(old)
      ? templateWarnings(specOf(object).template, 'spec.template')
      : [],
  printer: {
    columns: [
      nameColumn,
      column('Desired', 'integer', 'On how many nodes a Pod is to run.'),
      column('Current', 'integer', 'On how many of them one is.'),
      column('Ready', 'integer', 'On how many of them one is ready.'),
      column('Up-to-date', 'integer', 'On how many of them one is made from the present template.'),
      column('Available', 'integer', 'On how many of them one has been ready for long enough.'),
      column('Node Selector', 'string', 'Labels that nodes must have to get a Pod.'),
      ageColumn,
      ...containerColumns,
      selectorColumn,
    ],
    cells: (object, now) => {
      const status = statusOf(object)
      const { template } = specOf(object)
      return [
        object.metadata.name,
        ...shownCounts.map((count) => Number(status[count] ?? 0)),
        labelsText(template?.spec.nodeSelector),
        age(object.metadata.creationTimestamp, now),
        ...containerCells(template?.spec.containers),
        selectorText(object),
      ]
    },
  },
}

const shownCounts = [
  'desiredNumberScheduled',
  'currentNumberScheduled',
  'numberReady',
  'updatedNumberScheduled',
  'numberAvailable',
]
const counts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
]

function generationOf({ metadata }: ApiObject): number {
  const number = Number(metadata.annotations?.[templateGeneration] ?? 0)
  return Number.isInteger(number) ? number : 0
}

function withTemplateGeneration(object: ApiObject, generation: number): ApiObject {
  if (object.metadata.annotations?.[templateGeneration] === String(generation)) return object
  const annotations = { ...object.metadata.annotations, [templateGeneration]: String(generation) }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

function defaultDaemonSet(given: NewObject): NewObject {
  const { annotations = {} } = given.metadata
  const object =
    annotations[templateGeneration] === undefined
      ? { ...given, metadata: { ...given.metadata, annotations: { ...annotations, [templateGeneration]: '0' } } }
      : given
  return change(object, 'spec', (incomplete) => {
    const spec = fill(incomplete as DaemonSetSpec, { revisionHistoryLimit: 10 })
    const strategy = fill(spec.updateStrategy ?? {}, { type: 'RollingUpdate' })
    const updateStrategy =
      strategy.type === 'RollingUpdate'
        ? { ...strategy, rollingUpdate: fill(strategy.rollingUpdate ?? {}, { maxUnavailable: 1, maxSurge: 0 }) }
        : strategy
    const complete = semanticallyEqual(updateStrategy, spec.updateStrategy) ? spec : { ...spec, updateStrategy }
    return change(complete, 'template', defaultTemplate)
  })
}

function daemonSetErrors(object: ApiObject): FieldError[] {
  const spec = specOf<DaemonSetSpec>(object)
  const { selector, template } = spec
  const errors = labelSelectorErrors(selector ?? undefined, 'spec.selector')
  const read = readSelector(selector)
  if (read !== undefined && !read.matches(template.metadata?.labels)) {
    const why = '`selector` does not match template `labels`'
    errors.push(invalidValue('spec.template.metadata.labels', shownLabels(template.metadata?.labels), why))
  }
  if (selector != null && isEmptySelector(selector)) {
    errors.push(invalidValue('spec.selector', shownSelector(selector), 'empty selector is invalid for daemonset'))
  }
  return [
    ...errors,
    ...templateErrors(template, 'spec.template'),
    ...runsOnErrors(template, 'spec.template', 'DaemonSet'),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...daemonSetStrategyErrors(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ]
}
