import { defineCollection } from 'astro:content'
import { docsSchema } from '@astrojs/starlight/schema'
import { glob } from 'astro/loaders'
import { z } from 'astro/zod'
import { LabEntry, labsLoader } from './labs/loader.ts'

export const collections = {
  docs: defineCollection({
    loader: glob({ base: './content', pattern: '**/[^_]*.{md,mdx}' }),
    schema: docsSchema({
      extend: z.object({
        lab: z
          .string()
          .optional()
          .describe('Id of the lab that runs beside this page: the name of its folder in labs/.'),
        covers: z.array(z.string()).default([]).describe('Ids of the statements that this page teaches.'),
      }),
    }),
  }),
  labs: defineCollection({ loader: labsLoader(), schema: LabEntry }),
}
