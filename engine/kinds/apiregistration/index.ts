import { invalidEach } from '../../objects/field-checks.ts'
import { type FieldError, invalidValue, notSupported, requiredValue } from '../../objects/field-error.ts'
import { goQuote } from '../../objects/go-quote.ts'
import { dns1035LabelErrors, dns1123SubdomainErrors, portNumberErrors } from '../../objects/names.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { defineKind, type Schemas } from '../define.ts'
import { KEPT_METADATA } from '../kept-metadata.ts'
import { type NameErrors, pathSegmentNameErrors } from '../metadata.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'

interface ServiceReference {
  readonly namespace?: string
  readonly name?: string
  readonly port?: number
}

interface ApiServiceSpec {
  readonly service?: ServiceReference
  readonly group?: string
  readonly version?: string
  readonly insecureSkipTLSVerify?: boolean
  readonly caBundle?: string
  readonly groupPriorityMinimum: number
  readonly versionPriority: number
}

interface ApiServiceCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
}

/** The aggregator's `APIService` (kube-aggregator 1.34): who serves a group's version. Those without a service are served here. */
const specOf = (object: ApiObject | NewObject): ApiServiceSpec => (object.spec ?? {}) as ApiServiceSpec
const conditionsOf = (object: ApiObject): readonly ApiServiceCondition[] =>
  ((object.status ?? {}) as { readonly conditions?: readonly ApiServiceCondition[] }).conditions ?? []

const HTTPS = 443
const HIGHEST_GROUP_PRIORITY = 20_000
const HIGHEST_VERSION_PRIORITY = 1000
const STATUSES = ['True', 'False', 'Unknown']

const printer: Printer = {
  columns: [
    nameColumn,
    column('Service', 'string', 'The Service behind which the version is served.'),
    column('Available', 'string', 'Whether it is served now.'),
    ageColumn,
  ],
  cells(object, now) {
    const { service } = specOf(object)
    const available = conditionsOf(object).find(({ type }) => type === 'Available')
    const { status = 'Unknown', reason = '' } = available ?? {}
    return [
      object.metadata.name,
      service === undefined ? 'Local' : `${service.namespace ?? ''}/${service.name ?? ''}`,
      status === 'True' || reason === '' ? status : `${status} (${reason})`,
      age(object.metadata.creationTimestamp, now),
    ]
  },
}

export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [
    defineKind(schemas, {
      group: 'apiregistration.k8s.io',
      version: 'v1',
      kind: 'APIService',
      resource: 'apiservices',
      metadataChecks: { again: 1 },
      namespaced: false,
      unconditionalUpdate: false,
      nameErrorsOf,
      default: defaultService,
      prepareForCreate: available,
      validate: apiServiceErrors,
      status: { keeps: ['spec', ...KEPT_METADATA], validateUpdate: statusErrors },
      printer,
    }),
  ]
}

function defaultService(object: NewObject): NewObject {
  const spec = specOf(object)
  if (spec.service === undefined || spec.service.port !== undefined) return object
  return { ...object, spec: { ...spec, service: { ...spec.service, port: HTTPS } } }
}

/** What is served here is there at once. */
function available(object: ApiObject): ApiObject {
  if (specOf(object).service !== undefined) return object
  const condition = {
    type: 'Available',
    status: 'True',
    lastTransitionTime: object.metadata.creationTimestamp,
    reason: 'Local',
    message: 'Local APIServices are always available',
  }
  return { ...object, status: { conditions: [condition] } }
}

function apiServiceErrors(object: ApiObject): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0, ...spec } = specOf(object)
  const errors: FieldError[] = []
  if (group === '' && version !== 'v1') {
    errors.push(requiredValue('spec.group', 'only v1 may have an empty group and it better be legacy kube'))
  }
  if (group !== '') errors.push(...invalidEach('spec.group', group, dns1123SubdomainErrors(group)))
  errors.push(...invalidEach('spec.version', version, dns1035LabelErrors(version)))
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > HIGHEST_GROUP_PRIORITY) {
    const why = `must be positive and less than ${HIGHEST_GROUP_PRIORITY}`
    errors.push(invalidValue('spec.groupPriorityMinimum', groupPriorityMinimum, why))
  }
  if (versionPriority <= 0 || versionPriority > HIGHEST_VERSION_PRIORITY) {
    const why = `must be positive and less than ${HIGHEST_VERSION_PRIORITY}`
    errors.push(invalidValue('spec.versionPriority', versionPriority, why))
  }
  return [...errors, ...(spec.service === undefined ? localErrors(spec) : serviceErrors(spec.service, spec))]
}

function nameErrorsOf(object: ApiObject): NameErrors {
  const { group = '', version = '' } = specOf(object)
  const required = `${version}.${group}`
  return (name, prefix) => {
    const wrong = pathSegmentNameErrors(name, prefix)
    if (wrong.length > 0 || name === required) return wrong
    return [`must be \`spec.version+"."+spec.group\`: ${goQuote(required)}`]
  }
}

type Trust = Pick<ApiServiceSpec, 'caBundle' | 'insecureSkipTLSVerify'>

function localErrors({ caBundle = '', insecureSkipTLSVerify = false }: Trust): FieldError[] {
  const errors: FieldError[] = []
  if (caBundle !== '') {
    const bytes = `${atob(caBundle).length} bytes`
    errors.push(invalidValue('spec.caBundle', bytes, 'local APIServices may not have a caBundle'))
  }
  if (insecureSkipTLSVerify) {
    const why = 'local APIServices may not have insecureSkipTLSVerify'
    errors.push(invalidValue('spec.insecureSkipTLSVerify', true, why))
  }
  return errors
}

function serviceErrors({ namespace = '', name = '', port = 0 }: ServiceReference, trust: Trust): FieldError[] {
  const errors: FieldError[] = []
  if (namespace === '') errors.push(requiredValue('spec.service.namespace'))
  if (name === '') errors.push(requiredValue('spec.service.name'))
  const wrong = portNumberErrors(port)
  if (wrong.length > 0) {
    errors.push(invalidValue('spec.service.port', port, `port is not valid: ${wrong.join(', ')}`))
  }
  if (trust.insecureSkipTLSVerify === true && (trust.caBundle ?? '') !== '') {
    errors.push(invalidValue('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'))
  }
  return errors
}

function statusErrors(object: ApiObject): FieldError[] {
  return conditionsOf(object).flatMap(({ status }, index) =>
    STATUSES.includes(status) ? [] : [notSupported(`status.conditions[${index}].status`, status, STATUSES)],
  )
}
