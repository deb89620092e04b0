import 'vfile'

// starlight-links-validator comes as TypeScript and counts on a package that is not needed here to say this.
declare module 'vfile' {
  interface DataMap {
    // biome-ignore lint/suspicious/noExplicitAny: what the validator expects, whose types these are
    astro: { frontmatter?: any }
  }
}
