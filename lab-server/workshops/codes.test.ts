import { describe, expect, it } from 'vitest'
import { ALPHABET, type CodeOf, createCodes, PREFIX, prefixOf } from './codes.ts'

const codes = createCodes(Buffer.alloc(32, 7))
const of = (change: Partial<CodeOf> = {}): CodeOf => ({
  seed: 'seed',
  prefix: codes.prefix('seed'),
  kind: 'one-time',
  number: 1,
  ...change,
})

describe('codes', () => {
  it('have no characters that are mistaken for one another, nor vowels', () => {
    expect(new Set(ALPHABET).size).toBe(ALPHABET.length)
    for (const pair of ['0O', '1I', '1L', '2Z', '5S', '8B', 'UV'])
      expect(
        [...pair].every((character) => ALPHABET.includes(character)),
        pair,
      ).toBe(false)
    expect(ALPHABET).not.toMatch(/[AEIOU]/)
  })

  it('S-14: have at least 40 bits beside the prefix when they work once, and all of them are used', () => {
    const all = Array.from({ length: 500 }, (_, number) => codes.code(of({ number })).replaceAll('-', ''))
    const secrets = all.map((code) => code.slice(PREFIX))
    expect(Math.log2(ALPHABET.length) * (secrets[0]?.length ?? 0)).toBeGreaterThanOrEqual(40)
    expect(new Set(secrets).size).toBe(500)
    for (let place = 0; place < (secrets[0]?.length ?? 0); place++)
      expect(new Set(secrets.map((secret) => secret[place])).size).toBe(ALPHABET.length)
  })

  it('are recognized however they are typed', () => {
    const code = codes.code(of({ kind: 'one' }))
    expect(code).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/)
    for (const typed of [code.toLowerCase(), code.replace('-', ''), ` ${code.replace('-', ' ')} `]) {
      expect(codes.hash(typed)).toBe(codes.hash(code))
      expect(prefixOf(typed)).toBe(codes.prefix('seed'))
    }
  })

  it('are others with another key, seed, kind or number', () => {
    const other = createCodes(Buffer.alloc(32, 8))
    const all = [of(), of({ seed: 'x' }), of({ number: 2 }), of({ kind: 'one' })].map(codes.code)
    expect(new Set([...all, other.code(of())]).size).toBe(5)
    expect(other.hash('x')).not.toBe(codes.hash('x'))
  })
})

describe('tokens of personal links', () => {
  it('lead to their seat, and to nothing when a single character is another', () => {
    const token = codes.token('seat-1')
    expect(codes.seatOf(token)).toBe('seat-1')
    for (const wrong of [
      `${token}x`,
      token.slice(0, -1),
      token.replace('seat-1', 'seat-2'),
      'seat-1',
      '',
      '.',
      'a.b.c',
    ])
      expect(codes.seatOf(wrong), wrong).toBeUndefined()
    expect(createCodes(Buffer.alloc(32, 8)).seatOf(token)).toBeUndefined()
  })
})
