/**
 * Starlight writes an icon's drawing wherever it shows the icon: a quarter of an ordinary page. Here each drawing goes into one file
 * that all pages share, and the page refers to it.
 */

const icon =
  /<svg([^>]*\sviewBox="([^"]+)"[^>]*\sfill="currentColor"[^>]*)>((?:<path(?: (?:d|fill-rule|clip-rule)="[^"]*")+\s*\/?>(?:<\/path>)?)+)<\/svg>/g

export interface Drawing {
  id: string
  viewBox: string
  paths: string
}

export class Sprite {
  readonly drawings = new Map<string, Drawing>()

  /** A page, with its icons' drawings taken out and kept. @param address of the file that will hold them */
  take(html: string, address: string): string {
    return html.replace(icon, (_, attributes: string, viewBox: string, paths: string) => {
      const key = `${viewBox} ${paths}`
      const known = this.drawings.get(key) ?? { id: `i${this.drawings.size}`, viewBox, paths }
      this.drawings.set(key, known)
      return `<svg${attributes}><use href="${address}#${known.id}"/></svg>`
    })
  }

  toString(): string {
    const symbols = [...this.drawings.values()].map(
      ({ id, viewBox, paths }) => `<symbol id="${id}" viewBox="${viewBox}">${paths}</symbol>`,
    )
    return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`
  }
}
