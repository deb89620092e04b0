import { getCollection, getEntry } from 'astro:content'
import { defineRouteMiddleware, type StarlightRouteData } from '@astrojs/starlight/route-data'
import { stepProblems } from './labs/page-steps.ts'

type SidebarEntry = StarlightRouteData['sidebar'][number]

const links = (entries: SidebarEntry[]): Extract<SidebarEntry, { type: 'link' }>[] =>
  entries.flatMap((entry) => (entry.type === 'group' ? links(entry.entries) : [entry]))

/** Puts the lab's id and steps on its link in the sidebar, so that the page can tick what the reader has done. */
async function markLabs(sidebar: SidebarEntry[]): Promise<void> {
  const pages = await getCollection('docs', ({ data }) => data.lab !== undefined)
  for (const link of links(sidebar)) {
    const path = link.href.replace(/^\/|\/$/g, '')
    const lab = pages.find((page) => page.id === path)?.data.lab
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
  await markLabs(route.sidebar)

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
