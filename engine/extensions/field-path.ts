import { type JsonSchema, propertyOf, valuesOf } from './json-schema.ts'

/** A rule's `fieldPath`: names and keys of maps that the schema has. As upstream's `ValidFieldPath` (1.34). */
export interface FieldPath {
  /** `a.b[key]`, as errors name it. */
  readonly text: string
  readonly schema: JsonSchema
}

/** @returns the path, or the sentence that says what is wrong with it. */
export function readFieldPath(path: string, root: JsonSchema, arrays = true): FieldPath | string {
  let schema: JsonSchema | undefined = root
  let text = ''
  const tokens = path.match(/'(?:\\.|[^'\\])*'|[.[\]]|[^.[\]]+/g) ?? []
  for (let at = 0; at < tokens.length; at++) {
    let name: string
    if (tokens[at] === '[') {
      if (!arrays) return 'array notation is not allowed'
      const key = tokens[at + 1]
      if (key === undefined) return 'unexpected end of JSON path'
      if (!/^'.*'$/s.test(key) || key.length < 2) return `expected single quoted string but got ${key}`
      name = key.slice(1, -1).replaceAll(/\\(.)/g, '$1')
      if (tokens[at + 2] === undefined) return 'unexpected end of JSON path'
      if (tokens[at + 2] !== ']') return `expected ] but got ${tokens[at + 2]}`
      at += 2
    } else if (tokens[at] === '.') {
      const next = tokens[at + 1]
      if (next === undefined) return 'unexpected end of JSON path'
      name = next
      at++
    } else return `expected [ or . but got: ${tokens[at]}`
    const property: JsonSchema | undefined = schema === undefined ? undefined : propertyOf(schema, name)
    const values: JsonSchema | undefined = schema === undefined ? undefined : valuesOf(schema)
    if (property !== undefined) {
      text = text === '' ? name : `${text}.${name}`
      schema = property
    } else if (values !== undefined) {
      text = `${text}[${name}]`
      schema = values
    } else return 'does not refer to a valid field'
  }
  if (schema === undefined || text === '') return 'does not refer to a valid field'
  return { text, schema }
}
