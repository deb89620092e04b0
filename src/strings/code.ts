import { here } from './here.ts'
import type { Words } from './words.ts'

const english = {
  run: 'Run in terminal',
  /** Name of a code block that can be scrolled, if it has no title. */
  block: 'Code',
}
export type Code = Words<typeof english>

export const code = await here(english, { de: async () => (await import('./de/code.ts')).code })
