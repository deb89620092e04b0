import { compareText, type Labels } from '../objects/requirement.ts'

/** `labels.FormatLabels`: what stands in cells for labels and selectors of them. */
export function labelsText(labels: Labels | undefined): string {
  const pairs = Object.entries(labels ?? {}).sort(([left], [right]) => compareText(left, right))
  return pairs.length === 0 ? '<none>' : pairs.map(([key, value]) => `${key}=${value}`).join(',')
}
