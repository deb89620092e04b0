import { describe, expect, it } from 'vitest'
import { Quantity, quantityFormatError } from './quantity.ts'
import { forSeeds, type Seeded } from './seeded.testing.ts'

const written = (text: string): string => Quantity.parse(text).toString()

describe('Quantity', () => {
  it.each([
    ['0', '0'],
    ['0.0', '0'],
    ['0Mi', '0'],
    ['-0', '0'],
    ['100m', '100m'],
    ['0.1', '100m'],
    ['1.5', '1500m'],
    ['1000m', '1'],
    ['1000', '1k'],
    ['1500', '1500'],
    ['10000', '10k'],
    ['+1', '+1'],
    ['1.', '1.'],
    ['.5', '500m'],
    ['1024Ki', '1Mi'],
    ['1000Ki', '1000Ki'],
    ['1.5Gi', '1536Mi'],
    ['0.5Gi', '512Mi'],
    ['1.25Ki', '1280'],
    ['0.5Ki', '512'],
    ['0.001Ki', '1024m'],
    ['0.0001Ki', '102400u'],
    ['1e3', '1e3'],
    ['1E3', '1E3'],
    ['1e1', '10'],
    ['12e6', '12e6'],
    ['1000e3', '1e6'],
    ['1E', '1E'],
    ['1n', '1n'],
    ['0.1n', '1n'],
    ['-0.1n', '-1n'],
    ['1.0000000001', '1000000001n'],
    ['9223372036854775807Ki', '9223372036854775807'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['4Ti', '4Ti'],
    ['8589934592', '8589934592'],
  ])('reads %s and writes %s', (text, canonical) => {
    expect(written(text)).toBe(canonical)
  })

  it.each([
    ['', quantityFormatError],
    ['abc', quantityFormatError],
    ['1.2.3', quantityFormatError],
    ['1 Mi', quantityFormatError],
    ['--1', "unable to parse quantity's suffix"],
    ['1-', "unable to parse quantity's suffix"],
    ['1Mib', quantityFormatError],
    ['1mm', "unable to parse quantity's suffix"],
    ['1i', "unable to parse quantity's suffix"],
    ['1e', "unable to parse quantity's suffix"],
    ['1K', "unable to parse quantity's suffix"],
    ['Ei', 'unable to parse numeric part of quantity'],
  ])('refuses %j with the sentence that upstream has', (text, sentence) => {
    expect(() => Quantity.parse(text)).toThrow(new Error(sentence))
    expect(Quantity.tryParse(text)).toBe(sentence)
  })

  it('rounds values away from zero', () => {
    expect(Quantity.parse('1500m').value()).toBe(2)
    expect(Quantity.parse('-1500m').value()).toBe(-2)
    expect(Quantity.parse('1u').milliValue()).toBe(1)
    expect(Quantity.parse('0.25').milliValue()).toBe(250)
    expect(Quantity.parse('1Gi').value()).toBe(1073741824)
    expect(Quantity.parse('1500u').roundUp(-3).toString()).toBe('2m')
  })

  it('keeps the family of the left side, or of the right one where the left is zero', () => {
    expect(Quantity.parse('1Gi').add(Quantity.parse('1G')).format).toBe('BinarySI')
    expect(Quantity.parse('0').add(Quantity.parse('1Gi')).toString()).toBe('1Gi')
    expect(Quantity.parse('512Mi').add(Quantity.parse('512Mi')).toString()).toBe('1Gi')
    expect(Quantity.parse('1').sub(Quantity.parse('250m')).toString()).toBe('750m')
    expect(Quantity.parse('100m').multiply(15).toString()).toBe('1500m')
  })

  it('reads JSON numbers, strings with blanks round them, and null', () => {
    expect(Quantity.fromJson(0.5).toString()).toBe('500m')
    expect(Quantity.fromJson(' 1Gi ').toString()).toBe('1Gi')
    expect(Quantity.fromJson(null).isZero()).toBe(true)
    expect(() => Quantity.fromJson({})).toThrow(quantityFormatError)
  })

  it('answers at once for exponents without sense', () => {
    const huge = Quantity.parse('1e2147483647')
    expect(huge.compare(Quantity.parse('1'))).toBe(1)
    expect(huge.value()).toBe(0)
    expect(huge.add(Quantity.parse('1')).toString()).toBe('10e2147483646')
    expect(written('1e-2147483647')).toBe('1e-9')
    expect(Quantity.parse('-1e2000000000').compare(huge)).toBe(-1)
  })

  it('writes what it reads as the same amount, in one canonical form', () => {
    forSeeds(3000, (seeded) => {
      const { text } = amount(seeded)
      const quantity = Quantity.parse(text)
      const again = Quantity.parse(quantity.toString())
      expect(again.equals(quantity), text).toBe(true)
      expect(again.toString()).toBe(quantity.toString())
    })
  })

  it('orders and sums as the fractions do that it stands for', () => {
    forSeeds(3000, (seeded) => {
      const left = amount(seeded)
      const right = amount(seeded)
      const [one, other] = [Quantity.parse(left.text), Quantity.parse(right.text)]
      expect(one.compare(other), `${left.text} ${right.text}`).toBe(
        left.nanos === right.nanos ? 0 : left.nanos < right.nanos ? -1 : 1,
      )
      expect(one.add(other).scaledValue(-9)).toBe(within(left.nanos + right.nanos))
      expect(one.sub(other).scaledValue(-9)).toBe(within(left.nanos - right.nanos))
      expect(one.sub(other).add(other).equals(one)).toBe(true)
    })
  })

  it('has a sentence for any text', () => {
    forSeeds(5000, (seeded) => {
      const text = seeded.text('0123456789.+-eEinumkKMGTP x', 8)
      const parsed = Quantity.tryParse(text)
      if (typeof parsed === 'string') expect(parsed).toMatch(/quantit/)
      else expect(Quantity.parse(parsed.toString()).equals(parsed)).toBe(true)
    })
  })
})

const units: ReadonlyMap<string, bigint> = new Map([
  ['n', 1n],
  ['u', 1000n],
  ['m', 1_000_000n],
  ['', 1_000_000_000n],
  ['k', 10n ** 12n],
  ['M', 10n ** 15n],
  ['e2', 10n ** 11n],
  ['E-3', 10n ** 6n],
  ['Ki', 1_000_000_000n * 1024n],
  ['Mi', 1_000_000_000n * 1024n ** 2n],
])

/** A quantity and, by arithmetic of its own, the billionths that it is, rounded away from zero. */
function amount(seeded: Seeded): { text: string; nanos: bigint } {
  const suffix = seeded.pick([...units.keys()])
  const whole = seeded.int(3000)
  const fraction = seeded.chance(40) ? String(seeded.int(1000)) : ''
  const negative = seeded.chance(30)
  const numerator = BigInt(`${whole}${fraction}`) * (units.get(suffix) ?? 0n)
  const divisor = 10n ** BigInt(fraction.length)
  const nanos = (numerator + divisor - 1n) / divisor
  return {
    text: `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}${suffix}`,
    nanos: negative ? -nanos : nanos,
  }
}

/** What an int64 cannot hold is answered as 0. */
function within(value: bigint): bigint {
  return BigInt.asIntN(64, value) === value ? value : 0n
}
