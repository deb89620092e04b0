import { immutable } from '../../objects/field-checks.ts'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../objects/field-error.ts'
import { labelSelectorErrors } from '../../objects/label-errors.ts'
import { formatLabelSelector, LabelSelector, type LabelSelectorObject } from '../../objects/label-selector.ts'
import { dns1123LabelErrors } from '../../objects/names.ts'
import type { Labels } from '../../objects/requirement.ts'
import type { ApiObject } from '../../objects/types.ts'
import { column } from '../printers.ts'
import type { Container, PodTemplateSpec } from './types.ts'
import { podWarnings } from './warnings.ts'

/** What controllers of Pods have in common: a selector, and a template that it selects. */

/** In the order in which Go writes the fields and keys. */
export function shownSelector(selector: LabelSelectorObject | undefined | null): unknown {
  if (selector == null) return null
  const { matchLabels, matchExpressions } = selector
  return {
    ...(matchLabels === undefined ? {} : { matchLabels: shownLabels(matchLabels) }),
    ...(matchExpressions === undefined
      ? {}
      : {
          matchExpressions: matchExpressions.map(({ key, operator, values }) => ({
            key,
            operator,
            ...(values === undefined ? {} : { values }),
          })),
        }),
  }
}

export function shownLabels(labels: Labels | undefined): unknown {
  if (labels === undefined) return null
  return Object.fromEntries(Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1)))
}

export function isEmptySelector({ matchLabels, matchExpressions }: LabelSelectorObject): boolean {
  return Object.keys(matchLabels ?? {}).length + (matchExpressions?.length ?? 0) === 0
}

/** Undefined where it cannot be read. */
export function readSelector(selector: LabelSelectorObject | undefined | null): LabelSelector | undefined {
  try {
    return LabelSelector.fromObject(selector)
  } catch {
    return undefined
  }
}

/** `of`: the kind in the message about selectors that select everything. */
export function selectorErrors(
  selector: LabelSelectorObject | undefined | null,
  field: string,
  of: string,
): FieldError[] {
  if (selector == null) return [requiredValue(field)]
  const errors = labelSelectorErrors(selector, field)
  if (!isEmptySelector(selector)) return errors
  return [...errors, invalidValue(field, shownSelector(selector), `empty selector is invalid for ${of}`)]
}

export function mismatchErrors(
  selector: { matches(labels: Labels | undefined): boolean; isEmpty(): boolean },
  template: PodTemplateSpec,
  field: string,
): FieldError[] {
  const labels = template.metadata?.labels
  if (selector.isEmpty() || selector.matches(labels)) return []
  const why = '`selector` does not match template `labels`'
  return [invalidValue(`${field}.metadata.labels`, shownLabels(labels), why)]
}

/** Pods that are to run on and on are restarted, and have no deadline. `of`: the kind in the message. */
export function runsOnErrors({ spec }: PodTemplateSpec, field: string, of: string): FieldError[] {
  const errors: FieldError[] = []
  if (spec.restartPolicy !== 'Always') {
    errors.push(notSupported(`${field}.spec.restartPolicy`, spec.restartPolicy ?? '', ['Always']))
  }
  if (spec.activeDeadlineSeconds !== undefined) {
    const why = `activeDeadlineSeconds in ${of} is not Supported`
    errors.push(forbiddenField(`${field}.spec.activeDeadlineSeconds`, why))
  }
  return errors
}

export function immutableSelector(
  now: LabelSelectorObject | undefined | null,
  before: LabelSelectorObject | undefined | null,
): FieldError[] {
  return immutable('spec.selector', now, before, shownSelector(now))
}

/** Counts of a status that cannot be below nothing; absent ones are nothing. */
export function countErrors(status: Readonly<Record<string, unknown>>, ...counts: readonly string[]): FieldError[] {
  return counts.flatMap((count) => {
    const value = countOf(status, count)
    if (value >= 0) return []
    return [invalidValue(`status.${count}`, value, 'must be greater than or equal to 0')]
  })
}

export function atMost(
  status: Readonly<Record<string, unknown>>,
  counts: readonly string[],
  most: string,
  why: string,
): FieldError[] {
  return counts
    .filter((count) => countOf(status, count) > countOf(status, most))
    .map((count) => invalidValue(`status.${count}`, countOf(status, count), why))
}

const countOf = (status: Readonly<Record<string, unknown>>, count: string): number => Number(status[count] ?? 0)

/** Collisions of names are counted up only. */
export function collisionErrors(
  now: Readonly<Record<string, unknown>>,
  before: Readonly<Record<string, unknown>>,
): FieldError[] {
  const { collisionCount: next } = now
  const { collisionCount: last } = before
  if (last === undefined || (next !== undefined && Number(next) >= Number(last))) return []
  return [invalidValue('status.collisionCount', Number(next ?? 0), 'cannot be decremented')]
}

export const statusOf = (object: ApiObject): Readonly<Record<string, unknown>> =>
  (object.status ?? {}) as Readonly<Record<string, unknown>>

export const containerColumns = [
  column('Containers', 'string', 'Names of the containers in the template.', 'wide'),
  column('Images', 'string', 'Images of the containers in the template.', 'wide'),
] as const
export const selectorColumn = column('Selector', 'string', 'Which Pods belong to the object.', 'wide')

export function containerCells(containers: readonly Container[] | null | undefined): [names: string, images: string] {
  const list = containers ?? []
  return [list.map(({ name }) => name).join(','), list.map(({ image = '' }) => image).join(',')]
}

export function selectorText(selector: LabelSelectorObject | undefined): string {
  return formatLabelSelector(selector)
}

/** Of an object whose name becomes part of its Pods' names. */
export function podNameWarnings({ metadata }: ApiObject): string[] {
  const wrong = dns1123LabelErrors(metadata.name)
  if (wrong.length === 0) return []
  const start = 'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior;'
  return [`${start} a DNS label is recommended: [${wrong.join(' ')}]`]
}

export function templateWarnings(template: PodTemplateSpec | undefined, field: string): string[] {
  return template === undefined ? [] : podWarnings(template.spec, template.metadata?.annotations ?? {}, field)
}

/** Of a new object, and of a changed one whose generation went up. */
export function onNewOrChanged(
  object: ApiObject,
  old: ApiObject | undefined,
  warnings: (isNew: boolean) => readonly string[],
): readonly string[] {
  if (old === undefined) return warnings(true)
  return object.metadata.generation === old.metadata.generation ? [] : warnings(false)
}
