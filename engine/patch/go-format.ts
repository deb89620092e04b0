/** A JSON value as Go's `%v` prints it: `map[a:1 b:[x y]]`. Some of upstream's sentences hold one. */
export function goFormat(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goFormat).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const fields = value as Record<string, unknown>
  return `map[${Object.keys(fields)
    .sort()
    .map((key) => `${key}:${goFormat(fields[key])}`)
    .join(' ')}]`
}

/** A JSON value's type as Go's decoder names it in its errors. */
export function jsonTypeName(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'boolean' ? 'bool' : type
}

/** A JSON value's Go type once decoded without a schema. */
export function goTypeName(value: unknown): string {
  switch (jsonTypeName(value)) {
    case 'null':
      return '%!s(<nil>)'
    case 'array':
      return '[]interface {}'
    case 'object':
      return 'map[string]interface {}'
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64'
    default:
      return jsonTypeName(value)
  }
}
