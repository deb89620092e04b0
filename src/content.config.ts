import { defineCollection } from 'astro:content'
import { docsSchema } from '@astrojs/starlight/schema'
import { glob } from 'astro/loaders'
import { z } from 'astro/zod'
import { LabEntry, labsLoader } from './labs/loader.ts'

/** The frontmatter of pages is Starlight’s (title, template, hero, …) and what stands here. CONTRIBUTING.md tells the rest of how a page is written. */
export const collections = {
  docs: defineCollection({
    loader: glob({ base: './content', pattern: '**/[^_]*.{md,mdx}' }),
    schema: docsSchema({
      extend: z.object({
        description: z
          .string()
          .min(1)
          .describe('One or two sentences: said by searches, by links to the page elsewhere, and in llms.txt.'),
        lab: z
          .string()
          .optional()
          .describe('Id of the lab that runs beside this page: the name of its folder in labs/.'),
        covers: z
          .array(z.string())
          .default([])
          .describe('Ids of the statements that this page teaches, of src/statements.ts. Each needs an English page.'),
      }),
    }),
  }),
  labs: defineCollection({ loader: labsLoader(), schema: LabEntry }),
}
