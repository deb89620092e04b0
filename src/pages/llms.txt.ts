/** What is here, page by page, for language models: https://llmstxt.org. */
import type { APIRoute } from 'astro'
import { addressOf, pagesByTrack, text } from '../llms/pages.ts'
import { stringsIn } from '../strings.ts'

export const GET: APIRoute = async ({ site }) => {
  const { name, description } = stringsIn('en').site
  const tracks = await pagesByTrack()
  const full = addressOf('llms-full.txt', site).replace(/\/$/, '')
  return text(
    `${[
      `# ${name}\n\n> ${description}\n\nAll pages in one file: ${full}`,
      ...tracks.map(({ label, pages }) =>
        [
          `## ${label}\n`,
          ...pages.map(
            ({ id, data }) =>
              `- [${data.title}](${addressOf(id, site)})${data.description ? `: ${data.description}` : ''}`,
          ),
        ].join('\n'),
      ),
    ].join('\n\n')}\n`,
  )
}
