import { describe, expect, it } from 'vitest'
import { Lab } from '../../protocol/lab/schema.ts'
import { catchUp, type Journey, restart } from './journey.ts'

const step = (id: string, needs?: 'ingress-controller') => ({
  id,
  title: id,
  checks: [{ title: 'Pods run', resource: { apiVersion: 'v1', kind: 'Pod' }, expect: 'size(objects) == 1' }],
  solution: 'true',
  ...(needs === undefined ? {} : { needs }),
})

const lab = Lab.parse({
  id: 'scaling',
  title: 'Scaling',
  summary: 'Scale.',
  minutes: 10,
  steps: [step('one'), step('two'), step('three', 'ingress-controller'), step('four'), step('five')],
})

const passed = (...ids: string[]) => Object.fromEntries(ids.map((id) => [id, 'passed' as const]))
const where = (progress: Journey['progress'], lacks: readonly 'ingress-controller'[] = []) => ({ lab, progress, lacks })
const told = ({ kind, to, from, solve, progress }: Journey) => ({
  kind,
  to: to.id,
  from: from?.id,
  solve: solve.map(({ id }) => id),
  progress,
})

describe('restart', () => {
  const progress = passed('one', 'two', 'three')

  it('goes to the start of a step that was kept, and what was done before stays done', () => {
    expect(told(restart(where(progress), 'three', new Set(['one', 'two', 'three', 'four'])))).toEqual({
      kind: 'restart',
      to: 'three',
      from: 'three',
      solve: [],
      progress: passed('one', 'two'),
    })
  })

  it('begins at the last start before it and does what lies between', () => {
    const journey = restart(where({ ...progress, two: 'skipped' }), 'four', new Set(['one', 'two']))
    expect(told(journey)).toMatchObject({
      from: 'two',
      solve: ['two', 'three'],
      progress: { one: 'passed', two: 'skipped' },
    })
  })

  it('begins where the lab began if nothing was kept', () => {
    expect(told(restart(where(progress), 'three', new Set()))).toMatchObject({ from: 'one', solve: ['one', 'two'] })
    expect(told(restart(where(progress), 'one', new Set()))).toMatchObject({ from: 'one', solve: [], progress: {} })
  })

  it('takes a later start for none', () => {
    expect(told(restart(where(progress), 'two', new Set(['three', 'four'])))).toMatchObject({
      from: 'one',
      solve: ['one'],
    })
  })

  it('passes over what the cluster does not have', () => {
    const journey = restart(where({ ...progress, three: 'skipped' }, ['ingress-controller']), 'four', new Set())
    expect(told(journey).solve).toEqual(['one', 'two'])
  })

  it('takes the open step and those that are done, no other', () => {
    expect(told(restart(where(progress), 'four', new Set())).to).toBe('four')
    expect(() => restart(where(progress), 'five', new Set())).toThrow(
      'This step has not been open yet: catch up to it instead.',
    )
    expect(() => restart(where({ ...progress, three: 'skipped' }, ['ingress-controller']), 'three', new Set())).toThrow(
      'This step cannot be done on this cluster.',
    )
    expect(() => restart(where(progress), 'six', new Set())).toThrow('This lab has no step "six".')
  })
})

describe('catch-up', () => {
  it('does the steps from the open one on', () => {
    expect(told(catchUp(where(passed('one')), 'five'))).toEqual({
      kind: 'catch-up',
      to: 'five',
      from: undefined,
      solve: ['two', 'three', 'four'],
      progress: passed('one'),
    })
  })

  it('passes over what the cluster does not have', () => {
    const journey = catchUp(where({ ...passed('one'), three: 'skipped' }, ['ingress-controller']), 'five')
    expect(told(journey).solve).toEqual(['two', 'four'])
  })

  it.each(['one', 'two'])('refuses step %s, which is no longer ahead', (id) => {
    expect(() => catchUp(where(passed('one')), id)).toThrow('Only to a step that is not open yet can you catch up.')
  })

  it('refuses any when all is done', () => {
    expect(() => catchUp(where(passed('one', 'two', 'three', 'four', 'five')), 'five')).toThrow('not open yet')
  })
})
