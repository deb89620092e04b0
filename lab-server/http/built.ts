/** Whether the pages are as new as what they are made from. */
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Its time is the build's. */
const frontPage = (root: string) => join(root, 'dist', 'index.html')

/** What the pages are made from, below the root. */
const sources = [
  'content',
  'labs',
  'public',
  'src',
  'protocol',
  'astro.config.mjs',
  'ec.config.mjs',
  'package-lock.json',
]

/** Undefined if the pages are there and current, else why not, in words. */
export async function whyBuild(root: string): Promise<string | undefined> {
  const built = await stat(frontPage(root)).catch(() => undefined)
  if (!built) return 'the pages have not been built yet'
  for (const source of sources) {
    if ((await newest(join(root, source))) > built.mtimeMs) return `${source} has changed`
  }
  return undefined
}

/** After a build that failed half-way, so that the next start does not take its pages for whole. */
export const forgetBuild = (root: string) => rm(frontPage(root), { force: true })

/** Time of the last change in a file or anywhere in a folder, in ms since the epoch; 0 if there is none. */
async function newest(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return 0
  // A folder's own time changes when a file in it goes.
  if (!found.isDirectory()) return found.mtimeMs
  const inside = await Promise.all((await readdir(path)).map((name) => newest(join(path, name))))
  return Math.max(found.mtimeMs, ...inside)
}
