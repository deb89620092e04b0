import { describe, expect, it } from 'vitest'
import { encodeBase64, normalizeBase64 } from './base64.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { timeFault } from './go-time.ts'
import { JsonSyntaxError, parseJson, plain } from './json-document.ts'
import { scanJson } from './scan-json.ts'

describe('base64', () => {
  it.each([
    ['', ''],
    ['YQ==', 'YQ=='],
    ['YR==', 'YQ=='],
    ['YW\nJj\r\n', 'YWJj'],
    ['YQ', 0],
    ['YWJjY', 4],
    ['!!', 0],
    ['YWJ!', 3],
    ['YQ=', 3],
    ['YQ=x', 2],
    ['YQ=\nx', 3],
    ['Y\nQ', 1],
    ['YQ==YQ==', 4],
    ['=', 0],
    ['a\n', 1],
  ])('%j is written again, or refused where Go refuses it: %j', (text, wanted) => {
    expect(normalizeBase64(text)).toBe(wanted)
  })

  it('is what atob reads', () => {
    for (let length = 0; length < 10; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 83 + 200) & 255)
      expect(atob(encodeBase64(bytes))).toBe(String.fromCharCode(...bytes))
    }
  })
})

describe('durations', () => {
  it.each([
    ['0', '0s'],
    ['90m', '1h30m0s'],
    ['1.5s', '1.5s'],
    ['1h0.5m', '1h0m30s'],
    ['-20ms', '-20ms'],
    ['1500us', '1.5ms'],
    ['7ns', '7ns'],
    ['+1m', '1m0s'],
  ])('%s is written as %s', (text, wanted) => {
    expect(formatDuration(parseDuration(text) ?? -1n)).toBe(wanted)
  })

  it.each(['', '1', 's', '1x', '.s', '1 s', '9999999999h'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe('what Go finds wrong with times', () => {
  const as = 'as "2006-01-02T15:04:05Z07:00"'
  it.each([
    ['2026-01-02T03:04:05Z', undefined],
    ['2026-01-02T03:04:05.5+02:00', undefined],
    ['', `parsing time "" ${as}: cannot parse "" as "2006"`],
    ['2026-01-02', `parsing time "2026-01-02" ${as}: cannot parse "" as "T"`],
    ['2026-13-02T03:04:05Z', 'parsing time "2026-13-02T03:04:05Z": month out of range'],
    ['2026-02-30T03:04:05Z', 'parsing time "2026-02-30T03:04:05Z": day out of range'],
    ['2026-01-02T03:04:05', `parsing time "2026-01-02T03:04:05" ${as}: cannot parse "" as "Z07:00"`],
    ['2026-01-02T03:04:05Zx', 'parsing time "2026-01-02T03:04:05Zx": extra text: "x"'],
  ])('%j: %s', (text, wanted) => {
    expect(timeFault(text, false)).toBe(wanted)
  })
})

describe('the scan of JSON', () => {
  it('counts members, and sees what the quick way does not read as Go does', () => {
    const scan = (text: string) => scanJson(new TextEncoder().encode(text))
    expect(scan('{"a:":"b:\\":","c":[{"d":-1}],"e":true}')).toEqual({ members: 4, unusual: false, depth: 3 })
    for (const text of ['1.0', '1e3', '1E3', '"\\ud800"', '[0.5]']) expect(scan(text).unusual, text).toBe(true)
  })
})

describe('JSON', () => {
  it('is read with what came twice in its order', () => {
    const node = parseJson(' {"a" : [1.50, "\\u00e4\\n", null], "a": true } ')
    expect(node).toMatchObject({
      members: [
        ['a', { items: [{ text: '1.50' }, {}, {}] }],
        ['a', { value: true }],
      ],
    })
    expect(plain(node)).toEqual({ a: true })
  })

  it.each([
    ['', 'unexpected end of JSON input'],
    ['{"a"', 'unexpected end of JSON input'],
    ['{a', "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1', "invalid character '1' after object key"],
    ['{"a":1 2', "invalid character '2' after object key:value pair"],
    ['[1 2', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['01', "invalid character '1' after top-level value"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['trux', "invalid character 'x' in literal true (expecting 'e')"],
    ['"\t"', "invalid character '\\t' in string literal"],
    ['"\\q"', "invalid character 'q' in string escape code"],
    ['"\\u12x"', "invalid character 'x' in \\u hexadecimal character escape"],
    ["'", "invalid character '\\'' looking for beginning of value"],
    ['ä', "invalid character 'Ã' looking for beginning of value"],
  ])('is refused as Go refuses it: %j', (text, message) => {
    expect(() => parseJson(text)).toThrow(new JsonSyntaxError(message))
  })
})
