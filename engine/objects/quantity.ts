/**
 * Quantities as apimachinery's `resource.Quantity` (1.34) reads, computes and writes them: an exact decimal, `mantissa × 10^scale`, with the
 * family of suffixes that it was written in. Immutable.
 */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

export const quantityFormatError =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const quantityNumberError = 'unable to parse numeric part of quantity'
const quantitySuffixError = "unable to parse quantity's suffix"

const maxInt64 = 9223372036854775807n
/** Decimal digits that upstream's int64 path is sure to hold. */
const int64Digits = 18
/** Nothing smaller than a billionth is kept: what is smaller becomes one. */
const nano = -9
/** Sums and rounding never expand a power of ten beyond this: a person's quantity has at most some twenty digits. */
const maxExpansion = 5000

const decimalSuffixes: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
])
const binarySuffixes: ReadonlyMap<string, number> = new Map([
  ['Ki', 10],
  ['Mi', 20],
  ['Gi', 30],
  ['Ti', 40],
  ['Pi', 50],
  ['Ei', 60],
])
const suffixOfTen: ReadonlyMap<number, string> = new Map([...decimalSuffixes].map(([suffix, power]) => [power, suffix]))
const suffixOfTwo: ReadonlyMap<number, string> = new Map([...binarySuffixes].map(([suffix, power]) => [power, suffix]))

/** Sign, digits, fraction, suffix; what stands before the suffix may be `1`, `1.`, `.5`, `1.5`, or nothing at all where upstream reads 0. */
const shape = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/

export class Quantity {
  readonly format: QuantityFormat
  private readonly mantissa: bigint
  private readonly scale: number
  /** Text that was already canonical is kept as it was written, as upstream does (`+1` stays `+1`). */
  private text: string | undefined

  private constructor(mantissa: bigint, scale: number, format: QuantityFormat, text?: string) {
    this.mantissa = mantissa
    this.scale = scale
    this.format = format
    this.text = text
  }

  /** @throws Error with upstream's sentence. */
  static parse(text: string): Quantity {
    const parsed = tryParse(text)
    if (typeof parsed === 'string') throw new Error(parsed)
    return new Quantity(parsed.mantissa, parsed.scale, parsed.format, parsed.text)
  }

  /** A quantity, or the sentence that says why the text is none. */
  static tryParse(text: string): Quantity | string {
    const parsed = tryParse(text)
    return typeof parsed === 'string' ? parsed : new Quantity(parsed.mantissa, parsed.scale, parsed.format, parsed.text)
  }

  /** From a JSON value: a string (surrounding blanks are ignored), a number, or null (zero). */
  static fromJson(value: unknown): Quantity {
    if (value === null) return Quantity.of(0)
    if (typeof value === 'string') return Quantity.parse(value.trim())
    if (typeof value === 'number') return Quantity.parse(String(value))
    throw new Error(quantityFormatError)
  }

