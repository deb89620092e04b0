/** All pages in one file, for language models: https://llmstxt.org. */
import type { APIRoute } from 'astro'
import { addressOf, pagesByTrack, text } from '../llms/pages.ts'
import { plainText } from '../llms/plain.ts'

export const GET: APIRoute = async ({ site }) => {
  const pages = (await pagesByTrack()).flatMap((track) => track.pages)
  return text(
    pages
      .map(
        ({ id, data, body }) =>
          `# ${data.title}\n\n${addressOf(id, site)}\n\n${data.description ?? ''}\n\n${plainText(body ?? '')}`,
      )
      .join('\n---\n\n'),
  )
}
