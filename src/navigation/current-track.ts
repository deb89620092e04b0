import type { StarlightRouteData } from '@astrojs/starlight/route-data'

type Entry = StarlightRouteData['sidebar'][number]
type Link = Extract<Entry, { type: 'link' }>

export const linksOf = (entries: readonly Entry[]): Link[] =>
  entries.flatMap((entry) => (entry.type === 'group' ? linksOf(entry.entries) : [entry]))

/**
 * The track that the reader is on with its pages, and of every other track only its name, which leads to its first page. All
 * pages of all tracks would weigh more than most pages do.
 */
export function currentTrackOnly(sidebar: readonly Entry[]): Entry[] {
  return sidebar.map((entry): Entry => {
    const links = linksOf([entry])
    const [first] = links
    if (entry.type === 'link' || first === undefined || links.some(({ isCurrent }) => isCurrent)) return entry
    return { type: 'link', label: entry.label, href: first.href, isCurrent: false, badge: entry.badge, attrs: {} }
  })
}
