/** What a reader wrote into the address bar, as a path that a URL can have: "docs/a b" is "/docs/a%20b". */
export function inPath(written: string): string {
  const text = written.trim()
  // A whole address is taken for its path: there is only one origin here.
  const whole = /^[a-z]+:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined
  const path = whole ? whole.pathname + whole.search + whole.hash : text
  const url = new URL(`http://preview/${path.replace(/^[/\\]+/, '')}`)
  return url.pathname.replace(/^\/+/, '/') + url.search + url.hash
}
