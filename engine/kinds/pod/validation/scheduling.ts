import { invalidEach } from '../../../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../../objects/field-error.ts'
import { labelSelectorErrors } from '../../../objects/label-errors.ts'
import type { LabelSelectorObject } from '../../../objects/label-selector.ts'
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../../../objects/names.ts'
import type {
  Affinity,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  SpreadConstraint,
  Toleration,
} from '../types.ts'
import { oneOf, positive } from './checks.ts'

const required = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'

/** What an update takes over from what it updates, though it would not be let in today. */
export interface Leniency {
  readonly invalidSelectors?: boolean
  readonly invalidNodeValues?: boolean
  readonly invalidSpreadSelectors?: boolean
}

export function affinityErrors(affinity: Affinity | undefined, field: string, lenient: Leniency = {}): FieldError[] {
  if (affinity === undefined) return []
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  return [
    ...(nodeAffinity === undefined ? [] : nodeAffinityErrors(nodeAffinity, `${field}.nodeAffinity`, lenient)),
    ...(podAffinity === undefined ? [] : podAffinityErrors(podAffinity, `${field}.podAffinity`, lenient)),
    ...(podAntiAffinity === undefined ? [] : podAffinityErrors(podAntiAffinity, `${field}.podAntiAffinity`, lenient)),
  ]
}

function nodeAffinityErrors(affinity: NodeAffinity, field: string, lenient: Leniency): FieldError[] {
  const selector = affinity[required]
  return [
    ...(selector === undefined
      ? []
      : nodeSelectorErrors(selector, `${field}.${required}`, lenient.invalidNodeValues ?? false)),
    ...(affinity[preferred] ?? []).flatMap(({ weight, preference }, index) => {
      const at = `${field}.${preferred}[${index}]`
      return [...weightErrors(weight, `${at}.weight`), ...nodeTermErrors(preference, `${at}.preference`, true)]
    }),
  ]
}

const weightErrors = (weight: number, field: string): FieldError[] =>
  weight > 0 && weight <= 100 ? [] : [invalidValue(field, weight, 'must be in the range 1-100')]

/** `ValidateNodeSelector`. */
export function nodeSelectorErrors(selector: NodeSelector, field: string, anyValue = false): FieldError[] {
  const terms = selector.nodeSelectorTerms ?? []
  const at = `${field}.nodeSelectorTerms`
  if (terms.length === 0) return [requiredValue(at, 'must have at least one node selector term')]
  return terms.flatMap((term, index) => nodeTermErrors(term, `${at}[${index}]`, anyValue))
}

function nodeTermErrors(term: NodeSelectorTerm, field: string, anyValue: boolean): FieldError[] {
  return [
    ...(term.matchExpressions ?? []).flatMap((requirement, index) =>
      expressionErrors(requirement, `${field}.matchExpressions[${index}]`, anyValue),
    ),
    ...(term.matchFields ?? []).flatMap((requirement, index) =>
      fieldErrors(requirement, `${field}.matchFields[${index}]`),
    ),
  ]
}

function expressionErrors(requirement: NodeSelectorRequirement, field: string, anyValue: boolean): FieldError[] {
  const { key, operator, values = [] } = requirement
  return [
    ...operatorErrors(operator, values, field),
    ...invalidEach(`${field}.key`, key, qualifiedNameErrors(key)),
    ...(anyValue
      ? []
      : values.flatMap((value, index) => invalidEach(`${field}.values[${index}]`, value, labelValueErrors(value)))),
  ]
}

