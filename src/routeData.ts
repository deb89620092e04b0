import { getCollection, getEntry } from 'astro:content'
import { defineRouteMiddleware, type StarlightRouteData } from '@astrojs/starlight/route-data'
import { labPages } from './labs/lab-pages.ts'
import { stepProblems } from './labs/page-steps.ts'
import { changesIn } from './last-updated/from-git.ts'
import { currentTrackOnly, linksOf } from './navigation/current-track.ts'
import { cardOf } from './social/card.ts'
import printStyle from './styles/print.css?url&no-inline'

type SidebarEntry = StarlightRouteData['sidebar'][number]

/** Once for all pages: the build stands in the root of the repository. */
const changes = changesIn(process.cwd(), 'content')

/** Puts the lab's id and steps on its link in the sidebar, so that the page can tick what the reader has done. */
async function markLabs(sidebar: SidebarEntry[], locale: string | undefined): Promise<void> {
  const pages = await labPages(locale)
  for (const link of linksOf(sidebar)) {
    const lab = pages.find(({ href }) => href === link.href)?.lab
    const entry = lab === undefined ? undefined : await getEntry('labs', lab)
    if (entry === undefined) continue
    link.attrs = {
      ...link.attrs,
      'data-progress-lab': entry.data.id,
      'data-progress-steps': entry.data.steps.map((step) => step.id).join(' '),
    }
  }
}

export const onRequest = defineRouteMiddleware(async (context) => {
  const route = context.locals.starlightRoute
  route.sidebar = currentTrackOnly(route.sidebar)
  await markLabs(route.sidebar, route.locale)
  route.lastUpdated ??= changes.get(route.entry.filePath ?? '')
  // What the site was made with is no reader's business, twice.
  route.head = route.head.filter(({ attrs }) => attrs?.name !== 'generator')
  route.head.push(
    // Apart from the others, so that it does not hold up reading.
    { tag: 'link', attrs: { rel: 'stylesheet', href: printStyle, media: 'print' } },
    ...cardOf(route.entry.id, context.site),
  )

  const { lab: id } = route.entry.data
  if (id === undefined) return
  const file = route.entry.filePath ?? route.entry.id
  const lab = await getEntry('labs', id)
  if (lab === undefined) {
    const known = (await getCollection('labs')).map((entry) => entry.id).join(', ')
    throw new Error(
      `${file}: lab: found "${id}"; expected the name of a folder in labs/: ${known || 'there is none yet'}`,
    )
  }
  const problems = stepProblems({ file, body: route.entry.body ?? '' }, lab.data)
  if (problems.length > 0) throw new Error(problems.join('\n'))

  // The work area stands where the table of contents would.
  route.toc = undefined
})