  static of(value: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(value), 0, format)
  }

  static ofMilli(value: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
    return new Quantity(BigInt(value), -3, format)
  }

  isZero(): boolean {
    return this.mantissa === 0n
  }

  sign(): -1 | 0 | 1 {
    return this.mantissa === 0n ? 0 : this.mantissa > 0n ? 1 : -1
  }

  compare(other: Quantity): -1 | 0 | 1 {
    const sign = this.sign()
    if (sign !== other.sign()) return sign < other.sign() ? -1 : 1
    if (sign === 0) return 0
    const apart = this.scale - other.scale
    if (Math.abs(apart) > maxExpansion) return apart > 0 === sign > 0 ? 1 : -1
    const left = apart > 0 ? this.mantissa * 10n ** BigInt(apart) : this.mantissa
    const right = apart < 0 ? other.mantissa * 10n ** BigInt(-apart) : other.mantissa
    return left === right ? 0 : left < right ? -1 : 1
  }

  equals(other: Quantity): boolean {
    return this.compare(other) === 0
  }

  add(other: Quantity): Quantity {
    const format = this.isZero() ? other.format : this.format
    if (other.isZero()) return new Quantity(this.mantissa, this.scale, format)
    if (this.isZero()) return new Quantity(other.mantissa, other.scale, format)
    const apart = this.scale - other.scale
    if (Math.abs(apart) > maxExpansion) return apart > 0 ? this : other
    const scale = Math.min(this.scale, other.scale)
    const left = this.mantissa * 10n ** BigInt(this.scale - scale)
    const right = other.mantissa * 10n ** BigInt(other.scale - scale)
    return new Quantity(left + right, scale, format)
  }

  sub(other: Quantity): Quantity {
    return this.add(other.negate())
  }

  negate(): Quantity {
    return new Quantity(-this.mantissa, this.scale, this.format)
  }

  multiply(factor: number | bigint): Quantity {
    return new Quantity(this.mantissa * BigInt(factor), this.scale, this.format)
  }

  /** Whole units, rounded away from zero; what an int64 cannot hold is 0, as upstream answers it. */
  value(): number {
    return Number(this.scaledValue(0))
  }

  /** Thousandths, rounded away from zero. */
  milliValue(): number {
    return Number(this.scaledValue(-3))
  }

  /** Units of `10^scale`, rounded away from zero. */
  scaledValue(scale: number): bigint {
    const apart = this.scale - scale
    if (apart >= 0) {
      if (this.mantissa === 0n || apart > 19) return 0n
      const value = this.mantissa * 10n ** BigInt(apart)
      return value > maxInt64 || value < -maxInt64 - 1n ? 0n : value
    }
    return divideAwayFromZero(this.mantissa, -apart)
  }

  /** Rounded away from zero to units of `10^scale`. */
  roundUp(scale: number): Quantity {
    if (this.scale >= scale) return this
    return new Quantity(divideAwayFromZero(this.mantissa, scale - this.scale), scale, this.format)
  }

  /** Nearest double; for metrics and weights, not for comparing. */
  toNumber(): number {
    return Number(`${this.mantissa}e${this.scale}`)
  }

  toString(): string {
    this.text ??= canonical(this.mantissa, this.scale, this.format)
    return this.text
  }

  toJSON(): string {
    return this.toString()
  }
}

interface Parsed {
  readonly mantissa: bigint
  readonly scale: number
  readonly format: QuantityFormat
  readonly text?: string
}

function tryParse(text: string): Parsed | string {
  if (text === '') return quantityFormatError
  if (text === '0') return { mantissa: 0n, scale: 0, format: 'DecimalSI', text }
  const match = shape.exec(text)
  if (match === null) return quantityFormatError
  const negative = match[1] === '-'
  const digits = (match[2] ?? '').replace(/^0+/, '') || '0'
  const fraction = match[3] ?? ''
  const suffix = interpretSuffix(match[4] ?? '')
  if (suffix === undefined) return quantitySuffixError
  const wordless = (match[2] ?? '') === '' && fraction === ''
  if (wordless && needsBigDecimal(suffix)) return quantityNumberError
  const shifted = digits + fraction
  const unsigned = BigInt(shifted)
  const signed = negative ? -unsigned : unsigned
  if (suffix.format !== 'BinarySI')
    return decimal(text, signed, shifted, suffix.exponent - fraction.length, suffix.format)
  return binary(text, signed, digits, fraction, suffix.exponent)
}

/** Without any digit upstream reads 0, but not where its int64 path does not reach. */
function needsBigDecimal(suffix: { exponent: number; format: QuantityFormat }): boolean {
  return suffix.format === 'BinarySI' ? suffix.exponent >= 50 : suffix.exponent < nano
}

