import { type FieldError, forbiddenField, invalidValue, requiredValue } from '../objects/field-error.ts'
import { FieldSelector } from '../objects/field-selector.ts'
import { LabelSelector } from '../objects/label-selector.ts'
import { labelValueErrors, qualifiedNameErrors } from '../objects/names.ts'
import { type LabelOperator, requirementError } from '../objects/requirement.ts'

/** The selectors of an access review: RBAC knows none, so that only what is wrong with them matters (apiserver 1.34). */
export interface Selectors {
  readonly fieldSelector?: SelectorAttributes
  readonly labelSelector?: SelectorAttributes
}

interface SelectorAttributes {
  readonly rawSelector?: string
  readonly requirements?: readonly Requirement[]
}

interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

export function selectorErrors({ fieldSelector, labelSelector }: Selectors): FieldError[] {
  const at = 'spec.resourceAttributes'
  return [
    ...(fieldSelector === undefined ? [] : attributeErrors(fieldSelector, `${at}.fieldSelector`, fieldKeyErrors)),
    ...(labelSelector === undefined ? [] : attributeErrors(labelSelector, `${at}.labelSelector`, labelErrors)),
  ]
}

function attributeErrors(
  { rawSelector = '', requirements = [] }: SelectorAttributes,
  field: string,
  particular: (requirement: Requirement, field: string) => { before: FieldError[]; after: FieldError[] },
): FieldError[] {
  const errors: FieldError[] = []
  if (rawSelector !== '' && requirements.length > 0) {
    const detail = 'may not specified at the same time as requirements'
    errors.push(invalidValue(`${field}.rawSelector`, rawSelector, detail))
  }
  if (rawSelector === '' && requirements.length === 0) {
    const detail = `when ${field} is specified, requirements or rawSelector is required`
    errors.push(requiredValue(`${field}.requirements`, detail))
  }
  return errors.concat(
    requirements.flatMap((requirement, index) => {
      const at = `${field}.requirements[${index}]`
      const { before, after } = particular(requirement, at)
      return [...before, ...valueCountErrors(requirement, at), ...after]
    }),
  )
}

/** Operators that are not known are left to servers that know them. */
function valueCountErrors({ operator, values = [] }: Requirement, at: string): FieldError[] {
  if ((operator === 'In' || operator === 'NotIn') && values.length === 0) {
    return [requiredValue(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) {
    return [forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
  }
  return []
}

function fieldKeyErrors({ key }: Requirement, at: string) {
  return { before: key === '' ? [requiredValue(`${at}.key`, 'must be specified')] : [], after: [] }
}

function labelErrors({ key, values = [] }: Requirement, at: string) {
  const after = [
    ...qualifiedNameErrors(key).map((sentence) => invalidValue(`${at}.key`, key, sentence)),
    ...values.flatMap((value, index) =>
      labelValueErrors(value).map((sentence) => invalidValue(`${at}.values[${index}]`, value, sentence)),
    ),
  ]
  return { before: [], after }
}

/** What upstream's status says of selectors that it cannot read. */
export function selectorWarnings({ fieldSelector, labelSelector }: Selectors): string {
  const texts = [
    ignored('fieldSelector', fieldSelector, FieldSelector.parse, isFieldRequirement),
    ignored('labelSelector', labelSelector, LabelSelector.parse, isLabelRequirement),
  ]
  return texts.filter((text) => text !== undefined).join('; ')
}

function ignored(
  name: string,
  selector: SelectorAttributes | undefined,
  parse: (text: string) => unknown,
  known: (requirement: Requirement) => boolean,
): string | undefined {
  if (selector === undefined) return undefined
  const { rawSelector = '', requirements = [] } = selector
  const good = requirements.length > 0 ? requirements.filter(known).length : Number(parses(parse, rawSelector))
  if (good === (requirements.length || 1)) return undefined
  return `spec.resourceAttributes.${name} ${good > 0 ? 'partially ignored' : 'ignored'} due to parse error`
}

function parses(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text)
    return true
  } catch {
    return false
  }
}

const isFieldRequirement = ({ operator, values = [] }: Requirement): boolean =>
  (operator === 'In' || operator === 'NotIn') && values.length === 1

const operators: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
}

function isLabelRequirement({ key, operator, values = [] }: Requirement): boolean {
  const known = operators[operator]
  return known !== undefined && requirementError({ key, operator: known, values }) === undefined
}
