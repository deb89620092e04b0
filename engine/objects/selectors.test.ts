import { describe, expect, it } from 'vitest'
import { FieldSelector } from './field-selector.ts'
import { formatLabelSelector, LabelSelector } from './label-selector.ts'
import type { LabelOperator, LabelRequirement } from './requirement.ts'
import { forSeeds, type Seeded } from './seeded.testing.ts'

const nameRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const valueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

describe('LabelSelector', () => {
  it.each([
    ['', ''],
    ['a', 'a'],
    ['!a', '!a'],
    ['b=c, a == d', 'a==d,b=c'],
    ['a!=b', 'a!=b'],
    ['a=', 'a='],
    ['x in (foo,,baz),y,z notin ()', 'x in (,baz,foo),y,z notin ()'],
    ['in in (in)', 'in in (in)'],
    ['a>1,b<2', 'a>1,b<2'],
    ['example.com/app in (b, a)', 'example.com/app in (a,b)'],
    ['a in (,)', 'a in ()'],
  ])('reads %j and writes %j', (text, formatted) => {
    expect(LabelSelector.parse(text).toString()).toBe(formatted)
  })

  it.each([
    ['a,', "found '', expected: identifier after ','"],
    [',a', "found ',', expected: !, identifier, or 'end of string'"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (=', "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
    ['a in (b,=', "unable to parse requirement: found '=', expected: ',', or identifier"],
    ['a=(', "unable to parse requirement: found '(', expected: identifier"],
    ['-a=b', `unable to parse requirement: <nil>: Invalid value: "-a": ${nameRule}`],
    ['a=-b', `unable to parse requirement: values[0][a]: Invalid value: "-b": ${valueRule}`],
    [
      'a>x',
      `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
  ])('refuses %j as upstream does', (text, sentence) => {
    expect(() => LabelSelector.parse(text)).toThrow(new Error(sentence))
  })

  it('matches as each operator says, an absent label counting as different', () => {
    const labels = { app: 'web', tier: 'front', weight: '7' }
    const matches = (text: string): boolean => LabelSelector.parse(text).matches(labels)
    expect(
      ['app=web', 'app in (web,api)', 'app', '!nope', 'nope!=x', 'nope notin (x)', 'weight>6'].map(matches),
    ).toEqual(Array(7).fill(true))
    expect(['app!=web', 'nope=', 'app notin (web)', '!app', 'nope', 'tier>1', 'weight<7'].map(matches)).toEqual(
      Array(7).fill(false),
    )
  })

  it('reads selector objects: none selects nothing, an empty one everything', () => {
    expect(LabelSelector.fromObject(undefined).matches({})).toBe(false)
    expect(LabelSelector.fromObject({}).matches(undefined)).toBe(true)
    const selector = {
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['b', 'a'] },
        { key: 'old', operator: 'DoesNotExist' },
      ],
    }
    expect(formatLabelSelector(selector)).toBe('app=web,!old,tier in (a,b)')
    expect(formatLabelSelector({})).toBe('<none>')
    expect(formatLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Near' }] })).toBe('<error>')
    expect(() => LabelSelector.fromObject({ matchExpressions: [{ key: 'a', operator: 'Near' }] })).toThrow(
      '"Near" is not a valid label selector operator',
    )
    expect(() => LabelSelector.fromObject({ matchExpressions: [{ key: 'a', operator: 'In' }] })).toThrow(
      "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty",
    )
  })

  it('knows the one value that it asks of a label', () => {
    expect(LabelSelector.parse('app=web,tier in (a,b)').exactValue('app')).toBe('web')
    expect(LabelSelector.parse('app=web,tier in (a,b)').exactValue('tier')).toBeUndefined()
  })

  it('writes what it reads back to the same requirements', () => {
    forSeeds(2000, (seeded) => {
      const selector = LabelSelector.of(Array.from({ length: seeded.int(4) }, () => requirement(seeded)))
      const again = LabelSelector.parse(selector.toString())
      expect(again.requirements).toEqual(
        selector.requirements.map((one) => ({ ...one, values: one.values.toSorted() })),
      )
      const labels = Object.fromEntries(
        seeded.some(['a', 'b', 'c.d/e']).map((key) => [key, seeded.pick(['', '1', 'x'])]),
      )
      expect(again.matches(labels)).toBe(selector.matches(labels))
    })
  })

  it('has a sentence for any text', () => {
    forSeeds(5000, (seeded) => {
      const text = seeded.text('ab/.-=!(),<> in\tnotin\0é', 12)
      try {
        LabelSelector.parse(text)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
        expect((error as Error).message).toMatch(/^(found|unable to parse requirement: )/)
      }
    })
  })
})

function requirement(seeded: Seeded): LabelRequirement {
  const key = seeded.pick(['a', 'b', 'c.d/e', 'in', 'notin'])
  const operator: LabelOperator = seeded.pick(['=', '==', '!=', 'in', 'notin', 'exists', '!', 'gt', 'lt'])
  if (operator === 'exists' || operator === '!') return { key, operator, values: [] }
  if (operator === 'gt' || operator === 'lt') return { key, operator, values: [String(seeded.int(9))] }
  if (operator !== 'in' && operator !== 'notin') return { key, operator, values: [seeded.pick(['', 'x', 'in'])] }
  return { key, operator, values: [...new Set(['x', ...seeded.some(['', '1', 'notin'])])] }
}

describe('FieldSelector', () => {
  it('reads =, == and !=, and orders its terms', () => {
    const selector = FieldSelector.parse('status.phase!=Running,metadata.name==web,')
    expect(selector.toString()).toBe('metadata.name=web,status.phase!=Running')
    expect(selector.exactValue('metadata.name')).toBe('web')
    expect(selector.matches((field) => (field === 'metadata.name' ? 'web' : 'Pending'))).toBe(true)
    expect(selector.matches((field) => (field === 'metadata.name' ? 'web' : 'Running'))).toBe(false)
    expect(FieldSelector.parse('').isEmpty()).toBe(true)
    expect(FieldSelector.parse('=,a=b').toString()).toBe('a=b')
  })

  it.each([
    ['web', "invalid selector: 'web'; can't understand 'web'"],
    ['a=b,web', "invalid selector: 'a=b,web'; can't understand 'web'"],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a=\\b', 'invalid field selector: invalid escape sequence: \\b'],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
  ])('refuses %j as upstream does', (text, sentence) => {
    expect(() => FieldSelector.parse(text)).toThrow(new Error(sentence))
  })

  it('escapes what would end a value', () => {
    forSeeds(2000, (seeded) => {
      const value = seeded.text('a,=\\!', 6)
      const selector = FieldSelector.of([{ field: 'reason', operator: '!=', value }])
      expect(FieldSelector.parse(selector.toString()).requirements).toEqual(selector.requirements)
    })
  })

  it('has a sentence for any text', () => {
    forSeeds(3000, (seeded) => {
      const text = seeded.text('ab,=!\\.\n', 10)
      try {
        FieldSelector.parse(text)
      } catch (error) {
        expect((error as Error).message).toMatch(/^invalid (field )?selector/)
      }
    })
  })
})
