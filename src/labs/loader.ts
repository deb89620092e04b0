import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Loader } from 'astro/loaders'
import { z } from 'astro/zod'
import { parseLab } from '../../protocol/lab/parse.ts'
import type { Lab } from '../../protocol/lab/schema.ts'

/** What a page needs of a lab. Checks are shown, not evaluated: their expressions stay on the server. */
export const LabEntry = z.object({
  id: z.string(),
  title: z.string(),
  summary: z.string(),
  minutes: z.number(),
  workers: z.number(),
  steps: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      checks: z.array(z.object({ title: z.string(), hintHtml: z.string().optional() })),
      solution: z.string(),
    }),
  ),
})
export type LabEntry = z.infer<typeof LabEntry>
export type LabStep = LabEntry['steps'][number]

type RenderMarkdown = (text: string) => Promise<{ html: string }>

async function toEntry(lab: Lab, render: RenderMarkdown): Promise<LabEntry> {
  return {
    id: lab.id,
    title: lab.title,
    summary: lab.summary,
    minutes: lab.minutes,
    workers: lab.cluster.workers,
    steps: await Promise.all(
      lab.steps.map(async (step) => ({
        id: step.id,
        title: step.title,
        solution: step.solution,
        checks: await Promise.all(
          step.checks.map(async ({ title, hint }) =>
            hint === undefined ? { title } : { title, hintHtml: (await render(hint)).html },
          ),
        ),
      })),
    ),
  }
}

/**
 * Loads every `labs/<id>/lab.yaml`. A file that breaks the schema stops the build with its name, line, field and what was expected.
 */
export function labsLoader(): Loader {
  return {
    name: 'quayside-labs',
    async load({ config, store, renderMarkdown, parseData, watcher }) {
      const folder = new URL('labs/', config.root)

      async function loadLab(id: string): Promise<void> {
        const text = await readFile(new URL(`${id}/lab.yaml`, folder), 'utf8')
        const entry = await toEntry(parseLab(text, `labs/${id}/lab.yaml`), renderMarkdown)
        store.set({ id, data: await parseData({ id, data: entry }) })
      }

      store.clear()
      const folders = await readdir(folder, { withFileTypes: true })
      const withFile = await Promise.all(
        folders
          .filter((entry) => entry.isDirectory())
          .map(async ({ name }) => ((await readdir(new URL(`${name}/`, folder))).includes('lab.yaml') ? [name] : [])),
      )
      for (const id of withFile.flat().sort()) await loadLab(id)

      const path = fileURLToPath(folder)
      watcher?.on('change', (changed) => {
        const [id, file] = changed.startsWith(path) ? changed.slice(path.length).split('/') : []
        if (id && file === 'lab.yaml') void loadLab(id)
      })
    },
  }
}
