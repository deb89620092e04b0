import type { JsonNode } from './json-document.ts'

/** A parsed value as if it had just been read. */
export function nodeOf(value: unknown): JsonNode {
  if (Array.isArray(value)) return { type: 'array', items: value.map(nodeOf) }
  switch (typeof value) {
    case 'string':
      return { type: 'string', value }
    case 'number':
      return { type: 'number', text: String(value) }
    case 'boolean':
      return { type: 'bool', value }
    default:
      if (value === null || value === undefined) return { type: 'null' }
      return { type: 'object', members: Object.entries(value).map(([key, member]) => [key, nodeOf(member)]) }
  }
}
