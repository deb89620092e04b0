/**
 * What upstream's YAML library (go-yaml v2) says of text that is no YAML, where ours says it otherwise. Upstream's scanner counts lines from 1, its
 * parser from 0, and a line 0 is not told.
 */
export function syntaxFault(text: string, reason: string, position: number): string {
  const scanner = (sentence: string): string => said(lineAt(text, position), 1, sentence)
  const parser = (sentence: string): string => said(lineAt(text, position), 0, sentence)
  const next = text[position] ?? ''
  if (reason.startsWith('tab characters') || cannotStart.has(next)) {
    return scanner('found character that cannot start any token')
  }
  if (reason === 'bad indentation of a mapping entry') {
    return next === ':'
      ? scanner('mapping values are not allowed in this context')
      : parser('did not find expected key')
  }
  if (reason.includes('within a flow collection') || reason.startsWith('missed comma')) {
    const closing = text.lastIndexOf('[', position) > text.lastIndexOf('{', position) ? ']' : '}'
    // The end of the text counts as a line of its own.
    const line = position >= text.length && !text.endsWith('\n') ? lineAt(text, position) + 1 : lineAt(text, position)
    // After its bracket or a comma a collection goes on with a node, after a node with a comma.
    const last = text.slice(0, position).trimEnd().at(-1) ?? ''
    if (position >= text.length && '[,'.includes(last) && closing === ']') {
      return said(line, 0, 'did not find expected node content')
    }
    return said(line, 0, `did not find expected ',' or '${closing}'`)
  }
  if (reason.includes('quoted scalar')) return scanner('found unexpected end of stream')
  if (reason === 'unknown escape sequence') return scanner('found unknown escape character')
  if (reason === 'bad indentation of a sequence entry' || reason.startsWith('end of the stream')) {
    const sequence = /^(?:---[^\n]*\n)?\s*- /.test(text)
    return parser(sequence ? "did not find expected '-' indicator" : 'did not find expected key')
  }
  if (reason.includes('directive')) return scanner('found unknown directive name')
  if (reason.startsWith('nesting exceeded')) return 'yaml: exceeded max depth of 10000'
  return parser('did not find expected node content')
}

const cannotStart: ReadonlySet<string> = new Set(['@', '`'])

function said(line: number, from: 0 | 1, sentence: string): string {
  return line === 0 ? `yaml: ${sentence}` : `yaml: line ${line + from}: ${sentence}`
}

/** From 0. */
function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length - 1
}
