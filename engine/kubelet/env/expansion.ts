/** `$(NAME)` replaced by what `known` says; unknown names stand, and `$$` is `$` (upstream's `expansion.Expand`). */
export function expand(text: string, known: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (known(name) ?? whole),
  )
}
