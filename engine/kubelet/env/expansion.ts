/** `$(NAME)` replaced by what `valueOf` says; unknown names stand, and `$$` is `$` (upstream's `expansion.Expand`). */
export function expand(text: string, valueOf: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (valueOf(name) ?? whole),
  )
}
