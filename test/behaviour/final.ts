import type { Json } from './side.ts'

/** Of each cluster's own, or followed as a facet, or compared by what creates it. */
const omitted = new Set([
  ...['uid', 'resourceVersion', 'creationTimestamp', 'generateName', 'selfLink'],
  ...['containerID', 'imageID', 'hostIP', 'hostIPs', 'podIP', 'podIPs', 'clusterIP', 'clusterIPs'],
  'nodePort',
  // Followed: what goes on without an end is not at the same point on both sides
  ...['state', 'lastState', 'conditions'],
  // Told by containerd 2 and not by those before it
  'user',
])

/** Kinds whose last state is too much the machine's. */
const unsaid = new Set(['Node', 'EndpointSlice', 'Namespace'])

/** An object's fields, one a line, as they are when a scenario is over. */
export function finalLines(object: Json): string[] {
  if (unsaid.has(object.kind)) return []
  const { apiVersion: _, kind: __, ...rest } = object
  const lines: string[] = []
  walk('', rest, lines)
  return lines
}

function walk(path: string, value: Json, lines: string[]): void {
  if (Array.isArray(value)) {
    const items = path.endsWith('conditions') ? [...value].sort((a, b) => (a.type < b.type ? -1 : 1)) : value
    for (const [index, item] of items.entries()) walk(`${path}[${index}]`, item, lines)
    return
  }
  if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value).sort())
      if (!omitted.has(key)) walk(path === '' ? key : `${path}.${key}`, value[key], lines)
    return
  }
  lines.push(`${path}: ${JSON.stringify(value)}`)
}
