import { count } from './count.ts'
import { here } from './here.ts'
import type { Words } from './words.ts'

/** Said by the progress page, and beside links to labs. */
const english = {
  of: (done: number, all: number) => `${done} of ${all} steps`,
  done: 'done',
  skipped: 'skipped',
  open: 'open',
  exported: 'Saved as a file.',
  imported: (steps: number) => `${count(steps, 'step was', 'steps were')} added.`,
  forgotten: 'Your progress is forgotten.',
  notKept: 'Your browser does not let this page keep anything, so your progress cannot be changed.',
  problem: {
    json: 'This is not a file exported here: it is not JSON.',
    shape: (field: string, expected: string) => `This is not a file exported here: ${field} should be ${expected}.`,
    large: 'This file is too large to be one exported here.',
  },
  ask: {
    title: 'Forget your progress?',
    text: 'All ticks of all labs go away in this browser. An exported file can bring them back.',
    confirm: 'Forget it',
  },
}
export type ProgressWords = Words<typeof english>

export const progress = await here(english, { de: async () => (await import('./de/progress.ts')).progress })
