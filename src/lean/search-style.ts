/**
 * Starlight's own style of the search is a part of every page's; the search itself is loaded when it is opened
 * (src/search/alias.ts). This parts the rules for what Pagefind draws from the rest.
 */

const drawnBySearch = 'pagefind-ui'

interface Parted {
  kept: string
  moved: string
}

/** Rules that hold others. */
const isGroup = (prelude: string) => /^@(layer|media|supports)\b/.test(prelude.trim())

/** @param css minified or not, without comments that hold braces */
export function partSearch(css: string): Parted {
  const parted: Parted = { kept: '', moved: '' }
  let begin = 0
  for (let at = 0; at < css.length; at++) {
    if (css[at] === '"' || css[at] === "'") at = endOfText(css, at)
    else if (css[at] === ';') {
      parted.kept += css.slice(begin, at + 1)
      begin = at + 1
    } else if (css[at] === '{') {
      const end = endOfBlock(css, at)
      const prelude = css.slice(begin, at)
      const body = css.slice(at + 1, end)
      const inner = isGroup(prelude) ? partSearch(body) : undefined
      if (inner === undefined) parted[isOfSearch(prelude) ? 'moved' : 'kept'] += css.slice(begin, end + 1)
      else {
        parted.kept += `${prelude}{${inner.kept}}`
        if (inner.moved !== '') parted.moved += `${prelude}{${inner.moved}}`
      }
      at = end
      begin = end + 1
    }
  }
  parted.kept += css.slice(begin)
  return parted
}

/** A rule that is for something else as well stays. */
const isOfSearch = (prelude: string) =>
  !prelude.trim().startsWith('@') && prelude.split(',').every((selector) => selector.includes(drawnBySearch))

/** @returns where the block that opens at `open` closes */
function endOfBlock(css: string, open: number): number {
  let depth = 0
  for (let at = open; at < css.length; at++) {
    if (css[at] === '"' || css[at] === "'") at = endOfText(css, at)
    else if (css[at] === '{') depth++
    else if (css[at] === '}' && --depth === 0) return at
  }
  throw new Error('A stylesheet ends within a block.')
}

function endOfText(css: string, open: number): number {
  for (let at = open + 1; at < css.length; at++) {
    if (css[at] === '\\') at++
    else if (css[at] === css[open]) return at
  }
  throw new Error('A stylesheet ends within quotes.')
}
