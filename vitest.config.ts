import { defineConfig } from 'vitest/config'

/** Behaviour is asserted, not speed: what a test looks for comes in its time on a busy machine too. Without this, a second. */
const expect = { poll: { timeout: 20_000 } }

/** Tests that need a browser or a Docker engine are projects of their own, so that the rest runs anywhere in seconds. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          expect,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          include: ['{protocol,lab-server,engine,src,test}/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts', '**/*.kind.test.ts', '**/*.embedded.test.ts', '**/node_modules/**'],
        },
      },
      {
        test: {
          name: 'browser',
          expect,
          include: ['test/**/*.browser.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          // Sessions on the embedded provider, with real shells and the real kubectl.
          name: 'embedded',
          expect,
          include: ['{lab-server,test}/**/*.embedded.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          // Of labs, each on two clusters: on two cores more of them only wait for one another.
          maxConcurrency: 4,
        },
      },
      {
        test: {
          name: 'kind',
          expect,
          include: ['{lab-server,test}/**/*.kind.test.ts'],
          // A cluster takes half a minute on two cores, and several may be made one after the other.
          testTimeout: 15 * 60_000,
          hookTimeout: 10 * 60_000,
          fileParallelism: false,
          // Of labs, each on a cluster of four nodes.
          maxConcurrency: 2,
        },
      },
    ],
  },
})
