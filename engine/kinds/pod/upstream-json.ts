import type { PodSpec, PodTemplateSpec } from './types.ts'
import structs from './upstream-structs.json' with { type: 'json' }

/**
 * Values as the API server's own types print them in messages: its types have no names for JSON, so that fields go by their Go names, all of
 * them, in the order of their declaration. `upstream-structs.json` lists `<Go name> <name in v1> <type>` of core's types (1.34).
 */
export function upstreamJson(type: string, value: unknown): unknown {
  if (type.startsWith('*')) return value === undefined || value === null ? null : upstreamJson(type.slice(1), value)
  if (type.startsWith('[]')) {
    return Array.isArray(value) ? value.map((item) => upstreamJson(type.slice(2), item)) : null
  }
  switch (type) {
    case 'string':
      return value ?? ''
    case 'int':
    case 'port':
      return value ?? 0
    case 'bool':
      return value ?? false
    case 'quantity':
      return value ?? '0'
    case 'map':
      return sorted(value)
    case 'json':
      return withSortedMaps(value)
    default:
      return struct(type, (value ?? {}) as Fields)
  }
}

type Fields = Readonly<Record<string, unknown>>

function struct(type: string, value: Fields): Fields {
  const printed: Record<string, unknown> = {}
  const outer = type === 'PodSpec' ? securityOf(value) : value
  for (const line of (structs as Readonly<Record<string, readonly string[]>>)[type] ?? []) {
    const [goName = '', name = '', fieldType = ''] = line.split(' ')
    if (fieldType === 'inline') Object.assign(printed, metadata((outer[name] ?? {}) as Fields))
    else printed[goName] = upstreamJson(fieldType, outer[name])
  }
  return printed
}

/** What v1 says beside the security context is inside of it in the API server's own types. */
function securityOf(spec: Fields): Fields {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers } = spec
  const security = (spec.securityContext ?? {}) as Fields
  return {
    ...spec,
    securityContext: { ...security, hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers },
  }
}

const metadataOrder = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
]

/** Metadata have names for JSON, and stand among the other fields. */
function metadata(value: Fields): Fields {
  const known = metadataOrder.filter((name) => value[name] !== undefined && value[name] !== null)
  return Object.fromEntries(known.map((name) => [name, withSortedMaps(value[name])]))
}

function sorted(value: unknown): unknown {
  if (value === undefined || value === null) return null
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
}

/** Label selectors: labels by key, expressions in the order of their type. */
function withSortedMaps(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value ?? null
  if (Array.isArray(value)) return value
  const { matchLabels, matchExpressions, ...rest } = value as Fields
  if (matchLabels === undefined && matchExpressions === undefined) return sorted(rest)
  return {
    ...(matchLabels === undefined ? {} : { matchLabels: sorted(matchLabels) }),
    ...(matchExpressions === undefined
      ? {}
      : {
          matchExpressions: (matchExpressions as readonly Fields[]).map(({ key, operator, values }) => ({
            key,
            operator,
            ...(values === undefined ? {} : { values }),
          })),
        }),
  }
}

export const podSpecJson = (spec: PodSpec): unknown => upstreamJson('PodSpec', spec)
export const templateJson = (template: PodTemplateSpec): unknown => upstreamJson('PodTemplateSpec', template)