function operatorErrors(operator: string, values: readonly string[], field: string): FieldError[] {
  const at = `${field}.values`
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return []
      return [requiredValue(at, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) return []
      return [forbiddenField(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    case 'Gt':
    case 'Lt':
      if (values.length === 1) return []
      return [requiredValue(at, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
    default:
      return [invalidValue(`${field}.operator`, operator, 'not a valid selector operator')]
  }
}

function fieldErrors({ key, operator, values = [] }: NodeSelectorRequirement, field: string): FieldError[] {
  const errors: FieldError[] = []
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalidValue(`${field}.operator`, operator, 'not a valid selector operator'))
  } else if (values.length !== 1) {
    const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
    errors.push(requiredValue(`${field}.values`, why))
  }
  if (key !== 'metadata.name') {
    return [...errors, invalidValue(`${field}.key`, key, 'not a valid field selector key')]
  }
  return [
    ...errors,
    ...values.flatMap((value, index) => invalidEach(`${field}.values[${index}]`, value, dns1123SubdomainErrors(value))),
  ]
}

function podAffinityErrors(affinity: PodAffinity, field: string, lenient: Leniency): FieldError[] {
  return [
    ...(affinity[required] ?? []).flatMap((term, index) =>
      podTermErrors(term, `${field}.${required}[${index}]`, lenient),
    ),
    ...(affinity[preferred] ?? []).flatMap(({ weight, podAffinityTerm }, index) => {
      const at = `${field}.${preferred}[${index}]`
      return [
        ...weightErrors(weight, `${at}.weight`),
        ...podTermErrors(podAffinityTerm, `${at}.podAffinityTerm`, lenient),
      ]
    }),
  ]
}

function podTermErrors(term: PodAffinityTerm, field: string, lenient: Leniency): FieldError[] {
  const { labelSelector, namespaceSelector, topologyKey } = term
  return [
    ...selectorErrors(labelSelector, `${field}.labelSelector`, lenient.invalidSelectors),
    ...selectorErrors(namespaceSelector, `${field}.namespaceSelector`, lenient.invalidSelectors),
    ...(term.namespaces ?? []).flatMap((name) => invalidEach(`${field}.namespace`, name, dns1123LabelErrors(name))),
    ...labelKeysErrors(term.matchLabelKeys, term.mismatchLabelKeys, labelSelector, field),
    ...(topologyKey === '' ? [requiredValue(`${field}.topologyKey`, 'can not be empty')] : []),
    ...invalidEach(`${field}.topologyKey`, topologyKey, qualifiedNameErrors(topologyKey)),
  ]
}

/** `lenient`: values of expressions that are no labels' are let pass. */
function selectorErrors(
  selector: LabelSelectorObject | undefined,
  field: string,
  lenient: boolean | undefined,
): FieldError[] {
  const errors = labelSelectorErrors(selector, field)
  return lenient === true ? errors.filter((error) => !/\.values\[\d+\]$/.test(error.field)) : errors
}

function labelKeysErrors(
  matched: readonly string[] = [],
  mismatched: readonly string[] = [],
  selector: LabelSelectorObject | undefined,
  field: string,
): FieldError[] {
  const errors = [
    ...oneLabelKeysErrors(matched, selector, `${field}.matchLabelKeys`),
    ...oneLabelKeysErrors(mismatched, selector, `${field}.mismatchLabelKeys`),
  ]
  const inSelector = new Set(Object.keys(selector?.matchLabels ?? {}))
  for (const { key } of selector?.matchExpressions ?? []) {
    const index = matched.lastIndexOf(key)
    if (index >= 0 && inSelector.has(key)) {
      errors.push(invalidValue(`${field}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector'))
    }
    inSelector.add(key)
  }
  for (const [index, key] of matched.entries()) {
    if (!mismatched.includes(key)) continue
    const why = 'exists in both matchLabelKeys and mismatchLabelKeys'
    errors.push(invalidValue(`${field}.matchLabelKeys[${index}]`, key, why))
  }
  return errors
}

function oneLabelKeysErrors(
  keys: readonly string[],
  selector: LabelSelectorObject | undefined,
  field: string,
): FieldError[] {
  if (keys.length === 0) return []
  if (selector === undefined) return [forbiddenField(field, 'must not be specified when labelSelector is not set')]
  return keys.flatMap((key, index) => invalidEach(`${field}[${index}]`, key, qualifiedNameErrors(key)))
}

const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** `ValidateTolerations`. */
export function tolerationErrors(tolerations: readonly Toleration[] | undefined, field: string): FieldError[] {
  return (tolerations ?? []).flatMap(
    ({ key = '', operator = '', value = '', effect = '', tolerationSeconds }, index) => {
      const at = `${field}[${index}]`
      const errors = key === '' ? [] : invalidEach(`${at}.key`, key, qualifiedNameErrors(key))
      if (key === '' && operator !== 'Exists') {
        const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        errors.push(invalidValue(`${at}.operator`, operator, why))
      }
      if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
        errors.push(invalidValue(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
      }
      if (operator === 'Equal' || operator === '') {
        const wrong = labelValueErrors(value)
        if (wrong.length > 0) errors.push(invalidValue(`${at}.operator`, value, wrong.join(';')))
      } else if (operator !== 'Exists') {
        errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']))
      } else if (value !== '') {
        errors.push(invalidValue(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"))
      }
      return effect === '' ? errors : [...errors, ...oneOf(`${at}.effect`, effect, taintEffects)]
    },
  )
}

export function spreadErrors(
  constraints: readonly SpreadConstraint[] = [],
  field: string,
  lenient: Leniency = {},
): FieldError[] {
  return constraints.flatMap((constraint, index) => {
    const at = `${field}[${index}]`
    const { topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint
    const again = constraints
      .slice(index + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable)
    return [
      ...positive(`${at}.maxSkew`, constraint.maxSkew),
      ...(topologyKey === '' ? [requiredValue(`${at}.topologyKey`, 'can not be empty')] : []),
      ...oneOf(`${at}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']),
      ...(again
        ? [duplicateValue(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`)]
        : []),
      ...minDomainsErrors(minDomains, whenUnsatisfiable, `${at}.minDomains`),
      ...inclusionErrors(constraint.nodeAffinityPolicy, `${at}.nodeAffinityPolicy`),
      ...inclusionErrors(constraint.nodeTaintsPolicy, `${at}.nodeTaintsPolicy`),
      ...labelKeysErrors(constraint.matchLabelKeys, [], labelSelector, at),
      ...(lenient.invalidSpreadSelectors ? [] : labelSelectorErrors(labelSelector, `${at}.labelSelector`)),
    ]
  })
}

function minDomainsErrors(domains: number | undefined, action: string, field: string): FieldError[] {
  if (domains === undefined) return []
  const errors = positive(field, domains)
  if (action === 'DoNotSchedule') return errors
  const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
  return [...errors, invalidValue(field, domains, why)]
}

const inclusionErrors = (policy: string | undefined, field: string): FieldError[] =>
  policy === undefined ? [] : oneOf(field, policy, ['Honor', 'Ignore'])
