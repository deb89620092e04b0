import type { Change, Story } from '../scene.ts'

/** Each unit is called what the picture's words call it; `v1` and such stand after that. */
const chefs = (a: string[], b: string[], c: string[]): NonNullable<Change['places']> => ({ a, b, c })
const ok = (count: number, label = ''): string[] => Array.from({ length: count }, () => label)

const one = (start: Change, presses: Record<string, Change[]>): Story => ({ sides: { picture: { start, presses } } })

const spread = chefs(ok(2), ok(2), ok(2))
const busy = chefs(ok(2, ':busy'), ok(2, ':busy'), ok(2, ':busy'))

export const stories = {
  restaurant: one(
    { places: { manager: [], ...spread } },
    {
      sick: [
        { places: { b: ['', ':down'] } },
        { places: { b: [''] } },
        { places: { a: ['', '', ':starting'] } },
        { places: { a: ok(3) } },
      ],
      guests: [
        { places: busy },
        {},
        { places: chefs(['', '', ':starting'], ['', '', ':starting'], ['', '', ':starting']) },
        { places: spread },
      ],
      closed: [
        { places: { c: { state: 'dark', units: [':down', ':down'] } } },
        {},
        { places: { a: ['', '', ':starting'], b: ['', '', ':starting'], c: [] } },
        { places: { a: ok(3), b: ok(3) } },
      ],
      menu: [
        { places: chefs(ok(2, '1'), ok(2, '1'), ok(2, '1')) },
        { places: chefs(['1', '2:starting'], ['1', '2:starting'], ok(2, '1')) },
        { places: chefs(ok(2, '2'), ok(2, '2'), ['1', '2:starting']) },
        { places: chefs(ok(2, '2'), ok(2, '2'), ok(2, '2')) },
      ],
    },
  ),
  port: one(
    { places: { authority: [], ...spread } },
    {
      damaged: [{ places: { b: ['', ':down'] } }, { places: { b: [''] } }, { places: { a: ok(3) } }],
      ship: [
        { places: busy },
        {},
        { places: chefs(['', '', ':starting'], ['', '', ':starting'], ['', '', ':starting']) },
      ],
      berth: [
        { places: { c: { state: 'dark', units: [':down', ':down'] } } },
        {},
        { places: { a: ok(3), b: ok(3), c: [] } },
      ],
      heavy: [{ places: { authority: ['XL:starting'] } }, {}, {}],
    },
  ),
  factory: one(
    { places: { bench: [], store: ['v1'], a: ['v1'], b: ['v1'], c: ['v1'] } },
    {
      build: [{ places: { bench: ['v2:starting'] } }, { places: { bench: [], store: ['v1', 'v2'] } }, {}],
      order: [
        { places: { store: ['v1', 'v2'] } },
        {},
        { places: { a: ['v2'], b: ['v1', 'v2:starting'] } },
        { places: { b: ['v2'], c: ['v2'] } },
      ],
      alone: [{ places: { b: { state: 'dark', units: ['v1:down'] } } }, {}, { places: { c: ['v1', 'v1'] } }],
    },
  ),
} satisfies Record<string, Story>
