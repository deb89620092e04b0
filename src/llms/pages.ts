import { getCollection } from 'astro:content'
import { translations } from '../strings/locale.ts'
import { tracks } from '../tracks.ts'

/** English pages in the order in which they are read, track by track. */
export async function pagesByTrack() {
  const docs = await getCollection('docs')
  return tracks.map(({ label, pages }) => ({
    label: label.en,
    pages: pages.flatMap((page) => {
      const id = typeof page === 'string' ? page : page.slug
      return docs.filter((doc) => doc.id === id && !translations.includes(id.split('/')[0] ?? ''))
    }),
  }))
}

/** Whole where the site has an address, else from its root. */
export function addressOf(id: string, site: URL | undefined): string {
  const path = `${import.meta.env.BASE_URL.replace(/\/$/, '')}/${id}/`
  return site === undefined ? path : new URL(path, site).href
}

export const text = (body: string) => new Response(body, { headers: { 'content-type': 'text/plain; charset=utf-8' } })
