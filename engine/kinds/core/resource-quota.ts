import { type FieldError, invalidValue, requiredValue } from '../../objects/field-error.ts'
import { Quantity } from '../../objects/quantity.ts'
import type { ApiObject } from '../../objects/types.ts'
import { defineKind, type Schemas } from '../define.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'
import { isQuotaResource, quantityErrors, quotaResourceNameErrors, sortedResources } from '../resource-names.ts'
import { roundedAt } from './rounded.ts'

type Amounts = Readonly<Record<string, string>>

interface Spec {
  readonly hard?: Amounts
  readonly scopes?: readonly string[]
  readonly scopeSelector?: { readonly matchExpressions?: readonly Requirement[] }
}

interface Requirement {
  readonly scopeName: string
  readonly operator: string
  readonly values?: readonly string[]
}

interface Status {
  readonly hard?: Amounts
  readonly used?: Amounts
}

const specOf = ({ spec }: ApiObject): Spec => (spec ?? {}) as Spec
const statusOf = ({ status }: ApiObject): Status => (status ?? {}) as Status

/** core/v1 ResourceQuota (1.34). */
export function resourceQuotas(schemas: Schemas): ResourceDefinition {
  return defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'ResourceQuota',
    resource: 'resourcequotas',
    default: (quota) => roundedAt(quota, 'spec.hard', 'status.hard', 'status.used'),
    validate: specErrors,
    validateUpdate: (quota, old) => [...specErrors(quota), ...scopeChangeErrors(quota, old)],
    status: { validateUpdate: statusErrors },
    printer,
  })
}

function amountErrors(field: string, amounts: Amounts | undefined): FieldError[] {
  return sortedResources(amounts).flatMap(([name, text]) => [
    ...quotaResourceNameErrors(`${field}[${name}]`, name),
    ...quantityErrors(`${field}[${name}]`, name, text),
  ])
}

function statusErrors(quota: ApiObject): FieldError[] {
  const { hard, used } = statusOf(quota)
  return [...amountErrors('status.hard', hard), ...amountErrors('status.used', used)]
}

function specErrors(quota: ApiObject): FieldError[] {
  const spec = specOf(quota)
  return [...amountErrors('spec.hard', spec.hard), ...scopeErrors(spec), ...selectorErrors(spec)]
}

function scopeChangeErrors(quota: ApiObject, old: ApiObject): FieldError[] {
  const now = new Set(specOf(quota).scopes)
  const before = new Set(specOf(old).scopes)
  if (now.size === before.size && [...now].every((scope) => before.has(scope))) return []
  return [invalidValue('spec.scopes', specOf(quota).scopes ?? null, 'field is immutable')]
}

const SCOPES = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'VolumeAttributesClass',
  'CrossNamespacePodAffinity',
]
const ONLY_EXISTS = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']
const COMPUTE = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
const CONTRARY = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
]

/** What a scope can be counted for. */
function fits(scope: string, resource: string): boolean {
  switch (scope) {
    case 'BestEffort':
      return resource === 'pods'
    case 'VolumeAttributesClass':
      return resource === 'persistentvolumeclaims' || resource === 'requests.storage'
    default:
      return !SCOPES.includes(scope) || resource === 'pods' || COMPUTE.includes(resource)
  }
}

const misfits = ({ hard }: Spec, scope: string): string[] =>
  sortedResources(hard).flatMap(([name]) => (isQuotaResource(name) && !fits(scope, name) ? [name] : []))

const contradictions = (scopes: readonly string[]): readonly unknown[] =>
  CONTRARY.filter((pair) => pair.every((scope) => scopes.includes(scope)))

function scopeErrors(spec: Spec): FieldError[] {
  const { scopes = [] } = spec
  const refuse = (why: string): FieldError => invalidValue('spec.scopes', scopes, why)
  return [
    ...scopes.flatMap((scope) => [
      ...(SCOPES.includes(scope) ? [] : [refuse('unsupported scope')]),
      ...misfits(spec, scope).map(() => refuse('unsupported scope applied to resource')),
    ]),
    ...contradictions(scopes).map(() => refuse('conflicting scopes')),
  ]
}

function selectorErrors(spec: Spec): FieldError[] {
  const { scopeSelector: selector } = spec
  if (selector === undefined) return []
  const at = 'spec.scopeSelector.matchExpressions'
  const requirements = selector.matchExpressions ?? []
  // Upstream shows its internal type, whose fields have Go's names.
  const shown = {
    MatchExpressions: requirements.map(({ scopeName, operator, values }) => ({
      ScopeName: scopeName,
      Operator: operator,
      Values: values ?? null,
    })),
  }
  return [
    ...requirements.flatMap((requirement) => [
      ...(SCOPES.includes(requirement.scopeName)
        ? []
        : [invalidValue(`${at}.scopeName`, requirement.scopeName, 'unsupported scope')]),
      ...misfits(spec, requirement.scopeName).map(() =>
        invalidValue(at, shown, 'unsupported scope applied to resource'),
      ),
      ...requirementErrors(requirement, at),
    ]),
    ...contradictions(requirements.map(({ scopeName }) => scopeName)).map(() =>
      invalidValue(at, spec.scopes ?? null, 'conflicting scopes'),
    ),
  ]
}

function requirementErrors({ scopeName, operator, values = [] }: Requirement, at: string): FieldError[] {
  const errors: FieldError[] = []
  if (ONLY_EXISTS.includes(scopeName) && operator !== 'Exists') {
    const why =
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
    errors.push(invalidValue(`${at}.operator`, operator, why))
  }
  switch (operator) {
    case 'In':
    case 'NotIn': {
      const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
      return values.length > 0 ? errors : [...errors, requiredValue(`${at}.values`, why)]
    }
    case 'Exists':
    case 'DoesNotExist': {
      const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
      return values.length === 0 ? errors : [...errors, invalidValue(`${at}.values`, values, why)]
    }
    default:
      return [...errors, invalidValue(`${at}.operator`, operator, 'not a valid selector operator')]
  }
}

/** `requests.cpu: 1/2, …` of what is counted, limits apart. */
function usageText({ hard, used }: Status, limits: boolean): string {
  return sortedResources(hard)
    .filter(([name]) => name.startsWith('limits.') === limits)
    .map(([name, most]) => `${name}: ${Quantity.fromJson(used?.[name] ?? '0')}/${Quantity.fromJson(most)}`)
    .join(', ')
}

const printer: Printer = {
  columns: [
    nameColumn,
    column('Request', 'string', 'What is used, of what may be requested.'),
    column('Limit', 'string', 'What is used, of what limits may amount to.'),
    ageColumn,
  ],
  cells: (quota, now) => [
    quota.metadata.name,
    usageText(statusOf(quota), false),
    usageText(statusOf(quota), true),
    age(quota.metadata.creationTimestamp, now),
  ],
}
