/** JSON as Go's encoding/json writes it: `<`, `>`, `&` and the two line separators are escaped. */
export function goJson(value: unknown): string {
  return escaped(JSON.stringify(value))
}

/** The same, indented by two spaces. */
export function goJsonIndented(value: unknown): string {
  return escaped(JSON.stringify(value, undefined, 2))
}

const escaped = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
