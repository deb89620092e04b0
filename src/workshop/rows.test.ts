import { expect, it } from 'vitest'
import type { BoardRow, Heat, WorkshopView } from '../../protocol/workshop.ts'
import { applied, countsOf, inOrder, isStuck, isWanted, newHands, warmth } from './rows.ts'

const row = (name: string, changes: Partial<BoardRow> = {}): BoardRow => ({
  seat: name.toLowerCase(),
  name,
  hand: false,
  handAt: null,
  here: true,
  lab: 'scaling',
  step: 1,
  steps: 6,
  stepSince: 0,
  failing: null,
  pace: null,
  lastInputAt: 0,
  state: 'working',
  shells: [1],
  watchedBy: null,
  typing: null,
  ...changes,
})
const workshop = { id: 'w', labs: ['scaling', 'storage'] } as WorkshopView
const heat: Heat = { lab: 'scaling', step: 'a', number: 1, title: 'A', open: 0, passed: 0, skipped: 0, medianMs: null }
const names = (rows: BoardRow[]) => rows.map(({ name }) => name)
const anything = { filter: 'all', name: '', at: undefined } as const

it('puts raised hands first, who waits longest before the others, then who is stuck, the slowest first', () => {
  const rows = [
    row('Done', { state: 'done', step: null }),
    row('Works'),
    row('Slow', { pace: 2.1 }),
    row('Slower', { pace: 5 }),
    row('Late', { hand: true, handAt: 20 }),
    row('Early', { hand: true, handAt: 10 }),
    row('Absent', { state: 'absent', here: false, lab: null, step: null }),
  ]
  expect(names(inOrder(rows, 'need', workshop.labs))).toEqual([
    'Early',
    'Late',
    'Slower',
    'Slow',
    'Works',
    'Absent',
    'Done',
  ])
})

it('counts as stuck who needs more than twice the median, and nobody who is done', () => {
  expect(isStuck(row('a', { pace: 2 }))).toBe(false)
  expect(isStuck(row('a', { pace: 2.01 }))).toBe(true)
  expect(isStuck(row('a', { pace: null }))).toBe(false)
  expect(isStuck(row('a', { pace: 9, state: 'done' }))).toBe(false)
})

it('sorts by name as people count, by how far one is, and by how long nothing was typed', () => {
  const rows = [
    row('P10', { lab: 'storage', step: 1, lastInputAt: 3 }),
    row('P9', { step: 4, lastInputAt: 1 }),
    row('p2', { lab: null, step: null, lastInputAt: null }),
    row('P1', { lab: 'scaling', state: 'done', step: null, lastInputAt: 2 }),
  ]
  expect(names(inOrder(rows, 'name', workshop.labs))).toEqual(['P1', 'p2', 'P9', 'P10'])
  expect(names(inOrder(rows, 'progress', workshop.labs))).toEqual(['p2', 'P9', 'P1', 'P10'])
  expect(names(inOrder(rows, 'activity', workshop.labs))).toEqual(['p2', 'P9', 'P1', 'P10'])
})

it('finds names without case and accents, and whoever is at one step', () => {
  const jose = row('José Ö', { step: 3 })
  expect(isWanted(jose, { ...anything, name: 'jose o' })).toBe(true)
  expect(isWanted(jose, { ...anything, name: 'ann' })).toBe(false)
  expect(isWanted(jose, { ...anything, at: { lab: 'scaling', number: 3 } })).toBe(true)
  expect(isWanted(jose, { ...anything, at: { lab: 'storage', number: 3 } })).toBe(false)
  expect(isWanted(jose, { ...anything, filter: 'hand' })).toBe(false)
})

it('counts each filter', () => {
  const rows = [row('a', { hand: true, pace: 3 }), row('b', { here: false, state: 'absent' }), row('c')]
  expect(countsOf(rows)).toEqual({ all: 3, hand: 1, stuck: 1, working: 2, done: 0, away: 1 })
})

it('takes a board up whole, then changes by row; a change of nothing is waited out', () => {
  const change = { kind: 'change', rows: [row('Ann', { step: 2 })], gone: ['bob'], now: 1 } as const
  expect(applied(undefined, { ...change, rows: [...change.rows], gone: [] })).toBeUndefined()
  const whole = applied(undefined, { kind: 'whole', workshop, rows: [row('Ann'), row('Bob')], heat: [heat], now: 0 })
  const after = applied(whole, { ...change, rows: [...change.rows], gone: [...change.gone] })
  expect([...(after?.rows.values() ?? [])].map(({ name, step }) => [name, step])).toEqual([['Ann', 2]])
  expect(after?.heat).toEqual([heat])
  expect(after?.workshop).toBe(workshop)
  expect(whole?.rows.size).toBe(2)
})

it('tells of hands that went up since, and of none when the board is first seen', () => {
  const up = new Map([['ann', row('Ann', { hand: true })]])
  expect(newHands(undefined, up)).toEqual([])
  expect(names(newHands(new Map([['ann', row('Ann')]]), up))).toEqual(['Ann'])
  expect(newHands(up, up)).toEqual([])
})

it('warms a step by the part of the room that is at it', () => {
  expect(warmth({ ...heat, open: 5 }, 20)).toBe(0.25)
  expect(warmth(heat, 0)).toBe(0)
})
