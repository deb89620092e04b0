import { semanticallyEqual } from '../../objects/equal.ts'
import { nonNegative } from '../../objects/field-checks.ts'
import { type FieldError, forbiddenField, invalidValue, requiredValue } from '../../objects/field-error.ts'
import { annotationErrors, labelErrors } from '../../objects/label-errors.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { change, changeEach, fill, without } from '../defaulting.ts'
import type { KindRules } from '../define.ts'
import { labelNameErrors } from '../metadata.ts'
import { defaultClaimTemplate, defaultTemplate } from '../pod/defaults.ts'
import type { PodTemplateSpec, Volume } from '../pod/types.ts'
import { podAnnotationErrors } from '../pod/validation/annotations.ts'
import { dnsLabel, oneOf } from '../pod/validation/checks.ts'
import { claimSpecErrors } from '../pod/validation/claim.ts'
import { templateErrors } from '../pod/validation/template.ts'
import { claimWarnings } from '../pod/warnings.ts'
import {
  atMost,
  collisionErrors,
  containerCells,
  containerColumns,
  countErrors,
  mismatchErrors,
  onNewOrChanged,
  readSelector,
  runsOnErrors,
  selectorErrors,
  shownSelector,
  statusOf,
  templateWarnings,
} from '../pod/workload.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import { statefulSetStrategyErrors } from './rolling.ts'
import { type StatefulSetSpec, type StoredClaimTemplate, specOf } from './types.ts'
import { scale, withoutDisabledInSpec } from './workload.ts'

/** apps/v1 StatefulSet (1.34). */
export const statefulSets: KindRules = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  resource: 'statefulsets',
  nameErrors: labelNameErrors,
  default: defaultStatefulSet,
  prepareForCreate: withoutDisabledFields,
  prepareForUpdate: withoutDisabledFields,
  validate: (object) => statefulSetErrors(specOf<StatefulSetSpec>(object)),
  validateUpdate: changeErrors,
  changesGeneration: true,
  garbageCollection: 'background',
  status: { empty: { replicas: 0, availableReplicas: 0 }, validateUpdate: statusErrors },
  warnings(object, old) {
    const { template, volumeClaimTemplates = [], revisionHistoryLimit = 0 } = specOf<StatefulSetSpec>(object)
    const suffix = old === undefined ? '' : '.Spec'
    return [
      ...onNewOrChanged(object, old, () => templateWarnings(template, 'spec.template')),
      ...volumeClaimTemplates.flatMap(({ spec }, index) =>
        claimWarnings(spec, `spec.volumeClaimTemplates[${index}]${suffix}`),
      ),
      ...(revisionHistoryLimit < 0
        ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended']
        : []),
    ]
  },
  scale,
  printer: {
    columns: [
      nameColumn,
      column('Ready', 'string', 'How many Pods are ready, of how many.'),
      ageColumn,
      ...containerColumns,
    ],
    cells: (object, now) => {
      const { replicas = 0, template } = specOf(object)
      const { readyReplicas = 0 } = statusOf(object)
      return [
        object.metadata.name,
        `${readyReplicas}/${replicas}`,
        age(object.metadata.creationTimestamp, now),
        ...containerCells(template?.spec.containers),
      ]
    },
  },
}

function defaultStatefulSet(object: NewObject): NewObject {
  return change(object, 'spec', (given) => {
    let spec = fill(given as StatefulSetSpec, {
      podManagementPolicy: 'OrderedReady',
      replicas: 1,
      revisionHistoryLimit: 10,
    })
    const strategy =
      spec.updateStrategy?.type === undefined
        ? { ...spec.updateStrategy, type: 'RollingUpdate', rollingUpdate: spec.updateStrategy?.rollingUpdate ?? {} }
        : spec.updateStrategy
    const updateStrategy =
      strategy.type === 'RollingUpdate'
        ? change(strategy, 'rollingUpdate', (rolling) => fill(rolling, { partition: 0 }))
        : strategy
    const retention = fill(spec.persistentVolumeClaimRetentionPolicy ?? {}, {
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
    })
    spec = { ...spec, updateStrategy, persistentVolumeClaimRetentionPolicy: retention }
    spec = changeEach(spec, 'volumeClaimTemplates', defaultStoredClaim)
    return change(spec, 'template', defaultTemplate)
  })
}

function defaultStoredClaim(given: StoredClaimTemplate): StoredClaimTemplate {
  const claim = fill<StoredClaimTemplate>(defaultClaimTemplate(given), {
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
  })
  return { ...claim, status: fill(claim.status ?? {}, { phase: 'Pending' }) }
}

