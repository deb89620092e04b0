import { describe, expect, it } from 'vitest'
import { compile, examine, toCel, type Variable } from './expressions.ts'

const evaluate = (source: string, value: unknown, variable: Variable = 'object') =>
  compile(source, variable).evaluate(toCel(value))

const value = (source: string, input: unknown, variable?: Variable) => {
  const outcome = evaluate(source, input, variable)
  return outcome.kind === 'value' ? outcome.value : outcome
}

const deployment = {
  metadata: { labels: { app: 'web' } },
  spec: { replicas: 3 },
  status: { readyReplicas: 3, load: 1.5, conditions: [] },
}

describe('numbers', () => {
  it('compares a number of the API with a literal', () => {
    expect(value('object.status.readyReplicas == 3', deployment)).toBe(true)
    expect(value('3 <= object.status.readyReplicas', deployment)).toBe(true)
    expect(value('object.status.readyReplicas in [1, 3]', deployment)).toBe(true)
    expect(value('object.status.load > 1', deployment)).toBe(true)
  })

  it('counts with whole numbers of the API as ints', () => {
    expect(value('object.spec.replicas + 1 == 4', deployment)).toBe(true)
    expect(value('string(object.spec.replicas) + " copies"', deployment)).toBe('3 copies')
  })

  it('compares a size with a number of the API and with a literal', () => {
    expect(value('objects.size() == 2', [{}, {}], 'objects')).toBe(true)
    expect(value('objects.size() == objects[0].n', [{ n: 2 }, {}], 'objects')).toBe(true)
  })
})

describe('what is not there', () => {
  it.each([
    ['object.status.availableReplicas == 3', 'status.availableReplicas'],
    ['object.spec.template.spec.x == 3', 'spec.template'],
    ['has(object.nothing.x)', 'nothing'],
    ['object.status.conditions[0].type == "x"', 'a field'],
  ])('tells which field %s read in vain', (source, field) => {
    expect(evaluate(source, deployment)).toEqual({ kind: 'absent', field })
  })

  it('takes a field of null as absent', () => {
    expect(value('responses[0].json.hostname == "a"', [{ json: null }], 'responses')).toEqual({
      kind: 'absent',
      field: 'hostname',
    })
  })

  it('does not find what JavaScript objects have by themselves', () => {
    expect(evaluate('object.constructor == 1', {}).kind).toBe('absent')
    expect(evaluate('object.__proto__ == 1', {}).kind).toBe('absent')
    expect(value('object.__proto__.a == 1', JSON.parse('{"__proto__": {"a": 1}}'))).toBe(true)
  })

  it('offers a default with optional access', () => {
    expect(value('object.?status.?ready.orValue(0) == 0', deployment)).toBe(true)
  })

  it('keeps a true part true beside an absent one', () => {
    expect(value('object.nothing == 1 || object.spec.replicas == 3', deployment)).toBe(true)
  })
})

describe('functions of labs', () => {
  it.each([
    ['["a", "b", "a"].unique().size() == 2', true],
    ['[{"a": 1, "b": 2}, {"b": 2, "a": 1}].distinct().size() == 1', true],
    ['["b", "a"].sort().join(", ")', 'a, b'],
    ['[1, 2, 3].sum() == 6', true],
    ['[3, 1, 2].min() == 1 && [3, 1, 2].max() == 3', true],
    ['string(object.list)', '[1,"a"]'],
    ['string(null)', 'null'],
    ['string({"a": 1})', '{"a":1}'],
    ['quantity("100m").compareTo(quantity("0.1")) == 0', true],
    ['quantity("1Gi").isGreaterThan(quantity("1G"))', true],
    ['quantity("1e3").compareTo(quantity("1k")) == 0', true],
    ['quantity("-5").isLessThan(quantity("50m"))', true],
    ['quantity("1500m").asApproximateFloat() == 1.5', true],
  ])('%s', (source, expected) => {
    expect(value(source, { list: [1, 'a'] })).toBe(expected)
  })

  it('names the faults of values that do not fit', () => {
    const fault = (source: string, input: unknown = {}) => {
      const outcome = evaluate(source, input)
      return outcome.kind === 'fault' ? outcome.fault : outcome
    }
    expect(fault('quantity("many").asApproximateFloat() > 1.0')).toBe(
      'quantity(): "many" is not a quantity like "50m" or "1Gi"',
    )
    expect(fault('["a"].sum() == 1')).toBe('sum(): the list holds something that is not a number')
    expect(fault('[].max() == 1')).toBe('max(): the list is empty')
    expect(fault('object.a > 1', { a: 'x' })).toBe('no such overload: dyn<string> > int')
  })
})

describe('examining before anything runs', () => {
  it('accepts what is true or false, and what cannot be known yet', () => {
    expect(examine('object.a == 1', 'object', 'bool')).toBeUndefined()
    expect(examine('object.a', 'object', 'bool')).toBeUndefined()
    expect(examine('object.a', 'object', 'string')).toBeUndefined()
  })

  it('names an unknown variable and the one that is known', () => {
    expect(examine('object.a == pods.size()', 'object', 'bool')).toEqual({
      found: 'the unknown name pods',
      expected: "object, the one name this check's expressions see",
      offset: 12,
    })
  })

  it('refuses other types, unknown functions and what does not parse', () => {
    expect(examine('objects.size()', 'objects', 'bool')).toMatchObject({ found: 'an expression of type int' })
    expect(examine('objects.size()', 'objects', 'string')).toMatchObject({
      expected: 'an expression that gives a text; put string(…) round what is not one',
    })
    expect(examine('events.count() == 1', 'events', 'bool')).toMatchObject({
      found: "found no matching overload for 'list.count()'",
    })
    expect(examine('object.a ==', 'object', 'bool')).toEqual({
      found: 'Unexpected token: EOF',
      expected: 'an expression in CEL',
      offset: 11,
    })
  })
})

it('does not follow nesting without end', () => {
  let deep: unknown = 1
  for (let i = 0; i < 50_000; i++) deep = [deep]
  expect(() => toCel(deep)).not.toThrow()
})
