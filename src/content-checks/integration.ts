import { fileURLToPath } from 'node:url'
import type { AstroIntegration } from 'astro'
import { contentProblems, readSources } from './check.ts'
import { sentence } from './problem.ts'
import { composeSchema, kinds } from './schemas.ts'

/** Stops the build with one line for each thing that is wrong in a page, before anything is built. */
export function checkContent(): AstroIntegration {
  let root = ''
  return {
    name: 'quayside-content',
    hooks: {
      'astro:config:done': ({ config }) => {
        root = fileURLToPath(config.root)
      },
      'astro:build:start': () => {
        const problems = contentProblems(readSources(root), { kinds, compose: composeSchema })
        if (problems.length > 0) throw new Error(['The pages are not right yet:', ...problems.map(sentence)].join('\n'))
      },
    },
  }
}
