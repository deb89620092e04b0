import { createHash } from 'node:crypto'
import { appendFileSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AstroIntegration } from 'astro'
import { Shortener } from './scripts.ts'
import { partSearch } from './search-style.ts'
import { Sprite } from './sprite.ts'

/** Stands for the name of the file until all drawings are known. */
const LATER = 'quayside-icons-later.svg'

/** Takes out of built pages what each would carry again or for nothing: drawings of icons, white space of scripts, the search's style. */
export function lightenPages(): AstroIntegration {
  let base = '/'
  return {
    name: 'quayside-lean',
    hooks: {
      'astro:config:done': ({ config }) => {
        base = config.base.replace(/\/?$/, '/')
      },
      'astro:build:done': ({ dir }) => {
        const folder = fileURLToPath(dir)
        lightenHtml(folder, base)
        lightenCss(folder)
      },
    },
  }
}

function lightenHtml(folder: string, base: string): void {
  const sprite = new Sprite()
  const scripts = new Shortener()
  const pages = globSync('**/*.html', { cwd: folder })
    .sort()
    .map((name) => {
      const file = join(folder, name)
      return { file, html: scripts.take(sprite.take(readFileSync(file, 'utf8'), LATER)) }
    })
  const text = sprite.toString()
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 8)
  const name = `_astro/icons.${hash}.svg`
  writeFileSync(join(folder, name), text)
  for (const { file, html } of pages) writeFileSync(file, html.replaceAll(LATER, base + name))
}

/** The sheet that src/search/when-opened.ts loads takes the rules up, in the layers where they were. */
function lightenCss(folder: string): void {
  const [search, ...others] = globSync('_astro/search.*.css', { cwd: folder })
  if (search === undefined || others.length > 0)
    throw new Error(`${folder}: found ${others.length + (search ? 1 : 0)} stylesheets of the search; expected one`)
  for (const name of globSync('_astro/*.css', { cwd: folder }).filter((one) => one !== search)) {
    const file = join(folder, name)
    const { kept, moved } = partSearch(readFileSync(file, 'utf8'))
    if (moved === '') continue
    writeFileSync(file, kept)
    appendFileSync(join(folder, search), moved)
  }
}
