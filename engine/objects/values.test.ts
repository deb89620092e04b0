import { describe, expect, it } from 'vitest'
import { deepEqual, semanticallyEqual } from './equal.ts'
import { goQuote } from './go-quote.ts'
import { parseIntOrString, scaledValue } from './int-or-string.ts'
import {
  configKeyErrors,
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  maskTrailingDash,
  pathSegmentErrors,
  portNameErrors,
  qualifiedNameErrors,
} from './names.ts'
import { formatPointer, getIn, parsePointer, removeIn, setIn } from './paths.ts'
import { forSeeds } from './seeded.testing.ts'
import { formatMicroTime, formatTime, normalizeMicroTime, normalizeTime, parseTime } from './time.ts'

describe('names', () => {
  it('says what is wrong as upstream does', () => {
    expect(dns1123SubdomainErrors('Web_1')).toEqual([
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ])
    expect(dns1123LabelErrors('a.b')).toEqual(['must not contain dots'])
    expect(dns1123LabelErrors('A')).toEqual([
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ])
    expect(dns1035LabelErrors('1a')).toEqual([
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ])
    expect(dns1123LabelErrors('a'.repeat(64))).toEqual(['must be no more than 63 characters'])
    expect(qualifiedNameErrors('/a')).toEqual(['prefix part must be non-empty'])
    expect(qualifiedNameErrors('a/b/c')[0]).toMatch(
      /^a qualified name must consist .* with an optional DNS subdomain prefix and '\/' \(e\.g\. 'example\.com\/MyName'\)$/,
    )
    expect(qualifiedNameErrors('')).toHaveLength(2)
    expect(labelValueErrors('')).toEqual([])
    expect(portNameErrors('-a--b-0123456789')).toEqual([
      'must be no more than 15 characters',
      'must not contain consecutive hyphens',
      'must not begin or end with a hyphen',
    ])
    expect(configKeyErrors('..data')).toEqual(["must not start with '..'"])
    expect(pathSegmentErrors('a/b%')).toEqual(["may not contain '/'", "may not contain '%'"])
    expect(dns1123SubdomainErrors(maskTrailingDash('web-'))).toEqual([])
    expect(dns1123SubdomainErrors('example.com')).toEqual([])
    expect(dns1123SubdomainErrors('a\n')).toHaveLength(1)
  })
})

describe('times', () => {
  it('are read in any RFC 3339 form and written in UTC', () => {
    expect(normalizeTime('2026-01-02T03:04:05.999+02:00')).toBe('2026-01-02T01:04:05Z')
    expect(normalizeMicroTime('2026-01-02T03:04:05.1234567Z')).toBe('2026-01-02T03:04:05.123456Z')
    expect(formatMicroTime(parseTime('2026-01-02T03:04:05.000001Z') ?? 0)).toBe('2026-01-02T03:04:05.000001Z')
    expect(formatTime(0)).toBe('1970-01-01T00:00:00Z')
  })

  it.each(['', 'now', '2026-02-29T00:00:00Z', '2026-01-02 03:04:05Z', '2026-01-02T24:00:00Z', '2026-01-02T03:04:05'])(
    'are not %j',
    (text) => {
      expect(parseTime(text)).toBeUndefined()
    },
  )
})

describe('IntOrString', () => {
  it('is a number where the text is one', () => {
    expect(parseIntOrString('80')).toBe(80)
    expect(parseIntOrString('http')).toBe('http')
    expect(parseIntOrString('3000000000')).toBe('3000000000')
  })

  it('takes percentages of a total', () => {
    expect(scaledValue('25%', 3, 'up')).toBe(1)
    expect(scaledValue('25%', 3, 'down')).toBe(0)
    expect(scaledValue(2, 3, 'up')).toBe(2)
    expect(() => scaledValue('a', 3, 'up')).toThrow(
      'invalid value for IntOrString: invalid type: string is not a percentage',
    )
    expect(() => scaledValue('a%', 3, 'up')).toThrow(
      'invalid value for IntOrString: invalid value "a%": strconv.Atoi: parsing "a": invalid syntax',
    )
  })
})

describe('equality and paths', () => {
  it('does not mind the order of keys, and minds everything else', () => {
    expect(deepEqual({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1, d: undefined })).toBe(true)
    expect(deepEqual([1, 2], [2, 1])).toBe(false)
    expect(deepEqual({}, [])).toBe(false)
    expect(deepEqual({ a: null }, {})).toBe(false)
    expect(deepEqual({ a: undefined, b: 1 }, { b: 1, c: 2 })).toBe(false)
    expect(semanticallyEqual({ a: [] }, { b: {} })).toBe(true)
    expect(semanticallyEqual({ a: [0] }, {})).toBe(false)
  })

  it('sets and removes without touching the original, sharing the rest', () => {
    const original = Object.freeze({ a: Object.freeze({ b: 1 }), c: Object.freeze([1, 2, 3]) })
    const changed = setIn(original, ['a', 'x', 'y'], 2)
    expect(changed).toEqual({ a: { b: 1, x: { y: 2 } }, c: [1, 2, 3] })
    expect(changed.c).toBe(original.c)
    expect(setIn(original, ['a', 'b'], 1)).toBe(original)
    expect(removeIn(original, ['c', 1])).toEqual({ a: { b: 1 }, c: [1, 3] })
    expect(removeIn(original, ['a', 'nope'])).toBe(original)
    expect(setIn({}, ['__proto__'], { polluted: true })).not.toHaveProperty('polluted')
  })

  it('reads back what it set, at any path', () => {
    forSeeds(1000, (seeded) => {
      const value = seeded.fields(3)
      const path = Array.from({ length: 1 + seeded.int(3) }, () => seeded.pick(['a', 'b', 'x/y', '']))
      const changed = setIn(value, path, 'set')
      expect(getIn(changed, path)).toBe('set')
      expect(getIn(removeIn(changed, path), path)).toBeUndefined()
      expect(parsePointer(formatPointer(path))).toEqual(path)
    })
  })
})

describe('goQuote', () => {
  it('quotes as %q', () => {
    expect(goQuote('a"\\\n\x01é\u200b😀')).toBe('"a\\"\\\\\\n\\x01é\\u200b😀"')
  })
})
