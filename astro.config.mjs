import starlight from '@astrojs/starlight'
import { defineConfig } from 'astro/config'
import starlightLinksValidator from 'starlight-links-validator'
import { checkContent } from './src/content-checks/integration.ts'
import { lightenPages } from './src/lean/integration.ts'
import { validateContentFolder } from './src/links/content-folder.ts'
import { searchWhenOpened } from './src/search/alias.ts'
import { locales } from './src/strings/locale.ts'
import { stringsIn } from './src/strings.ts'
import { sidebar } from './src/tracks.ts'

// Where the site will be published; without it there is no sitemap and no canonical address.
const address = process.env.SITE_URL

// Where a reader may propose a change, up to the file's path: https://github.com/<owner>/<name>/edit/main/. Without it no page has such a link.
const edit = process.env.EDIT_URL

// While a lab is written: where the lab server behind the pages is.
const labServer = process.env.LAB_SERVER

const english = stringsIn('en').site
const inEachLanguage = (word) =>
  Object.fromEntries(Object.values(locales).map(({ lang }) => [lang, word(stringsIn(lang).site)]))

export default defineConfig({
  ...(address ? { site: address } : {}),
  // A page is fetched when it is asked for: a lab page must never do more because a pointer passed over a link.
  prefetch: false,
  vite: {
    // Starlight brings an older js-yaml of its own: bundled, each of its importers gets the one it was written for.
    environments: { prerender: { resolve: { noExternal: ['js-yaml'] } } },
    resolve: { alias: searchWhenOpened },
    ...(labServer ? { server: { proxy: { '/api': { target: labServer, ws: true } } } } : {}),
    build: {
      // A script that all pages share is fetched once; inlined, it would weigh on each of them.
      assetsInlineLimit: (file) => (/\.m?js$/.test(file) ? false : undefined),
    },
  },
  // Apart from the pages, a stylesheet is fetched once for all of them.
  build: { inlineStylesheets: 'never' },
  integrations: [
    checkContent(),
    validateContentFolder(),
    lightenPages(),
    starlight({
      title: inEachLanguage(({ name }) => name),
      description: english.description,
      locales,
      logo: { src: './src/assets/logo.svg', alt: '' },
      favicon: '/favicon.svg',
      sidebar,
      ...(edit ? { editLink: { baseUrl: edit } } : {}),
      customCss: ['./src/styles/theme.css'],
      routeMiddleware: './src/routeData.ts',
      components: {
        Sidebar: './src/overrides/Sidebar.astro',
        TwoColumnContent: './src/overrides/TwoColumnContent.astro',
      },
      // What is not translated yet is shown in English at the same address: links from a translated page may lead there.
      plugins: [starlightLinksValidator({ errorOnFallbackPages: false })],
      // Not where Starlight expects pages: without this they would have no asides and no anchors.
      markdown: { processedDirs: ['./content'] },
      // content/404.mdx is one of the pages.
      disable404Route: true,
      pagination: true,
      credits: false,
    }),
  ],
})
