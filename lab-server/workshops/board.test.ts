import { describe, expect, it } from 'vitest'
import type { SessionState, SessionView, StepView } from '../../protocol/session.ts'
import { type BoardLab, heatOf, median, paceOf, rowOf, type SeatFacts } from './board.ts'
import type { Milestone } from './milestones.ts'

const MINUTE = 60_000

const labOf = (id: string, optional: string[] = []): BoardLab => ({
  id,
  steps: ['one', 'two', 'three'].map((step) => ({
    id: step,
    title: `Step ${step}`,
    optional: optional.includes(step),
  })),
})
const labs = [labOf('first'), labOf('second')]

const seat = { id: 'ann', name: 'Ann', handAt: null }
const nobody: SeatFacts = { seat, here: false, watchedBy: null, typing: null, current: null, milestones: [] }

/** @param statuses of the lab's steps, `oplk`: open, passed, locked, skipped */
function at(
  statuses: string,
  change: { lab?: string; status?: SessionState; openedAt?: number } = {},
): Partial<SeatFacts> {
  const known: Record<string, StepView['status']> = { o: 'open', p: 'passed', l: 'locked', k: 'skipped' }
  const steps = [...statuses].map((letter, index): StepView => {
    const id = labs[0]?.steps[index]?.id ?? ''
    const checks = [
      { title: `${id} exists`, passed: true },
      { title: `${id} runs`, passed: false, found: '<b>0</b> of 3' },
      { title: `${id} answers`, passed: false },
    ]
    return { id, status: known[letter] ?? 'locked', checks, tried: false }
  })
  const view: SessionView = {
    id: 'session',
    lab: change.lab ?? 'first',
    provider: 'embedded',
    status: change.status ?? { state: 'ready' },
    steps,
    shells: [
      { id: 1, state: 'running' },
      { id: 2, state: 'exited' },
      { id: 4, state: 'running' },
    ],
    ...{ now: 0, createdAt: 0, expiresAt: 0, idleAt: 0, extensionsLeft: 0 },
  }
  return { here: true, current: { view, lastInputAt: 7_000, openedAt: change.openedAt ?? 5_000 } }
}

const milestone = (step: string, change: Partial<Milestone> = {}): Milestone => ({
  ...{ seat: 'ann', lab: 'first', step, how: 'passed', openedAt: 1_000, doneAt: 2_000 },
  ...change,
})
const all = (lab: string) => ['one', 'two', 'three'].map((step) => milestone(step, { lab }))
const row = (facts: Partial<SeatFacts> = {}, over = false, of: readonly BoardLab[] = labs) =>
  rowOf({ ...nobody, ...facts }, of, over)
const stateOf = (...args: Parameters<typeof row>) => row(...args).state

