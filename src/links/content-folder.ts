import type { AstroIntegration } from 'astro'

/** What starlight-links-validator knows of each page, by its path; of its version 0.26. */
type ValidationData = Map<string, unknown>

/** src/content/docs, seen from where the pages are, as the validator writes it. */
const outside = '///content/'

/**
 * The links validator takes every page for one of src/content/docs; ours are in content/. This gives its entries the paths
 * that the pages really have, before it compares. Should it keep its entries elsewhere one day, it finds no page at all and
 * the build fails: nothing passes unseen.
 */
export function validateContentFolder(): AstroIntegration {
  return {
    name: 'quayside-links-of-content-folder',
    hooks: {
      'astro:build:done': () => {
        const { _starlightLinksValidatorValidationData: data } = globalThis as {
          _starlightLinksValidatorValidationData?: ValidationData
        }
        if (data === undefined) return
        for (const [path, entry] of [...data]) {
          if (!path.startsWith(outside)) continue
          data.delete(path)
          data.set(path.slice(outside.length) || '/', entry)
        }
      },
    },
  }
}
