import type { Change, Story } from '../scene.ts'

const apps = ['2', '3', '4', '5', '6', '7']

/** The same in several places. */
const each = (places: string[], units: string[]): Record<string, string[]> =>
  Object.fromEntries(places.map((place) => [place, units]))

const hand: Change = {
  places: { 1: ['proxy'], ...each(apps, ['v1']) },
  gauges: { served: 100, work: 0 },
}

const cluster: Change = {
  places: { 1: ['control plane'], 2: ['way in', 'v1'], 3: ['way in', 'v1'], ...each(['4', '5', '6', '7'], ['v1']) },
  gauges: { served: 100, work: 0 },
}

/** With six copies a Deployment adds two (25 %, rounded up) and lets one be missing (25 %, rounded down). */
const threeNew = (state: '' | ':starting' | ':bad'): Change['places'] => ({
  2: ['way in', 'v1', `v2${state}`],
  3: ['way in', `v2${state}`],
  4: ['v1', `v2${state}`],
})

/** Minutes of work and percent of requests are an example: what matters is which of them are nought. */
export const story: Story = {
  sides: {
    hand: {
      start: hand,
      presses: {
        crash: [
          { places: { 5: ['v1:down'] }, gauges: { served: 83 } },
          { places: { 5: ['v1'] }, gauges: { served: 100 } },
          { places: { 5: { state: 'dark', units: [] } }, gauges: { served: 83 } },
          {},
          { gauges: { work: 25 } },
          { gauges: { served: 100, work: 40 } },
          {},
        ],
        release: [
          { places: { 2: ['v2:starting'] }, gauges: { served: 83, work: 2 } },
          { places: { 2: ['v2'], 3: ['v2:starting'] } },
          { places: { 3: ['v2'], 4: [] }, gauges: { work: 5 } },
          {},
          { places: { 4: ['v2'], 5: ['v2:starting'] }, gauges: { work: 25 } },
          { places: each(apps, ['v2']), gauges: { served: 100, work: 30 } },
        ],
        bad: [
          { places: { 2: ['v2:bad'] }, gauges: { served: 83, work: 2 } },
          { places: each(['2', '3', '4'], ['v2:bad']), gauges: { served: 50 } },
          { places: each(apps, ['v2:bad']), gauges: { served: 0, work: 5 } },
          { gauges: { work: 20 } },
          { places: each(['2', '3', '4'], ['v1']), gauges: { served: 50, work: 35 } },
          { places: each(apps, ['v1']), gauges: { served: 100, work: 40 } },
        ],
        traffic: [
          { places: each(apps, ['v1:busy']), gauges: { served: 50 } },
          { gauges: { work: 5 } },
          { places: each(apps, ['v1:busy', 'v1:starting']), gauges: { work: 30 } },
          { places: each(apps, ['v1', 'v1']), gauges: { served: 100, work: 40 } },
          {},
        ],
        proxy: [
          { places: { 1: { state: 'dark', units: [] } }, gauges: { served: 0 } },
          {},
          { places: { 2: ['v1', 'proxy:starting'] }, gauges: { work: 10 } },
          { places: { 2: ['v1', 'proxy'] }, gauges: { work: 35 } },
          { gauges: { served: 50, work: 40 } },
          { gauges: { served: 100, work: 55 } },
        ],
      },
    },
    cluster: {
      start: cluster,
      presses: {
        crash: [
          { places: { 5: ['v1:down'] }, gauges: { served: 83 } },
          { places: { 5: ['v1'] }, gauges: { served: 100 } },
          { places: { 5: { state: 'dark', units: ['v1:down'] } }, gauges: { served: 83 } },
          { gauges: { served: 100 } },
          { places: { 5: [] } },
          { places: { 4: ['v1', 'v1:starting'] } },
          { places: { 4: ['v1', 'v1'] } },
        ],
        release: [
          { gauges: { work: 2 } },
          { places: threeNew(':starting') ?? {} },
          {
            places: {
              2: ['way in', 'v2'],
              3: ['way in', 'v2'],
              4: ['v2'],
              5: ['v1', 'v2:starting'],
              7: ['v2:starting'],
            },
          },
          { places: { 5: ['v2'], 6: { state: 'full', units: ['v1'] }, 7: ['v2'], 4: ['v2', 'v2:starting'] } },
          { places: { 4: ['v2', 'v2'], 6: [] } },
        ],
        bad: [
          { gauges: { work: 2 } },
          { places: threeNew(':starting') ?? {} },
          { places: threeNew(':bad') ?? {} },
          {},
          { gauges: { work: 4 } },
          { places: { 2: ['way in', 'v1'], 3: ['way in', 'v1'], 4: ['v1'] } },
        ],
        traffic: [
          {
            places: {
              ...each(apps, ['v1:busy']),
              ...each(['2', '3'], ['way in', 'v1:busy']),
            },
            gauges: { served: 50 },
          },
          {},
          {
            places: {
              ...each(apps, ['v1:busy', 'v1:starting']),
              ...each(['2', '3'], ['way in', 'v1:busy', 'v1:starting']),
            },
          },
          {
            places: { ...each(apps, ['v1', 'v1']), ...each(['2', '3'], ['way in', 'v1', 'v1']) },
            gauges: { served: 100 },
          },
          { places: { ...each(apps, ['v1']), ...each(['2', '3'], ['way in', 'v1']) } },
          {},
        ],
        proxy: [
          { places: { 2: { state: 'dark', units: ['way in:down', 'v1:down'] } }, gauges: { served: 42 } },
          { gauges: { served: 83 } },
          { gauges: { served: 100 } },
          { places: { 2: [], 4: ['v1', 'way in'], 5: ['v1', 'v1'] } },
          {},
          {},
        ],
      },
    },
  },
}
