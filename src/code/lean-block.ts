import { definePlugin, type ExpressiveCodePlugin } from '@astrojs/starlight/expressive-code'
import { type Element, select, selectAll, toText } from '@astrojs/starlight/expressive-code/hast'

/** How Expressive Code parts the lines of the text that its copy button keeps. */
const LINE_END = '\u007f'

/**
 * The copy button carries the whole code once more, and every space a colour. Both go, and so does the colour that a line has anyway:
 * a script puts the code back from the lines that are shown (copied.ts), where it is the same.
 *
 * @param plain colours of text that has none of its own, as a token's style in capitals
 */
export function lightenBlock(block: Element, plain = ''): void {
  const lines = selectAll('.ec-line .code', block)
  const shown = lines.map((line) => toText(line, { whitespace: 'pre' }).replace(/\n$/, '')).join(LINE_END)
  const button = select('.copy button', block)
  if (button?.properties.dataCode === shown) delete button.properties.dataCode
  else if (button?.properties['data-code'] === shown) delete button.properties['data-code']

  for (const line of lines)
    line.children = line.children.map((token) =>
      token.type === 'element' && isPlain(token, plain)
        ? { type: 'text', value: toText(token, { whitespace: 'pre' }) }
        : token,
    )
}

/** A token that would look the same without its colour. */
const isPlain = (token: Element, plain: string) =>
  token.tagName === 'span' &&
  Object.keys(token.properties).every((name) => name === 'style') &&
  token.children.every(
    (child) =>
      (child.type === 'text' && child.value.trim() === '') || String(token.properties.style).toUpperCase() === plain,
  )

export function pluginLeanBlock(): ExpressiveCodePlugin {
  return definePlugin({
    name: 'Lean code blocks',
    hooks: {
      postprocessRenderedBlock: ({ renderData, styleVariants }) => {
        // As Expressive Code writes a token's colours: one for each theme.
        const plain = styleVariants.map(({ theme }, at) => `--${at}:${theme.fg}`).join(';')
        lightenBlock(renderData.blockAst, plain.toUpperCase())
      },
    },
  })
}
