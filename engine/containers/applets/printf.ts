import { unescapeText } from './echo.ts'

export interface Printed {
  readonly text: string
  /** What was wrong with an argument. */
  readonly errors: readonly string[]
}

const SPECIFIER = /%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+)?)?(?:hh|h|ll|l|L|q|j|z|t)?([a-zA-Z%])/y

/** `printf`: the format is used again while arguments are left. */
export function printfText(format: string, args: readonly string[]): Printed {
  const errors: string[] = []
  let left = args
  let text = ''
  do {
    const round = once(format, left, errors)
    text += round.text
    if (round.stopped || round.left.length === left.length) break
    left = round.left
  } while (left.length > 0)
  return { text, errors }
}

function once(format: string, args: readonly string[], errors: string[]) {
  const left = [...args]
  let out = ''
  for (let at = 0; at < format.length; at++) {
    const char = format[at] as string
    if (char === '\\') {
      const piece = /^\\(?:x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)/su.exec(format.slice(at))?.[0] ?? '\\'
      const { text, stopped } = unescapeText(piece, false)
      if (stopped) return { text: out, left, stopped }
      out += piece === '\\"' ? '"' : text
      at += piece.length - 1
      continue
    }
    if (char !== '%') {
      out += char
      continue
    }
    const pattern = new RegExp(SPECIFIER)
    pattern.lastIndex = at
    const found = pattern.exec(format)
    if (found === null) {
      errors.push(`${format.slice(at)}: invalid format`)
      return { text: out, left, stopped: true }
    }
    at += found[0].length - 1
    const [, flags = '', width, precision, kind = ''] = found
    if (kind === '%') {
      out += '%'
      continue
    }
    const number = (value: string | undefined) =>
      value === '*' ? Number(left.shift() ?? 0) : value === undefined ? undefined : Number(value)
    const [wide, exact] = [number(width), found[0].includes('.') ? (number(precision) ?? 0) : undefined]
    if (kind === 'b') {
      const { text, stopped } = unescapeText(left.shift() ?? '')
      out += padded(exact === undefined ? text : text.slice(0, exact), flags, wide)
      if (stopped) return { text: out, left, stopped }
    } else
      out += padded(
        formatted(kind, flags, exact, left.shift(), errors),
        numeric(kind) && exact !== undefined && !'fFeEgG'.includes(kind) ? flags.replace('0', '') : flags,
        wide,
        numeric(kind),
      )
  }
  return { text: out, left, stopped: false }
}

const numeric = (kind: string): boolean => 'diouxXeEfFgG'.includes(kind)

export function formatted(
  kind: string,
  flags: string,
  precision: number | undefined,
  argument: string | undefined,
  errors: string[],
): string {
  if (kind === 's') return precision === undefined ? (argument ?? '') : (argument ?? '').slice(0, precision)
  if (kind === 'c') return (argument ?? '').slice(0, 1)
  const signed = (text: string) =>
    text.startsWith('-') ? text : flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text
  if ('fFeEgG'.includes(kind)) {
    const value = Number(argument ?? 0)
    if (Number.isNaN(value) && !/^nan$/i.test(argument ?? '')) {
      errors.push(`invalid number '${argument}'`)
      return signed(floating(0, kind, precision, flags))
    }
    return signed(floating(value, kind, precision, flags))
  }
  const value = integer(argument ?? '', errors)
  const digits = (radix: number) =>
    BigInt.asUintN(64, value)
      .toString(radix)
      .padStart(precision ?? 0, '0')
  if (kind === 'd' || kind === 'i') {
    const size = (value < 0n ? -value : value).toString().padStart(precision ?? 0, '0')
    return signed(value < 0n ? `-${size}` : size)
  }
  const hash = flags.includes('#') && value !== 0n
  if (kind === 'x') return `${hash ? '0x' : ''}${digits(16)}`
  if (kind === 'X') return `${hash ? '0X' : ''}${digits(16).toUpperCase()}`
  return kind === 'o' ? `${hash ? '0' : ''}${digits(8)}` : digits(10)
}

function integer(text: string, errors: string[]): bigint {
  if (text === '') return 0n
  if (text.startsWith('"') || text.startsWith("'")) return BigInt(text.codePointAt(1) ?? 0)
  const [, sign = '', digits = ''] = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|\d+)$/.exec(text) ?? []
  if (digits === '') {
    errors.push(`invalid number '${text}'`)
    const begin = /^\s*[-+]?\d+/.exec(text)?.[0]
    return begin === undefined ? 0n : BigInt(begin.trim())
  }
  const size = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  return sign === '-' ? -size : size
}

export function floating(value: number, kind: string, precision = 6, flags = ''): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf'
  const lower = kind.toLowerCase()
  const upper = kind !== lower
  let text: string
  if (lower === 'f') text = value.toFixed(Math.min(precision, 100))
  else if (lower === 'e') text = exponent(value.toExponential(Math.min(precision, 100)))
  else {
    const digits = Math.max(1, precision)
    const power = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(Number(value.toPrecision(digits)))))
    text =
      power < -4 || power >= digits
        ? exponent(value.toExponential(digits - 1))
        : value.toFixed(Math.max(0, digits - 1 - power))
    if (!flags.includes('#') && text.includes('.')) text = text.replace(/\.?0+(?=e|$)/, '')
  }
  return upper ? text.toUpperCase() : text
}

const exponent = (text: string): string => text.replace(/e([-+])(\d)$/, 'e$10$2')

export function padded(text: string, flags: string, width: number | undefined, number = false): string {
  if (width === undefined) return text
  const wide = Math.abs(width)
  if (flags.includes('-') || width < 0) return text.padEnd(wide)
  if (!flags.includes('0') || !number) return text.padStart(wide)
  const [, sign = '', digits = ''] = /^([-+ ]?(?:0[xX])?)(.*)$/.exec(text) ?? []
  return sign + digits.padStart(wide - sign.length, '0')
}