function interpretSuffix(suffix: string): { exponent: number; format: QuantityFormat } | undefined {
  const ten = decimalSuffixes.get(suffix)
  if (ten !== undefined) return { exponent: ten, format: 'DecimalSI' }
  const two = binarySuffixes.get(suffix)
  if (two !== undefined) return { exponent: two, format: 'BinarySI' }
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) return undefined
  const exponent = BigInt(suffix.slice(1).replace('+', ''))
  if (exponent > maxInt64 || exponent < -maxInt64 - 1n) return undefined
  return { exponent: Number(BigInt.asIntN(32, exponent)), format: 'DecimalExponent' }
}

function decimal(text: string, mantissa: bigint, shifted: string, scale: number, format: QuantityFormat): Parsed {
  const fits = shifted.length <= int64Digits
  if (fits && scale >= nano && scale % 3 === 0 && !shifted.endsWith('000') && shifted[0] !== '0') {
    return { mantissa, scale, format, text }
  }
  if (scale >= nano) return { mantissa, scale, format }
  return { mantissa: divideAwayFromZero(mantissa, nano - scale), scale: nano, format }
}

function binary(text: string, mantissa: bigint, digits: string, fraction: string, exponent: number): Parsed {
  const amount = mantissa << BigInt(exponent)
  const absolute = amount < 0n ? -amount : amount
  if (fraction === '') {
    const precision = 15 - digits.length - Math.trunc((exponent * 3) / 10) - 1
    if (precision >= 0) {
      const parsed = { mantissa: amount, scale: 0, format: 'BinarySI' } as const
      return (mantissa & 7n) !== 0n ? { ...parsed, text } : parsed
    }
  }
  const one = 10n ** BigInt(fraction.length)
  if (absolute > maxInt64 * one) return { mantissa: mantissa < 0n ? -maxInt64 : maxInt64, scale: 0, format: 'BinarySI' }
  // Less than one would have to be rounded to be written with a binary suffix.
  const format = absolute < one && absolute > 0n ? 'DecimalSI' : 'BinarySI'
  if (fraction.length <= -nano) return { mantissa: amount, scale: -fraction.length, format }
  return { mantissa: divideAwayFromZero(amount, fraction.length + nano), scale: nano, format }
}

function divideAwayFromZero(value: bigint, powerOfTen: number): bigint {
  if (value === 0n) return 0n
  const away = value > 0n ? 1n : -1n
  if (powerOfTen > maxExpansion) return away
  const divisor = 10n ** BigInt(powerOfTen)
  const quotient = value / divisor
  return quotient * divisor === value ? quotient : quotient + away
}

function canonical(mantissa: bigint, scale: number, format: QuantityFormat): string {
  if (mantissa === 0n) return '0'
  if (format === 'BinarySI') {
    const whole = wholeValue(mantissa, scale)
    if (whole !== undefined && (whole >= 1024n || whole <= -1024n)) return canonicalBinary(whole)
    return canonicalDecimal(mantissa, scale, 'DecimalSI')
  }
  return canonicalDecimal(mantissa, scale, format)
}

function wholeValue(mantissa: bigint, scale: number): bigint | undefined {
  if (scale >= 0) return scale > maxExpansion ? undefined : mantissa * 10n ** BigInt(scale)
  const divisor = 10n ** BigInt(-scale)
  return mantissa % divisor === 0n ? mantissa / divisor : undefined
}

function canonicalBinary(whole: bigint): string {
  let amount = whole
  let power = 0
  while (amount % 1024n === 0n) {
    amount /= 1024n
    power += 10
  }
  return `${amount}${suffixOfTwo.get(power) ?? ''}`
}

function canonicalDecimal(mantissa: bigint, scale: number, format: QuantityFormat): string {
  let amount = mantissa
  let power = scale
  while (amount % 10n === 0n) {
    amount /= 10n
    power++
  }
  while (power % 3 !== 0) {
    amount *= 10n
    power--
  }
  if (format === 'DecimalExponent') return power === 0 ? `${amount}` : `${amount}e${power}`
  // Past the largest suffix upstream writes none.
  return `${amount}${suffixOfTen.get(power) ?? ''}`
}
