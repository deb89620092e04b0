/// <reference types="astro/client" />

/** Pagefind's own interface, by the alias of src/search/alias.ts. */
declare module 'quayside:search-ui' {
  export const PagefindUI: new (options: Record<string, unknown>) => unknown
}

declare namespace App {
  interface Locals {
    /** Terms that the page has explained so far. */
    terms?: Set<string>
  }
}
