/** Several sentences as one, each said once: as apimachinery's aggregate of errors prints itself. */
export function aggregateSentences(sentences: readonly string[]): string {
  const each = [...new Set(sentences)]
  return each.length === 1 ? (each[0] ?? '') : `[${each.join(', ')}]`
}
