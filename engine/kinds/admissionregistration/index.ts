import { deepEqual } from '../../objects/equal.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { defineKind, type Schemas } from '../define.ts'
import { KEPT_METADATA } from '../kept-metadata.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'
import { defaultBinding, defaultPolicy, defaultWebhooks } from './defaults.ts'
import { type ExpressionCheck, unchecked } from './expressions.ts'
import { policyBindingErrors, policyErrors, policySpecOf, policyStatusErrors } from './policy-validation.ts'
import type { BindingSpec } from './types.ts'
import { webhookConfigurationErrors, webhooksOf } from './webhook-validation.ts'

const group = 'admissionregistration.k8s.io'
const version = 'v1'

const webhooksPrinter: Printer = {
  columns: [nameColumn, column('Webhooks', 'integer', 'How many webhooks it has.'), ageColumn],
  cells: (object, now) => [
    object.metadata.name,
    webhooksOf(object).length,
    age(object.metadata.creationTimestamp, now),
  ],
}

const policyPrinter: Printer = {
  columns: [
    nameColumn,
    column('Validations', 'integer', 'How many validations it has.'),
    column('ParamKind', 'string', 'The kind of its parameters.'),
    ageColumn,
  ],
  cells(object, now) {
    const { validations = [], paramKind } = policySpecOf(object)
    return [
      object.metadata.name,
      validations.length,
      paramKind === undefined ? '<unset>' : `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}`,
      age(object.metadata.creationTimestamp, now),
    ]
  },
}

const bindingPrinter: Printer = {
  columns: [
    nameColumn,
    column('PolicyName', 'string', 'The policy that it puts to work.'),
    column('ParamRef', 'string', 'The parameters with which it does.'),
    ageColumn,
  ],
  cells(object, now) {
    const { policyName = '', paramRef } = (object.spec ?? {}) as BindingSpec
    return [object.metadata.name, policyName, paramText(paramRef), age(object.metadata.creationTimestamp, now)]
  },
}

function paramText(reference: BindingSpec['paramRef']): string {
  const { name = '', namespace = '', selector } = reference ?? {}
  if (name !== '') return `${namespace === '' ? '*' : namespace}/${name}`
  return selector === undefined ? '<unset>' : selectorText(selector)
}

/** As Go's `String()` of the generated type prints it. */
function selectorText({
  matchLabels = {},
  matchExpressions = [],
}: NonNullable<NonNullable<BindingSpec['paramRef']>['selector']>): string {
  const labels = Object.keys(matchLabels)
    .sort()
    .map((key) => `${key}: ${matchLabels[key]},`)
    .join('')
  const expressions = matchExpressions
    .map(
      ({ key, operator, values = [] }) =>
        `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
    )
    .join('')
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${expressions}},}`
}

/** `check` looks at expressions; without it they are stored as they are. */
export function resources(schemas: Schemas, check: ExpressionCheck = unchecked): readonly ResourceDefinition[] {
  const webhooks = (kind: string, resource: string, defaults: (object: NewObject) => NewObject) =>
    defineKind(schemas, {
      group,
      version,
      kind,
      resource,
      metadataChecks: { again: 1, onChange: false },
      namespaced: false,
      unconditionalUpdate: false,
      default: defaults,
      changesGeneration: (object, old) => !deepEqual(object.webhooks, old.webhooks),
      validate: (object) => webhookConfigurationErrors(object, undefined, check),
      validateUpdate: (object: ApiObject, old: ApiObject) => webhookConfigurationErrors(object, old, check),
      printer: webhooksPrinter,
    })
  return [
    webhooks(
      'MutatingWebhookConfiguration',
      'mutatingwebhookconfigurations',
      defaultWebhooks({ reinvocationPolicy: 'Never' }),
    ),
    webhooks('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', defaultWebhooks({})),
    defineKind(schemas, {
      group,
      version,
      kind: 'ValidatingAdmissionPolicy',
      resource: 'validatingadmissionpolicies',
      metadataChecks: { again: 1, onChange: false },
      namespaced: false,
      unconditionalUpdate: false,
      default: defaultPolicy,
      changesGeneration: true,
      validate: (object) => policyErrors(object, undefined, check),
      validateUpdate: (object, old) => policyErrors(object, old, check),
      status: { keeps: ['spec', ...KEPT_METADATA], validateUpdate: policyStatusErrors },
      printer: policyPrinter,
    }),
    defineKind(schemas, {
      group,
      version,
      kind: 'ValidatingAdmissionPolicyBinding',
      resource: 'validatingadmissionpolicybindings',
      metadataChecks: { again: 1, onChange: false },
      namespaced: false,
      unconditionalUpdate: false,
      default: defaultBinding,
      changesGeneration: true,
      validate: policyBindingErrors,
      printer: bindingPrinter,
    }),
  ]
}
