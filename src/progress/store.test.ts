import { describe, expect, it } from 'vitest'
import { countSteps, MAX_FILE_BYTES, mark, merge, nothing, type Progress, readProgress, stepsDone } from './store.ts'

const with1: Progress = { labs: { scaling: { steps: { spread: { at: 1000, how: 'passed' } } } } }

describe('progress', () => {
  it('survives being written and read', () => {
    expect(readProgress(JSON.stringify(with1))).toEqual({ progress: with1 })
  })

  it('drops fields it does not know, so that a later version can add some', () => {
    const text = JSON.stringify({ ...with1, version: 2 })
    expect(readProgress(text)).toEqual({ progress: with1 })
  })

  it.each([
    ['no json', 'hello', { kind: 'json' }],
    ['a list', '[]', { kind: 'shape', field: 'the whole', expected: 'an object' }],
    ['no labs', '{}', { kind: 'shape', field: 'labs', expected: 'an object' }],
    ['a lab without steps', '{"labs":{"a":{}}}', { kind: 'shape', field: 'labs.a.steps', expected: 'an object' }],
    [
      'an id that is none',
      '{"labs":{"__proto__":{"steps":{}}}}',
      { kind: 'shape', field: 'labs.__proto__', expected: 'named by an id' },
    ],
    [
      'a time that is none',
      '{"labs":{"a":{"steps":{"b":{"at":"now","how":"passed"}}}}}',
      { kind: 'shape', field: 'labs.a.steps.b.at', expected: 'a time in milliseconds' },
    ],
    [
      'an unknown how',
      '{"labs":{"a":{"steps":{"b":{"at":1,"how":"guessed"}}}}}',
      { kind: 'shape', field: 'labs.a.steps.b.how', expected: '"passed" or "skipped"' },
    ],
  ])('says what is wrong with a file that has %s', (_, text, problem) => {
    expect(readProgress(text)).toEqual({ problem })
  })

  it('refuses a file too large to be one', () => {
    expect(readProgress(' '.repeat(MAX_FILE_BYTES + 1))).toEqual({ problem: { kind: 'large' } })
  })

  it('keeps the first time a step passed', () => {
    expect(mark(with1, 'scaling', 'spread', { at: 2000, how: 'passed' })).toBe(with1)
  })

  it('never turns a passed step into a skipped one, but a skipped one into a passed one', () => {
    expect(mark(with1, 'scaling', 'spread', { at: 500, how: 'skipped' })).toBe(with1)
    const skipped = mark(nothing, 'scaling', 'spread', { at: 500, how: 'skipped' })
    expect(mark(skipped, 'scaling', 'spread', { at: 900, how: 'passed' })).toEqual({
      labs: { scaling: { steps: { spread: { at: 900, how: 'passed' } } } },
    })
  })

  it('merges two browsers without losing a step of either', () => {
    const other: Progress = {
      labs: {
        scaling: { steps: { survives: { at: 5, how: 'skipped' } } },
        storage: { steps: { a: { at: 1, how: 'passed' } } },
      },
    }
    const merged = merge(with1, other)
    expect(countSteps(merged)).toBe(3)
    expect(merge(merged, other)).toEqual(merged)
    expect(with1.labs.scaling?.steps).toEqual({ spread: { at: 1000, how: 'passed' } })
  })

  it('counts only the steps that the lab still has', () => {
    expect(stepsDone(with1, 'scaling', ['spread', 'survives'])).toBe(1)
    expect(stepsDone(with1, 'scaling', ['survives'])).toBe(0)
    expect(stepsDone(with1, 'unknown', ['spread'])).toBe(0)
  })
})
