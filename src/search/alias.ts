import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
// Of Starlight's own dependencies; npm lays it at the top, where its one version is found from here too.
const pagefind = require.resolve('@pagefind/default-ui').replace('/npm_dist/cjs/ui-core.cjs', '')

/**
 * Starlight loads its search, five sixths of a page's JavaScript, as soon as the page is idle, and its style with the page.
 * These aliases put when-opened.ts in its place, which loads both when the reader asks for them.
 */
export const searchWhenOpened = [
  { find: /^@pagefind\/default-ui$/, replacement: here('when-opened.ts') },
  { find: /^@pagefind\/default-ui\/css\/ui\.css$/, replacement: here('nothing.css') },
  { find: /^quayside:search-ui$/, replacement: `${pagefind}/npm_dist/mjs/ui-core.mjs` },
  { find: /^quayside:search-ui\.css$/, replacement: `${pagefind}/css/ui.css` },
]
