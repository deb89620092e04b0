import { semanticallyEqual } from '../../objects/equal.ts'
import { conditionErrors, invalidEach, qualifiedName } from '../../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../objects/field-error.ts'
import { labelSelectorErrors } from '../../objects/label-errors.ts'
import { dns1035LabelErrors, dns1123SubdomainErrors, pathSegmentErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { ExpressionCheck } from './expressions.ts'
import { FAILURE_POLICIES, matchConditionErrors, matchResourcesErrors, oneOf } from './rules-validation.ts'
import type {
  AuditAnnotation,
  BindingSpec,
  ParamKind,
  ParamRef,
  PolicySpec,
  PolicyStatus,
  Validation,
  Variable,
} from './types.ts'

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const ACTIONS = ['Audit', 'Deny', 'Warn']
const MOST_ANNOTATIONS = 20
/** Bytes. */
const LONGEST_ANNOTATION = 5 * 1024

export const policySpecOf = (object: ApiObject): PolicySpec => (object.spec ?? {}) as PolicySpec

export function policyErrors(object: ApiObject, old: ApiObject | undefined, check: ExpressionCheck): FieldError[] {
  const spec = policySpecOf(object)
  const { failurePolicy, paramKind, matchConstraints, variables = [] } = spec
  const before = old === undefined ? undefined : policySpecOf(old)
  const hasParams = paramKind !== undefined
  const errors: FieldError[] = []
  if (failurePolicy === undefined) errors.push(requiredValue('spec.failurePolicy'))
  errors.push(...oneOf('spec.failurePolicy', failurePolicy, FAILURE_POLICIES))
  if (paramKind !== undefined) errors.push(...paramKindErrors(paramKind, 'spec.paramKind'))
  if (matchConstraints === undefined) errors.push(requiredValue('spec.matchConstraints'))
  else {
    errors.push(...matchResourcesErrors(matchConstraints, 'spec.matchConstraints'))
    if ((matchConstraints.resourceRules ?? []).length === 0) {
      errors.push(requiredValue('spec.matchConstraints.resourceRules'))
    }
  }
  const sameConditions =
    before !== undefined &&
    semanticallyEqual(before.paramKind, paramKind) &&
    semanticallyEqual(before.matchConditions, spec.matchConditions)
  if (!sameConditions) {
    errors.push(...matchConditionErrors(spec.matchConditions, 'spec.matchConditions', hasParams, check))
  }
  variables.forEach((variable, index) => {
    const context = { use: 'variable', hasParams, variables: variables.slice(0, index) } as const
    errors.push(
      ...variableErrors(variable, `spec.variables[${index}]`, (expression, field) =>
        check.errors(expression, field, context),
      ),
    )
  })
  return [...errors, ...contentErrors(object, spec, check)]
}

function contentErrors(object: ApiObject, spec: PolicySpec, check: ExpressionCheck): FieldError[] {
  const { validations = [], auditAnnotations = [], variables = [] } = spec
  const hasParams = spec.paramKind !== undefined
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const why = 'validations or auditAnnotations must contain at least one item'
    return [requiredValue('spec.validations', why), requiredValue('spec.auditAnnotations', why)]
  }
  const checked = (use: 'validation' | 'message' | 'auditAnnotation') => (expression: string, field: string) =>
    check.errors(expression, field, { use, hasParams, variables })
  const errors = validations.flatMap((validation, index) =>
    validationErrors(validation, `spec.validations[${index}]`, checked('validation'), checked('message')),
  )
  if (auditAnnotations.length > MOST_ANNOTATIONS) {
    const shown = auditAnnotations.map(({ key, valueExpression }) => ({ Key: key, ValueExpression: valueExpression }))
    const why = `must not have more than ${MOST_ANNOTATIONS} auditAnnotations`
    errors.push(invalidValue('spec.auditAnnotations', shown, why))
  }
  const keys = new Set<string>()
  auditAnnotations.forEach((annotation, index) => {
    const at = `spec.auditAnnotations[${index}]`
    errors.push(...annotationErrors(object.metadata.name ?? '', annotation, at, checked('auditAnnotation')))
    if (keys.has(annotation.key)) errors.push(duplicateValue(`${at}.key`, annotation.key))
    keys.add(annotation.key)
  })
  return errors
}

type Check = (expression: string, field: string) => readonly FieldError[]

export function paramKindErrors({ apiVersion = '', kind = '' }: ParamKind, field: string): FieldError[] {
  const errors =
    apiVersion === '' ? [requiredValue(`${field}.apiVersion`)] : versionErrors(apiVersion, `${field}.apiVersion`)
  if (kind === '') return [...errors, requiredValue(`${field}.kind`)]
  const wrong = dns1035LabelErrors(kind.toLowerCase())
  if (wrong.length === 0) return errors
  const why = `may have mixed case, but should otherwise match: ${wrong.join(',')}`
  return [...errors, invalidValue(`${field}.kind`, kind, why)]
}