describe('a row of the board', () => {
  it('says where somebody is, since when, and what is still missing', () => {
    const opened = milestone('two', { how: null, openedAt: 3_000, doneAt: null })
    expect(row({ ...at('pol'), milestones: [milestone('one'), opened] })).toEqual({
      seat: 'ann',
      name: 'Ann',
      hand: false,
      handAt: null,
      here: true,
      lab: 'first',
      step: 2,
      steps: 3,
      stepSince: 3_000,
      failing: { title: 'two runs', found: '<b>0</b> of 3' },
      pace: null,
      lastInputAt: 7_000,
      state: 'working',
      shells: [1, 4],
      watchedBy: null,
      typing: null,
    })
  })

  it('says who has raised a hand, and who is looked at', () => {
    const facts = { seat: { ...seat, handAt: 9_000 }, watchedBy: 'Ada', typing: 'asked' } as const
    expect(row(facts)).toMatchObject({ hand: true, handAt: 9_000, watchedBy: 'Ada', typing: 'asked' })
  })

  it('counts the time in a step that was begun again from there', () => {
    expect(row({ ...at('opp', { openedAt: 8_000 }), milestones: all('first') }).stepSince).toBe(8_000)
  })

  it('has no step while the lab is on its way elsewhere', () => {
    const journey: SessionState = { state: 'preparing', stage: 'objects', journey: { kind: 'restart', to: 'one' } }
    expect(row(at('lll', { status: journey }))).toMatchObject({ state: 'waiting', step: null, lab: 'first', steps: 3 })
  })

  const ended: SessionState = { state: 'ended', reason: 'reader', message: '' }
  it('is absent, until they come or begin', () => {
    expect(stateOf()).toBe('absent')
    expect(stateOf({ here: true })).toBe('waiting')
    expect(stateOf({}, true)).toBe('absent')
    expect(stateOf({ ...at('oll'), here: false })).toBe('working')
  })

  it('waits for the cluster, for the host, and for the next lab', () => {
    expect(stateOf(at('lll', { status: { state: 'queued', position: 4 } }))).toBe('waiting')
    expect(stateOf(at('pll'))).toBe('waiting')
    expect(stateOf({ ...at('ppk'), milestones: all('first') })).toBe('waiting')
    expect(stateOf({ ...at('ppp', { status: ended }), milestones: all('first') })).toBe('waiting')
    expect(stateOf({ here: true, milestones: all('first') })).toBe('waiting')
  })

  it('is done once all labs are, whether they still run or not, and not while a step is open again', () => {
    const both = [...all('first'), ...all('second')]
    expect(stateOf({ ...at('ppp', { lab: 'second' }), milestones: both })).toBe('done')
    expect(stateOf({ milestones: both })).toBe('done')
    expect(stateOf({ milestones: both }, true)).toBe('done')
    expect(stateOf({ ...at('ppo', { lab: 'second' }), milestones: both })).toBe('working')
    expect(stateOf({ milestones: both.slice(0, -1) })).toBe('ended')
  })

  it('is done without the steps that this cluster cannot do', () => {
    const done = all('first').slice(0, 2)
    expect(stateOf({ here: true, milestones: done }, false, [labOf('first', ['three'])])).toBe('done')
    expect(stateOf({ here: true, milestones: done }, false, [labOf('first')])).toBe('ended')
  })

  it('has ended with its lab, or with the workshop', () => {
    expect(stateOf(at('pol', { status: ended }))).toBe('ended')
    expect(stateOf({ ...at('pll', { status: ended }), here: false })).toBe('ended')
    expect(stateOf({ ...at('ppp', { status: ended }), milestones: all('first') }, true)).toBe('ended')
    expect(row(at('pol', { status: ended }))).toMatchObject({ lab: 'first', step: null, shells: [], failing: null })
  })
})

describe('how the room stands', () => {
  it('is counted for each step of each lab, in their order', () => {
    const rows = [
      row(at('oll')),
      row({ ...at('oll'), here: false }),
      row(at('pol')),
      row(at('oll', { lab: 'second' })),
      row(),
    ]
    const done = [
      milestone('one', { doneAt: 1_000 + 4 * MINUTE }),
      milestone('one', { doneAt: 1_000 + 2 * MINUTE }),
      milestone('one', { how: 'skipped', doneAt: 1_001 }),
      milestone('two', { how: null, doneAt: null }),
    ]
    const heat = heatOf(labs, rows, done)
    expect(heat.map(({ lab, step, number }) => `${lab} ${number} ${step}`)).toEqual([
      ...['first 1 one', 'first 2 two', 'first 3 three'],
      ...['second 1 one', 'second 2 two', 'second 3 three'],
    ])
    expect(heat.slice(0, 2)).toMatchObject([
      { title: 'Step one', open: 2, passed: 2, skipped: 1, medianMs: 3 * MINUTE },
      { open: 1, passed: 0, skipped: 0, medianMs: null },
    ])
    expect(heat[3]).toMatchObject({ open: 1 })
  })

  it('has the median of those who have done a step, without those who passed it over', () => {
    expect([median([]), median([5]), median([9, 1, 4]), median([1, 9, 4, 3])]).toEqual([null, 5, 4, 4])
  })
})

describe('who is stuck', () => {
  const heatAfter = (minutes: number[]) =>
    heatOf(
      labs,
      [],
      minutes.map((took) => milestone('one', { openedAt: 0, doneAt: took * MINUTE })),
    )
  const working = row(at('oll', { openedAt: 0 }))

  it('is told by the time in a step against the room’s median for it', () => {
    const paces = [3, 6, 12.5, 20].map((minutes) => paceOf(working, heatAfter([4, 6, 9]), minutes * MINUTE))
    expect(paces).toEqual([0.5, 1, 2.1, 3.3])
  })

  it('is not known before three have done the step', () => {
    expect(paceOf(working, heatAfter([4, 6]), 60 * MINUTE)).toBeNull()
    expect(paceOf(working, heatAfter([4, 6, 6]), 60 * MINUTE)).toBe(10)
  })

  it('is nobody after a few seconds, where all others were quick', () => {
    expect(paceOf(working, heatAfter([0.01, 0.01, 0.01]), 30_000)).toBe(1)
  })

  it('is nobody who has nothing to do', () => {
    for (const facts of [{}, { here: true }, at('pll'), at('ppp')])
      expect(paceOf(row(facts), heatAfter([1, 1, 1]), 60 * MINUTE)).toBeNull()
  })
})
