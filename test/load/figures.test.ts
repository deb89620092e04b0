import { expect, it } from 'vitest'
import { figuresOf, type Measured, shortcomings, WANTED } from './figures.ts'

const measured: Measured = {
  seats: 2,
  allInAfter: 9_000,
  told: [
    { inAfter: 700, refused: [], echoes: [4, 8, 6], done: [{ step: 1, at: 10_000 }] },
    { inAfter: 900, refused: [], echoes: [5], done: [{ step: 1, at: 11_000 }] },
  ],
  seen: [
    { name: 'Participant 1', step: 1, at: 10_400 },
    // The clocks' last digit
    { name: 'Participant 2', step: 1, at: 10_999 },
  ],
  hostRefused: [],
  server: { peakRss: 1, rss: 1, shells: 1, cpu: { joining: 1, working: 1 } },
  clients: 1,
  workedFor: 1,
}

it('makes figures of what participants and host have told', () => {
  const figures = figuresOf(measured)
  expect(figures).toMatchObject({ in: 2, echoP50: 5, echoP95: 8, stepsDone: 2, untold: 0, boardMax: 400, boardP50: 0 })
  expect(shortcomings(figures, WANTED)).toEqual([])
})

it('says what is not as it should be', () => {
  const [first] = measured.told
  const figures = figuresOf({
    ...measured,
    allInAfter: 61_000,
    told: [
      { inAfter: undefined, refused: ['429: full'], echoes: [], done: [] },
      { inAfter: 1, refused: [], echoes: [51], done: [...(first?.done ?? []), { step: 2, at: 12_000 }] },
    ],
    seen: [{ name: 'Participant 2', step: 1, at: 12_001 }],
  })
  expect(shortcomings(figures, WANTED)).toEqual([
    '1 were refused, the first: 429: full',
    'only 1 of 2 came in',
    'all were in after 61.0 s only',
    'the 95th percentile of echoes is 51 ms',
    'the board has not told of 1 of 2 steps',
    'the board was 2.0 s late',
  ])
})