/** `maxUnavailable` waits for a feature that is off in 1.34. */
function withoutDisabledFields(object: ApiObject): ApiObject {
  return change(withoutDisabledInSpec(object), 'spec', (spec) =>
    change(spec as StatefulSetSpec, 'updateStrategy', (strategy) =>
      change(strategy, 'rollingUpdate', (rolling) => without(rolling, 'maxUnavailable')),
    ),
  )
}

interface Skipped {
  readonly serviceName?: boolean
  readonly claims?: boolean
  readonly template?: boolean
}

function statefulSetErrors(spec: StatefulSetSpec, skip: Skipped = {}): FieldError[] {
  const { selector, template, serviceName = '', persistentVolumeClaimRetentionPolicy: retention } = spec
  const policies = ['Retain', 'Delete']
  const read = readSelector(selector)
  return [
    ...managementErrors(spec.podManagementPolicy),
    ...statefulSetStrategyErrors(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...(retention === undefined
      ? []
      : (['whenDeleted', 'whenScaled'] as const).flatMap((when) =>
          oneOf(`spec.persistentVolumeClaimRetentionPolicy.${when}`, retention[when], policies),
        )),
    ...(skip.claims
      ? []
      : (spec.volumeClaimTemplates ?? []).flatMap((claim, index) =>
          claimSpecErrors(claim.spec, `spec.volumeClaimTemplates[${index}].spec`),
        )),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...(skip.serviceName || serviceName === '' ? [] : dnsLabel('spec.serviceName', serviceName)),
    ...selectorErrors(selector, 'spec.selector', 'statefulset'),
    ...(read === undefined
      ? [invalidValue('spec.selector', shownSelector(selector), '')]
      : [
          ...mismatchErrors(read, template, 'spec.template'),
          ...setTemplateErrors(withClaims(spec), skip.template ?? false),
        ]),
    ...runsOnErrors(template, 'spec.template', 'StatefulSet'),
  ]
}

function managementErrors(policy = ''): FieldError[] {
  if (policy === '') return [requiredValue('spec.podManagementPolicy')]
  if (policy === 'OrderedReady' || policy === 'Parallel') return []
  return [invalidValue('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'")]
}

function setTemplateErrors(template: PodTemplateSpec, skipsTemplate: boolean): FieldError[] {
  const { metadata, spec } = template
  return [
    ...(skipsTemplate ? [] : templateErrors(template, 'spec.template')),
    ...labelErrors(metadata?.labels, 'spec.template.labels'),
    ...annotationErrors(metadata?.annotations, 'spec.template.annotations'),
    ...podAnnotationErrors(metadata?.annotations, spec, 'spec.template.annotations'),
  ]
}

/** The template as its Pods will be: with volumes of their claims, and names of the set's choice. */
function withClaims({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  const own = without(template.spec, 'hostname', 'subdomain')
  if (volumeClaimTemplates.length === 0) return own === template.spec ? template : { ...template, spec: own }
  const claims = new Map<string, Volume>()
  for (const { metadata } of volumeClaimTemplates) {
    const name = metadata?.name ?? ''
    claims.set(name, { name, persistentVolumeClaim: { claimName: name } })
  }
  const others = (own.volumes ?? []).filter(({ name }) => !claims.has(name))
  return { ...template, spec: { ...own, volumes: [...claims.values(), ...others] } }
}

const changeable = [
  'replicas',
  'template',
  'updateStrategy',
  'minReadySeconds',
  'ordinals',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
] as const
const changeSentence =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"

function changeErrors(object: ApiObject, old: ApiObject): FieldError[] {
  const [now, before] = [specOf<StatefulSetSpec>(object), specOf<StatefulSetSpec>(old)]
  const skip = { serviceName: true, claims: true }
  const template = statefulSetErrors(before, skip).length > 0
  const errors = statefulSetErrors(now, { ...skip, template })
  const fixed = (spec: StatefulSetSpec): Partial<StatefulSetSpec> =>
    without<Partial<StatefulSetSpec>>(spec, ...changeable)
  return semanticallyEqual(fixed(now), fixed(before)) ? errors : [...errors, forbiddenField('spec', changeSentence)]
}

function statusErrors(object: ApiObject, old: ApiObject): FieldError[] {
  const status = statusOf(object)
  const counts = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas']
  return [
    ...countErrors(status, 'replicas', ...counts, 'observedGeneration', 'collisionCount'),
    ...atMost(status, counts, 'replicas', 'cannot be greater than status.replicas'),
    ...atMost(status, ['availableReplicas'], 'readyReplicas', 'cannot be greater than status.readyReplicas'),
    ...collisionErrors(status, statusOf(old)),
  ]
}
