import { describe, expect, it } from 'vitest'
import { kubernetesEnvironment } from './kubernetes.ts'
import { compile } from './program.ts'
import { Regex, RegexError } from './regex.ts'
import { CompileError } from './source.ts'
import { listOf, string } from './types.ts'
import { List } from './values.ts'

const environment = kubernetesEnvironment().withVariables({ l: listOf(string), s: string })

describe('no expression can hang the server', () => {
  it.each([
    'l.all(a, l.all(b, l.all(c, a + b + c != "")))',
    'l.map(a, l.map(b, l.map(c, a + b + c))).size() > 0',
    'l.all(a, l.all(b, !s.matches("(x+x+)+y")))',
  ])('stops %s when it has done too much', (source) => {
    const program = compile(source, environment)
    const l = new List(Array.from({ length: 1000 }, (_, index) => `item-${index}`))
    const run = () => program.run((name) => (name === 'l' ? l : 'x'.repeat(10_000)))
    expect(run).toThrow('operation cancelled: actual cost limit exceeded')
  })

  it('matches what would take a backtracking engine for ever', () => {
    expect(new Regex('^(a+)+$').test(`${'a'.repeat(5000)}b`)).toBe(false)
    expect(new Regex('(x+x+)+y').test('x'.repeat(2000))).toBe(false)
  })

  it('refuses expressions that nest too deeply', () => {
    expect(() => compile(`${'('.repeat(400)}1${')'.repeat(400)}`, environment)).toThrow(CompileError)
  })
})

describe('regular expressions', () => {
  it.each([
    ['^a.c$', 'abc', true],
    ['(?i)ABC', 'xabcx', true],
    ['^[[:alpha:]]+$', 'abc', true],
    ['^\\p{L}+$', 'äö', true],
    ['a{2,3}b', 'aab', true],
    ['a{2,3}b', 'ab', false],
    ['^(?:foo|ba[rz])$', 'baz', true],
    ['^\\d+\\.\\d+\\z', '1.5', true],
    ['\\bfoo\\b', 'a foo b', true],
    ['^[^a-z]$', 'A', true],
    ['a|', '', true],
    ['^x*?$', 'xxx', true],
    ['(?s)a.b', 'a\nb', true],
    ['a.b', 'a\nb', false],
    ['^[a\\-z]$', '-', true],
    ['\\Q.*\\E', 'a.*b', true],
  ])('%s on %s', (pattern, text, expected) => {
    expect(new Regex(pattern).test(text)).toBe(expected)
  })

  it.each([
    ['(', 'error parsing regexp: missing closing ): `(`'],
    [')', 'error parsing regexp: unexpected ): `)`'],
    ['[a', 'error parsing regexp: missing closing ]: `[a`'],
    ['*', 'error parsing regexp: missing argument to repetition operator: `*`'],
    ['a**', 'error parsing regexp: invalid nested repetition operator: `**`'],
    ['[z-a]', 'error parsing regexp: invalid character class range: `z-a`'],
    ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
    ['\\', 'error parsing regexp: trailing backslash at end of expression: ``'],
    ['\\8', 'error parsing regexp: invalid escape sequence: `\\8`'],
    ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
  ])('%s is none', (pattern, sentence) => {
    expect(() => new Regex(pattern)).toThrow(RegexError)
    expect(() => new Regex(pattern)).toThrow(sentence)
  })

  it('finds the leftmost match, the preferred one of several', () => {
    expect(new Regex('a|ab').find('xab')).toBe('a')
    expect(new Regex('ab|a').find('xab')).toBe('ab')
    expect(new Regex('a*').findAll('baac')).toEqual(['', 'aa', ''])
    expect(new Regex('[0-9]+').findAll('1a22b333', 2)).toEqual(['1', '22'])
  })
})
