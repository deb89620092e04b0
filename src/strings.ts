/**
 * Every word of the interface. Pages are in content/; what stands here is said by components and scripts.
 * Each group is a file of its own, so that a script carries only the words that it says.
 */
import { appWalk } from './strings/app-walk.ts'
import { applyWalk } from './strings/apply-walk.ts'
import { code } from './strings/code.ts'
import * as de from './strings/de/index.ts'
import { decision } from './strings/decision.ts'
import { glossary } from './strings/glossary.ts'
import { isTranslation, type Translation } from './strings/locale.ts'
import { map } from './strings/map.ts'
import { page } from './strings/page.ts'
import { pictures } from './strings/pictures.ts'
import { progress } from './strings/progress.ts'
import { room } from './strings/room.ts'
import { seat } from './strings/seat.ts'
import { session } from './strings/session.ts'
import { sevenMachines } from './strings/seven-machines.ts'
import { simulation } from './strings/simulation.ts'
import { site } from './strings/site.ts'
import { start } from './strings/start.ts'
import { story } from './strings/story.ts'
import { terminal } from './strings/terminal.ts'
import { wish } from './strings/wish.ts'
import type { Words } from './strings/words.ts'
import { workshop } from './strings/workshop.ts'

/** The whole, for whoever translates it. */
export const strings = {
  site,
  code,
  page,
  start,
  session,
  terminal,
  map,
  simulation,
  progress,
  glossary,
  story,
  sevenMachines,
  pictures,
  decision,
  wish,
  applyWalk,
  appWalk,
  workshop,
  room,
  seat,
}
export type Strings = Words<typeof strings>

/** A page is translated when its text is; what its components say follows part by part, and is English until then. */
const translated: Record<Translation, Partial<Strings>> = { de }

/** @param language of a page's text: `Astro.locals.starlightRoute.entryMeta.lang` */
export function stringsIn(language: string | undefined): Strings {
  return { ...strings, ...(isTranslation(language) ? translated[language] : {}) }
}

export {
  applyWalk,
  appWalk,
  code,
  decision,
  glossary,
  map,
  page,
  pictures,
  progress,
  room,
  seat,
  session,
  sevenMachines,
  simulation,
  site,
  start,
  story,
  terminal,
  wish,
  workshop,
}
