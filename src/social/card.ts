import type { StarlightRouteData } from '@astrojs/starlight/route-data'
import { translations } from '../strings/locale.ts'
import { cards } from './cards.ts'

/** What a link to a page shows elsewhere: the picture of its track. Such pictures need a whole address, so there is none without one. */
export function cardOf(id: string, site: URL | undefined): StarlightRouteData['head'] {
  if (site === undefined) return []
  const parts = id.split('/')
  const track = (translations.includes(parts[0] ?? '') ? parts[1] : parts[0]) ?? ''
  const name = Object.hasOwn(cards, track) ? track : 'home'
  const card = cards[name as keyof typeof cards]
  const base = import.meta.env.BASE_URL.replace(/\/$/, '')
  const meta = (property: string, content: string) => ({ tag: 'meta' as const, attrs: { property, content } })
  return [
    meta('og:image', new URL(`${base}/cards/${name}.png`, site).href),
    meta('og:image:width', '1200'),
    meta('og:image:height', '630'),
    meta('og:image:alt', `${card.title} – ${card.text}`),
  ]
}
