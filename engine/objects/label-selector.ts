import { goQuote } from './go-quote.ts'
import { parseRequirements } from './label-selector-parser.ts'
import {
  compareText,
  formatRequirement,
  type LabelOperator,
  type LabelRequirement,
  type Labels,
  requirementError,
  requirementMatches,
} from './requirement.ts'

/** The `metav1.LabelSelector` object: all of its labels and expressions must hold; empty selects everything. */
export interface LabelSelectorObject {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly LabelSelectorExpression[]
}

export interface LabelSelectorExpression {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

/** Requirements that must all hold, ordered by key; or nothing at all can match. */
export class LabelSelector {
  static readonly everything = new LabelSelector([], false)
  static readonly nothing = new LabelSelector([], true)

  readonly requirements: readonly LabelRequirement[]
  private readonly none: boolean

  private constructor(requirements: readonly LabelRequirement[], none: boolean) {
    this.requirements = requirements
    this.none = none
  }

  static of(requirements: readonly LabelRequirement[]): LabelSelector {
    return new LabelSelector(
      requirements.toSorted((left, right) => compareText(left.key, right.key)),
      false,
    )
  }

  /** The string form, `app=web,tier in (a,b),!legacy`. @throws Error with upstream's sentence. */
  static parse(text: string): LabelSelector {
    return text === '' ? LabelSelector.everything : LabelSelector.of(parseRequirements(text))
  }

  /** Exactly these labels, unchecked; none selects everything. */
  static ofLabels(labels: Labels | undefined): LabelSelector {
    return LabelSelector.of(
      Object.entries(labels ?? {}).map(([key, value]) => ({ key, operator: '=', values: [value] })),
    )
  }

  /** As `LabelSelectorAsSelector`: no object selects nothing, an empty one everything. @throws Error with upstream's sentence. */
  static fromObject(selector: LabelSelectorObject | undefined | null): LabelSelector {
    if (selector === undefined || selector === null) return LabelSelector.nothing
    const requirements: LabelRequirement[] = []
    for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
      requirements.push(checked({ key, operator: '=', values: [value] }))
    }
    for (const { key, operator, values } of selector.matchExpressions ?? []) {
      const known = objectOperators.get(operator)
      if (known === undefined) throw new Error(`${goQuote(operator)} is not a valid label selector operator`)
      requirements.push(checked({ key, operator: known, values: values ?? [] }))
    }
    return LabelSelector.of(requirements)
  }

  matches(labels: Labels | undefined): boolean {
    if (this.none) return false
    const own = labels ?? noLabels
    for (const requirement of this.requirements) if (!requirementMatches(requirement, own)) return false
    return true
  }

  /** Whether it lets everything through. */
  isEmpty(): boolean {
    return !this.none && this.requirements.length === 0
  }

  isNothing(): boolean {
    return this.none
  }

  /** The one value that it asks of a label, if it asks for one: what an index can be looked up with. */
  exactValue(key: string): string | undefined {
    const requirement = this.requirements.find((one) => one.key === key)
    if (requirement === undefined || !['=', '==', 'in'].includes(requirement.operator)) return undefined
    return requirement.values.length === 1 ? requirement.values[0] : undefined
  }

  and(...requirements: readonly LabelRequirement[]): LabelSelector {
    return this.none ? this : LabelSelector.of([...this.requirements, ...requirements])
  }

  /** As `labels.Selector.String`: what `scale`'s status carries. */
  toString(): string {
    return this.requirements.map(formatRequirement).join(',')
  }
}

const noLabels: Labels = {}

const objectOperators: ReadonlyMap<string, LabelOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
])

/** As `metav1.FormatLabelSelector`: what kubectl shows for a selector. */
export function formatLabelSelector(selector: LabelSelectorObject | undefined | null): string {
  try {
    const text = LabelSelector.fromObject(selector).toString()
    return text === '' ? '<none>' : text
  } catch {
    return '<error>'
  }
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const error = requirementError(requirement)
  if (error !== undefined) throw new Error(error)
  return requirement
}
