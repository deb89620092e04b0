import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The file of the installed astro's command, whatever it is called. */
export function astroCommand(): string {
  const manifest = createRequire(import.meta.url).resolve('astro/package.json')
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { astro: string } }
  return join(dirname(manifest), bin.astro)
}
