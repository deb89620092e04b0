import type { APIRoute } from 'astro'
import { text } from '../llms/pages.ts'

export const GET: APIRoute = ({ site }) => {
  const base = import.meta.env.BASE_URL.replace(/\/$/, '')
  // A sitemap needs whole addresses, so there is none without one.
  const sitemap = site === undefined ? [] : [`Sitemap: ${new URL(`${base}/sitemap-index.xml`, site).href}`]
  return text(['User-agent: *', `Disallow: ${base}/api/`, ...sitemap, ''].join('\n'))
}
