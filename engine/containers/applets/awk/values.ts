import { formatted } from '../printf.ts'

/** A text from outside (a field, `getline`, `-v`) that looks like a number: compared as one. */
export class Numeric {
  readonly text: string
  readonly value: number

  constructor(text: string, value: number) {
    this.text = text
    this.value = value
  }
}

/** Undefined: a variable that was never set, 0 and '' at once. */
export type Value = string | number | Numeric | undefined

export const fromOutside = (text: string): Value =>
  /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/.test(text) ? new Numeric(text, Number(text)) : text

export function numberOf(value: Value): number {
  if (typeof value === 'number') return value
  if (value === undefined) return 0
  if (typeof value !== 'string') return value.value
  return Number(/^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(value)?.[1] ?? 0)
}

export function textOf(value: Value, format = '%.6g'): string {
  if (typeof value === 'string') return value
  if (value === undefined) return ''
  if (typeof value !== 'number') return value.text
  return Number.isInteger(value) && Math.abs(value) < 1e18
    ? String(value === 0 ? 0 : BigInt(value))
    : printed(format, [value])
}

export function truthOf(value: Value): boolean {
  if (typeof value === 'string') return value !== ''
  return numberOf(value) !== 0
}

export function compared(left: Value, right: Value): number {
  if (typeof left !== 'string' && typeof right !== 'string') return numberOf(left) - numberOf(right)
  const [a, b] = [textOf(left), textOf(right)]
  return a < b ? -1 : a > b ? 1 : 0
}

/** awk's `sprintf`. */
export function printed(format: string, args: readonly Value[]): string {
  let at = 0
  return format.replace(
    /%(?:%|([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+)?)?[hlLqjzt]*([a-zA-Z]))/g,
    (whole: string, flags: string | undefined, width?: string, precision?: string, kind?: string) => {
      if (kind === undefined || flags === undefined) return '%'
      const wide = width === '*' ? numberOf(args[at++]) : Number(width ?? 0)
      const exact = precision === '*' ? numberOf(args[at++]) : whole.includes('.') ? Number(precision ?? 0) : undefined
      const value = args[at++]
      let text: string
      if (kind === 'c') text = typeof value === 'number' ? String.fromCharCode(value) : (textOf(value)[0] ?? '')
      else if (kind === 's') text = textOf(value).slice(0, exact)
      else {
        const number = numberOf(value)
        const whole = 'diouxX'.includes(kind)
        text =
          Number.isFinite(number) || !whole
            ? formatted(
                kind,
                flags,
                exact,
                whole ? String(BigInt(Math.trunc(number))) : String(number).replace('Infinity', 'inf'),
                [],
              )
            : String(number).replace('Infinity', 'inf').toLowerCase()
        if (!Number.isFinite(number)) text = Number.isNaN(number) ? 'nan' : number < 0 ? '-inf' : 'inf'
      }
      if (flags.includes('-')) return text.padEnd(wide)
      if (!flags.includes('0') || 'cs'.includes(kind)) return text.padStart(wide)
      const sign = /^[-+ ]/.exec(text)?.[0] ?? ''
      return sign + text.slice(sign.length).padStart(wide - sign.length, '0')
    },
  )
}
