/**
 * Every word of the interface. Pages are in content/; what stands here is said by components and scripts.
 * Each group is a file of its own, so that a script carries only the words that it says.
 */
import { code } from './strings/code.ts'
import { page } from './strings/page.ts'
import { progress } from './strings/progress.ts'
import { session } from './strings/session.ts'
import { site } from './strings/site.ts'
import { start } from './strings/start.ts'
import { terminal } from './strings/terminal.ts'

/** The whole, for whoever translates it. */
export const strings = { site, code, page, start, session, terminal, progress }
export type Strings = typeof strings

export { code, page, progress, session, site, start, terminal }
