import { describe, expect, it } from 'vitest'
import { isFound, parseMistakes } from './mistakes.ts'
import { LabFileError } from './parse.ts'
import { Lab } from './schema.ts'

const lab = Lab.parse({
  id: 'demo',
  title: 'Demo',
  summary: 'Demo.',
  minutes: 10,
  steps: [
    {
      id: 'one',
      title: 'One',
      checks: [{ title: 'It is so', resource: { apiVersion: 'v1', kind: 'Pod', name: 'a' }, expect: 'true' }],
      solution: 'true',
    },
  ],
})

const good = 'one:\n  - check: It is so\n    run: false\n    found: Not so.\n'

function messageOf(text: string): string {
  try {
    parseMistakes(text, 'labs/demo/mistakes.yaml', lab)
    return ''
  } catch (error) {
    if (error instanceof LabFileError) return error.message
    throw error
  }
}

it('reads mistakes by step', () => {
  const text = good.replace('false', '"false"')
  expect(parseMistakes(text, 'm', lab)).toEqual({ one: [{ check: 'It is so', run: 'false', found: 'Not so.' }] })
})

it.each([
  [
    'a step that the lab does not have',
    good.replace('one:', 'two:').replace('false', '"false"'),
    'labs/demo/mistakes.yaml:1: two: found the unknown step "two"; expected a step of the lab: one',
  ],
  [
    'a check that the step does not have',
    good.replace('It is so', 'It was so').replace('false', '"false"'),
    'labs/demo/mistakes.yaml:2: one[0].check: found "It was so"; expected the title of a check of the step: "It is so"',
  ],
  ['a field that is wrong', good, 'labs/demo/mistakes.yaml:3: one[0].run: found false; expected a text'],
])('tells of %s', (_what, text, message) => {
  expect(messageOf(text)).toContain(message)
})

describe('what a check says', () => {
  it.each([
    ['3 of 5 are ready.', '3 of 5 are ready.', true],
    ['* of 5 are ready.', '3 of 5 are ready.', true],
    ['3 of 5', '3 of 5 are ready.', false],
    ['Is it (so)?', 'Is it (so)?', true],
    ['one\n  two', 'one two', true],
  ])('is compared with %j', (pattern, text, same) => {
    expect(isFound(pattern, text)).toBe(same)
  })
})
