import { deepEqual } from '../../objects/equal.ts'
import { invalidEach } from '../../objects/field-checks.ts'
import { duplicateValue, type FieldError, invalidValue, requiredValue } from '../../objects/field-error.ts'
import { labelSelectorErrors } from '../../objects/label-errors.ts'
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'
import { webhookServiceErrors, webhookUrlErrors } from '../../objects/webhook-errors.ts'
import type { ExpressionCheck } from './expressions.ts'
import { FAILURE_POLICIES, MATCH_POLICIES, matchConditionErrors, oneOf, ruleErrors } from './rules-validation.ts'
import type { Webhook } from './types.ts'

const REVIEW_VERSIONS = ['v1', 'v1beta1']
const SIDE_EFFECTS = ['None', 'NoneOnDryRun']
const REINVOCATION_POLICIES = ['IfNeeded', 'Never']
/** Seconds. */
const LONGEST_TIMEOUT = 30

export const webhooksOf = (object: ApiObject): readonly Webhook[] => (object.webhooks ?? []) as readonly Webhook[]

/** Of both kinds of configurations. Conditions that stay as they are, are not looked at again. */
export function webhookConfigurationErrors(
  object: ApiObject,
  old: ApiObject | undefined,
  check: ExpressionCheck,
): FieldError[] {
  const hooks = webhooksOf(object)
  const before = old === undefined ? [] : webhooksOf(old)
  const sameConditions =
    old !== undefined &&
    hooks.length === before.length &&
    hooks.every((hook, index) => deepEqual(hook.matchConditions, before[index]?.matchConditions))
  const names = new Set<string>()
  return hooks.flatMap((hook, index) => {
    const at = `webhooks[${index}]`
    const errors = [...webhookErrors(hook, at)]
    if (!sameConditions) {
      errors.push(...matchConditionErrors(hook.matchConditions, `${at}.matchConditions`, false, check))
    }
    errors.push(...reviewVersionErrors(hook.admissionReviewVersions ?? [], `${at}.admissionReviewVersions`))
    if (hook.name !== '' && names.has(hook.name)) errors.push(duplicateValue(`${at}.name`, hook.name))
    names.add(hook.name)
    return errors
  })
}

function webhookErrors(hook: Webhook, field: string): FieldError[] {
  const { sideEffects, timeoutSeconds: seconds, clientConfig } = hook
  return [
    ...qualifiedDomainErrors(hook.name, `${field}.name`),
    ...(hook.rules ?? []).flatMap((rule, index) => ruleErrors(rule, `${field}.rules[${index}]`)),
    ...oneOf(`${field}.failurePolicy`, hook.failurePolicy, FAILURE_POLICIES),
    ...oneOf(`${field}.matchPolicy`, hook.matchPolicy, MATCH_POLICIES),
    ...(sideEffects === undefined || sideEffects === null
      ? [requiredValue(`${field}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`)]
      : oneOf(`${field}.sideEffects`, sideEffects, SIDE_EFFECTS)),
    ...(seconds !== undefined && (seconds < 1 || seconds > LONGEST_TIMEOUT)
      ? [invalidValue(`${field}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds')]
      : []),
    ...labelSelectorErrors(hook.namespaceSelector, `${field}.namespaceSelector`),
    ...labelSelectorErrors(hook.objectSelector, `${field}.objectSelector`),
    ...oneOf(`${field}.reinvocationPolicy`, hook.reinvocationPolicy, REINVOCATION_POLICIES),
    ...clientErrors(clientConfig, `${field}.clientConfig`),
  ]
}

function clientErrors({ url, service }: Webhook['clientConfig'], field: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) {
    return [requiredValue(field, 'exactly one of url or service is required')]
  }
  if (url !== undefined) return webhookUrlErrors(url, `${field}.url`)
  // Upstream hands over name and namespace the wrong way round: what is missing is called by the other's name.
  return service === undefined
    ? []
    : webhookServiceErrors({ ...service, name: service.namespace, namespace: service.name }, `${field}.service`)
}

/** A domain with at least three labels. */
function qualifiedDomainErrors(name: string, field: string): FieldError[] {
  if (name === '') return [requiredValue(field)]
  const wrong = dns1123SubdomainErrors(name)
  if (wrong.length > 0) return [invalidValue(field, name, wrong.join(','))]
  if (name.split('.').length >= 3) return []
  return [invalidValue(field, name, 'should be a domain with at least three segments separated by dots')]
}

function reviewVersionErrors(versions: readonly string[], field: string): FieldError[] {
  const accepted = REVIEW_VERSIONS.join(', ')
  if (versions.length === 0) return [requiredValue(field, `must specify one of ${accepted}`)]
  const errors = versions.flatMap((version, index) =>
    versions.indexOf(version) < index
      ? [invalidValue(`${field}[${index}]`, version, 'duplicate version')]
      : invalidEach(`${field}[${index}]`, version, dns1035LabelErrors(version)),
  )
  if (versions.some((version) => REVIEW_VERSIONS.includes(version))) return errors
  return [...errors, invalidValue(field, versions, `must include at least one of ${accepted}`)]
}
