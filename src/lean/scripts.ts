import { transformSync } from 'esbuild'

const inline = /<script(?![^>]*\s(?:src|type)=)([^>]*)>([\s\S]*?)<\/script>/g

/**
 * Starlight's inline scripts come as they were written, with comments and indents. They stay inline, since they act before the
 * first paint, but shorter. Scripts share their global names with each other, so these are kept.
 */
export class Shortener {
  private readonly known = new Map<string, string>()

  take(html: string): string {
    return html.replace(inline, (_, attributes: string, code: string) => {
      const short = this.known.get(code) ?? transformSync(code, { minify: true, target: 'es2022' }).code.trim()
      this.known.set(code, short)
      return `<script${attributes}>${short}</script>`
    })
  }
}
