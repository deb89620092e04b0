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

interface Told {
  readonly event: RegExp
  /** Only after one like this. */
  readonly after?: RegExp
  /** Why it is no behaviour. */
  readonly reason: string
}

const chance: readonly Told[] = [
  {
    event: /FailedMount: .*failed to sync (?:configmap|secret) cache: timed out/,
    reason: 'A kubelet that has much to do hears of a namespace’s ConfigMaps later than of its Pods.',
  },
  {
    event: /Unhealthy: Readiness probe failed: .*connect: connection refused/,
    reason: 'The first question may come before the program listens.',
  },
  {
    event: /Unhealthy: /,
    after: /Killing: Stopping container/,
    reason: 'Whether a probe falls into the end of a container is a matter of milliseconds.',
  },
]

/** Whether an event is left out wherever it was told; `told`: what the same component told of the object before. */
export const isChance = (event: string, told: readonly string[]): boolean =>
  chance.some((one) => one.event.test(event) && (one.after === undefined || told.some((text) => one.after?.test(text))))
