/** As Go prints a slice of strings: `[a b]`. */
export function goList(items: readonly string[]): string {
  return `[${items.join(' ')}]`
}
