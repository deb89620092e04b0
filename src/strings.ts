/**
 * Every word of the interface. Pages are in content/; what stands here is said by components and scripts.
 * Each group is a file of its own, so that a script carries only the words that it says.
 */
import { code } from './strings/code.ts'
import { decision } from './strings/decision.ts'
import { glossary } from './strings/glossary.ts'
import { page } from './strings/page.ts'
import { pictures } from './strings/pictures.ts'
import { progress } from './strings/progress.ts'
import { session } from './strings/session.ts'
import { sevenMachines } from './strings/seven-machines.ts'
import { site } from './strings/site.ts'
import { start } from './strings/start.ts'
import { story } from './strings/story.ts'
import { terminal } from './strings/terminal.ts'

/** The whole, for whoever translates it. */
export const strings = {
  site,
  code,
  page,
  start,
  session,
  terminal,
  progress,
  glossary,
  story,
  sevenMachines,
  pictures,
  decision,
}
export type Strings = typeof strings

export { code, decision, glossary, page, pictures, progress, session, sevenMachines, site, start, story, terminal }
