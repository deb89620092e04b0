/**
 * Of a facet's values, those that every run has. A controller that writes a status twice within a moment may as well write it once:
 * what was in between is then not seen. Such values are left out by the rules here, whether they were seen or not.
 */
export function passing(facet: string, values: readonly (string | number)[]): (string | number)[] {
  return values.every((value) => typeof value === 'number')
    ? extremes(values)
    : values.filter((_, i) => !isPassing(facet, values, i))
}

/** On a way up or down, only where it begins and ends: 0 1 2 3 2 3 is 0 3 2 3. */
function extremes(values: readonly number[]): number[] {
  return values.filter((value, index) => {
    const before = values[index - 1]
    const after = values[index + 1]
    return before === undefined || after === undefined || before < value !== value < after
  })
}

interface Rule {
  readonly facet: RegExp
  readonly value: RegExp
  /** What comes before it or after it, where that matters. */
  readonly before?: RegExp
  readonly after?: RegExp
}

const rules: readonly Rule[] = []

function isPassing(facet: string, values: readonly (string | number)[], index: number): boolean {
  const [before, value, after] = [values[index - 1], values[index], values[index + 1]].map((one) => String(one ?? ''))
  return rules.some(
    (rule) =>
      rule.facet.test(facet) &&
      rule.value.test(value ?? '') &&
      (rule.before?.test(before ?? '') ?? true) &&
      (rule.after?.test(after ?? '') ?? true),
  )
}