function versionErrors(apiVersion: string, field: string): FieldError[] {
  const parts = apiVersion === '/' ? ['', ''] : apiVersion.split('/')
  if (parts.length > 2) return [invalidValue(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
  const version = parts.at(-1) ?? ''
  const group = parts.length === 2 ? (parts[0] ?? '') : ''
  const wrongGroup = group === '' ? [] : dns1123SubdomainErrors(group)
  const errors = wrongGroup.length === 0 ? [] : [invalidValue(field, group, wrongGroup.join(','))]
  if (version === '') return [...errors, invalidValue(field, apiVersion, 'version must be specified')]
  const wrong = dns1035LabelErrors(version)
  return wrong.length === 0 ? errors : [...errors, invalidValue(field, version, wrong.join(','))]
}

const celIdentifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/
const celReserved: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

function variableErrors({ name, expression }: Variable, field: string, check: Check): FieldError[] {
  const errors: FieldError[] = []
  if (name.trim() === '') errors.push(requiredValue(`${field}.name`, 'name is not specified'))
  else if (!celIdentifier.test(name) || celReserved.has(name)) {
    errors.push(invalidValue(`${field}.name`, name, 'must be a valid CEL identifier'))
  }
  if (expression.trim() === '') {
    errors.push(requiredValue(`${field}.expression`, 'expression is not specified'))
  } else errors.push(...check(expression, `${field}.expression`))
  return errors
}

function validationErrors(validation: Validation, field: string, check: Check, checkMessage: Check): FieldError[] {
  const { expression, message = '', messageExpression = '', reason } = validation
  const errors: FieldError[] = []
  if (expression.trim() === '') {
    errors.push(requiredValue(`${field}.expression`, 'expression is not specified'))
  } else errors.push(...check(expression, `${field}.expression`))
  if (messageExpression !== '') {
    const at = `${field}.messageExpression`
    if (messageExpression.trim() === '') {
      errors.push(invalidValue(at, messageExpression, 'must be non-empty if specified'))
    } else errors.push(...checkMessage(messageExpression, at))
  }
  const trimmed = message.trim()
  if (message !== '' && trimmed === '') {
    errors.push(invalidValue(`${field}.message`, message, 'must be non-empty if specified'))
  } else if (/[\n\r]/.test(trimmed)) {
    errors.push(invalidValue(`${field}.message`, message, 'must not contain line breaks'))
  }
  return [...errors, ...oneOf(`${field}.reason`, reason, REASONS)]
}

function annotationErrors(name: string, annotation: AuditAnnotation, field: string, check: Check): FieldError[] {
  const { key, valueExpression } = annotation
  const errors =
    name === ''
      ? [invalidValue(`${field}.key`, key, 'requires metadata.name be non-empty')]
      : qualifiedName(`${field}.key`, `${name}/${key}`)
  const at = `${field}.valueExpression`
  const trimmed = valueExpression.trim()
  if (trimmed === '') return [...errors, requiredValue(at, 'valueExpression is not specified')]
  if (trimmed.length > LONGEST_ANNOTATION) {
    return [...errors, requiredValue(at, `must not exceed ${LONGEST_ANNOTATION} bytes in length`)]
  }
  return [...errors, ...check(trimmed, at)]
}

export function policyStatusErrors(object: ApiObject): FieldError[] {
  const { typeChecking, conditions } = (object.status ?? {}) as PolicyStatus
  const warnings = typeChecking?.expressionWarnings ?? []
  return [
    ...warnings.flatMap(({ fieldRef, warning }, index) => {
      const at = `status.typeChecking.expressionWarnings[${index}]`
      return [
        ...(warning === '' ? [requiredValue(`${at}.warning`)] : []),
        ...(fieldRef.trim() === '' ? [requiredValue(`${at}.fieldRef`)] : []),
      ]
    }),
    ...conditionErrors(conditions, 'status.conditions'),
  ]
}

export function policyBindingErrors(object: ApiObject): FieldError[] {
  const { policyName = '', paramRef, matchResources, validationActions = [] } = (object.spec ?? {}) as BindingSpec
  return [
    ...(policyName === ''
      ? [requiredValue('spec.policyName')]
      : invalidEach('spec.policyName', policyName, dns1123SubdomainErrors(policyName))),
    ...(paramRef === undefined ? [] : paramRefErrors(paramRef, 'spec.paramRef')),
    ...matchResourcesErrors(matchResources, 'spec.matchResources'),
    ...actionErrors(validationActions, 'spec.validationActions'),
  ]
}

function paramRefErrors(
  { name = '', selector, parameterNotFoundAction: action = '' }: ParamRef,
  field: string,
): FieldError[] {
  const both = name !== '' && selector !== undefined
  const why = 'name and selector are mutually exclusive'
  return [
    ...(name === '' ? [] : invalidEach(`${field}.name`, name, pathSegmentErrors(name))),
    ...(both ? [forbiddenField(`${field}.name`, why)] : []),
    ...labelSelectorErrors(selector, `${field}.selector`),
    ...(both ? [forbiddenField(`${field}.selector`, why)] : []),
    ...(name === '' && selector === undefined
      ? [requiredValue(field, 'one of name or selector must be specified')]
      : []),
    ...(action === ''
      ? [requiredValue(`${field}.parameterNotFoundAction`)]
      : oneOf(`${field}.parameterNotFoundAction`, action, ['Deny', 'Allow'])),
  ]
}

function actionErrors(actions: readonly string[], field: string): FieldError[] {
  const errors = actions.flatMap((action, index) => [
    ...(ACTIONS.includes(action) ? [] : [notSupported(`${field}[${index}]`, action, ACTIONS)]),
    ...(actions.indexOf(action) < index ? [duplicateValue(`${field}[${index}]`, action)] : []),
  ])
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const why =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'
    errors.push(invalidValue(field, actions, why))
  }
  if (actions.length === 0) errors.push(requiredValue(field, 'at least one validation action is required'))
  return errors
}
