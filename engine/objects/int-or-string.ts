/** A port by number or name, a count or a percentage: apimachinery's `intstr`. */
export type IntOrString = number | string

const integer = /^[+-]?[0-9]+$/

/** From a command line or a query: a number if it is an int32, else the text. */
export function parseIntOrString(text: string): IntOrString {
  if (!integer.test(text)) return text
  const value = Number(text)
  return value >= -2147483648 && value <= 2147483647 ? value : text
}

/** The percentage that a string states, undefined if it states none. */
export function percentage(value: IntOrString): number | undefined {
  if (typeof value === 'number' || !value.endsWith('%')) return undefined
  const digits = value.slice(0, -1)
  return integer.test(digits) ? Number(digits) : undefined
}

/**
 * A count as it is, a percentage of `total` rounded up or down.
 * @throws Error in upstream's words where a string is no percentage.
 */
export function scaledValue(value: IntOrString, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const percent = percentage(value)
  if (percent === undefined) throw new Error(`invalid value for IntOrString: ${whyNoPercentage(value)}`)
  const scaled = (percent * total) / 100
  return rounding === 'up' ? Math.ceil(scaled) : Math.floor(scaled)
}

function whyNoPercentage(value: string): string {
  if (!value.endsWith('%')) return 'invalid type: string is not a percentage'
  return `invalid value ${JSON.stringify(value)}: strconv.Atoi: parsing ${JSON.stringify(value.slice(0, -1))}: invalid syntax`
}
