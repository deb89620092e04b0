import type { Story } from '../scene.ts'

/** The worked example on one machine and on a cluster. With one of two copies out of reach, half of the requests are lost. */
export const story: Story = {
  sides: {
    cluster: {
      start: {
        places: { control: ['API server', 'controllers', 'scheduler'], a: [], b: [], c: [] },
        gauges: { served: 0 },
      },
      presses: {
        deploy: [
          {},
          {},
          { places: { a: ['db-0:starting'], b: ['web-1:starting'], c: ['web-2:starting'] } },
          { places: { b: ['web-1:unready'], c: ['web-2:unready'] } },
          { places: { a: ['db-0'] } },
          { places: { b: ['web-1'], c: ['web-2'] }, gauges: { served: 100 } },
        ],
        node: [
          {
            places: { a: ['db-0'], b: { state: 'dark', units: ['web-1:down'] }, c: ['web-2'] },
            gauges: { served: 50 },
          },
          { gauges: { served: 100 } },
          {},
          { places: { a: ['db-0', 'web-3:starting'] } },
          { places: { a: ['db-0', 'web-3'] } },
          { places: { b: { state: 'ok', units: [] } } },
        ],
        database: [
          {
            places: { a: { state: 'dark', units: ['db-0:down'] }, b: ['web-1'], c: ['web-2'] },
            gauges: { served: 0 },
          },
          { places: { b: ['web-1:unready'], c: ['web-2:unready'] } },
          {},
          {},
          { places: { a: { state: 'dark', units: [] }, c: ['web-2:unready', 'db-0:starting'] } },
          { places: { b: ['web-1'], c: ['web-2', 'db-0'] }, gauges: { served: 100 } },
        ],
        scale: [
          { places: { a: ['db-0'], b: ['web-1'], c: ['web-2'] }, gauges: { served: 100 } },
          {},
          { places: { a: ['db-0', 'web-3:starting'], b: ['web-1', 'web-4:starting'] } },
          { places: { a: ['db-0', 'web-3'], b: ['web-1', 'web-4'] } },
          {},
        ],
      },
    },
    compose: {
      start: { places: { control: ['you'], a: [], b: [], c: [] }, gauges: { served: 0 } },
      presses: {
        deploy: [
          {},
          { places: { a: ['db:starting'] } },
          { places: { a: ['db', 'web:starting'] } },
          { places: { a: ['db', 'web'] }, gauges: { served: 100 } },
          {},
        ],
        node: [
          { places: { a: { state: 'dark', units: ['db:down', 'web:down'] } }, gauges: { served: 0 } },
          {},
          {},
          { places: { b: ['db', 'web'] }, gauges: { served: 100 } },
          {},
        ],
        database: [
          { places: { a: { state: 'dark', units: ['db:down', 'web:down'] } }, gauges: { served: 0 } },
          {},
          { places: { a: { state: 'ok', units: ['db', 'web'] } }, gauges: { served: 100 } },
        ],
        scale: [
          { places: { a: ['db', 'web'] }, gauges: { served: 100 } },
          { places: { a: ['db', 'web', 'web:bad', 'web:bad', 'web:bad'] } },
          {},
          { places: { a: ['proxy', 'db', 'web', 'web', 'web', 'web'] } },
          {},
        ],
      },
    },
  },
}
