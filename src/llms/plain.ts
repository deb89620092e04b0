/** A page's MDX as plain Markdown: what a reader without a browser, human or not, can use. */

const fence = /^[ \t]*(`{3,}|~{3,})/

/** `title="a" href="b"` → { title: 'a', href: 'b' } */
const attributes = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/([\w-]+)=(?:"([^"]*)"|'([^']*)')/g)].map(([, name, a, b]) => [name, a ?? b ?? '']),
  )

/** Components whose meaning is in what they are given. */
function meaning(name: string, given: Record<string, string>): string {
  switch (name) {
    case 'LinkCard':
      return `- [${given.title}](${given.href})${given.description ? `: ${given.description}` : ''}`
    case 'TabItem':
      return `**${given.label}**\n`
    default:
      return ''
  }
}

/** @param body without frontmatter */
export function plainText(body: string): string {
  const lines: string[] = []
  let open: string | undefined
  for (const line of body.split('\n')) {
    const mark = fence.exec(line)?.[1]
    if (open !== undefined) {
      lines.push(line)
      if (mark?.startsWith(open) && line.trim() === mark) open = undefined
      continue
    }
    if (mark !== undefined) {
      open = mark
      // What stands behind the language is for authors, but for the title.
      const title = /title="([^"]*)"/.exec(line)?.[1]
      lines.push(...(title ? [`${title}:`, ''] : []), line.replace(/^([ \t]*[`~]{3,}[^\s]*).*$/, '$1'))
    } else if (!/^(import|export)\s/.test(line)) lines.push(withoutTags(line))
  }
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`
}

/** Tags give way to what they mean; inline code is left alone. */
function withoutTags(line: string): string {
  return line
    .split(/(`[^`]*`)/)
    .map((part, at) =>
      at % 2 === 1
        ? part
        : part
            .replace(/<Term id="([^"]*)"\s*\/>/g, (_, id: string) => id.replaceAll('-', ' '))
            .replace(/<([A-Za-z][\w.]*)\b([^>]*?)\/?>/g, (_, name: string, rest: string) =>
              meaning(name, attributes(rest)),
            )
            .replace(/<\/[A-Za-z][\w.]*>/g, ''),
    )
    .join('')
}
