/** Whether the pages are as new as what they are made from. */
import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Laid in the folder of the pages after a build that went through; its time is the build's. */
const STAMP = '.built'

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
  const built = await stat(join(root, 'dist', STAMP)).catch(() => undefined)
  if (!built) return 'the pages have not been built yet'
  for (const source of sources) {
    if ((await newest(join(root, source))) > built.mtimeMs) return `${source} has changed`
  }
  return undefined
}

export const markBuilt = (root: string) => writeFile(join(root, 'dist', STAMP), '')

/** Time of the last change in a file or anywhere in a folder, in ms since the epoch; 0 if there is none. */
async function newest(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined)
  if (!found) return 0
  // A folder's own time changes when a file in it goes.
  if (!found.isDirectory()) return found.mtimeMs
  const inside = await Promise.all((await readdir(path)).map((name) => newest(join(path, name))))
  return Math.max(found.mtimeMs, ...inside)
}
