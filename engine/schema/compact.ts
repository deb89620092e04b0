import type { Json } from '../objects/types.ts'

/** OpenAPI v3's schema object, as far as the API server writes it. */
export interface OpenApiSchema {
  readonly $ref?: string
  readonly allOf?: readonly OpenApiSchema[]
  readonly oneOf?: readonly OpenApiSchema[]
  readonly description?: string
  readonly type?: string
  readonly properties?: Readonly<Record<string, OpenApiSchema>>
  readonly items?: OpenApiSchema
  readonly additionalProperties?: OpenApiSchema | boolean
  readonly default?: Json
  readonly [rest: string]: unknown
}

/** The same without prose and with short names. `ref` is a reference that has company: `allOf` with one reference in OpenAPI. */
export interface CompactSchema {
  readonly $ref?: string
  readonly ref?: string
  readonly oneOf?: readonly CompactSchema[]
  readonly type?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, CompactSchema>>
  readonly required?: readonly string[]
  readonly items?: CompactSchema
  readonly additionalProperties?: CompactSchema | boolean
  readonly default?: Json
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular'
  readonly 'x-kubernetes-patch-strategy'?: string
  readonly 'x-kubernetes-patch-merge-key'?: string
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[]
  readonly [rest: string]: unknown
}

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export const REFERENCE = '#/components/schemas/'

/** The prefixes of upstream's Go packages; no two short names meet. */
const PACKAGES: readonly (readonly [long: string, short: string])[] = [
  ['io.k8s.apimachinery.pkg.apis.', ''],
  ['io.k8s.apimachinery.pkg.', 'machinery.'],
  ['io.k8s.apiextensions-apiserver.pkg.apis.', ''],
  ['io.k8s.kube-aggregator.pkg.apis.', ''],
  ['io.k8s.metrics.pkg.apis.', ''],
  ['io.k8s.api.', ''],
]

const longPackages = new Map([
  ['meta', 'io.k8s.apimachinery.pkg.apis.'],
  ['machinery', 'io.k8s.apimachinery.pkg.'],
  ['apiextensions', 'io.k8s.apiextensions-apiserver.pkg.apis.'],
  ['apiregistration', 'io.k8s.kube-aggregator.pkg.apis.'],
  ['metrics', 'io.k8s.metrics.pkg.apis.'],
])

/** `io.k8s.api.core.v1.Pod` → `core.v1.Pod`. */
export function shortName(long: string): string {
  const found = PACKAGES.find(([prefix]) => long.startsWith(prefix))
  return found === undefined ? long : found[1] + long.slice(found[0].length)
}

/** The way back. */
export function longName(short: string): string {
  const [first = ''] = short.split('.', 1)
  if (first === 'machinery') return longPackages.get(first) + short.slice('machinery.'.length)
  return (longPackages.get(first) ?? 'io.k8s.api.') + short
}

/** `core.v1` of `core.v1.Pod`. */
export const groupVersionOf = (short: string): string => short.slice(0, short.lastIndexOf('.'))

/**
 * Without prose. Of a definition that several documents hold, each tells the kinds of its own groups (`DeleteOptions` is in all
 * of them): the kinds of `earlier` are kept.
 */
export function compactDefinition(schema: OpenApiSchema, earlier: unknown): CompactSchema {
  const compacted = compact(schema)
  const kinds = [earlier as CompactSchema | undefined, compacted].flatMap(
    (definition) => definition?.['x-kubernetes-group-version-kind'] ?? [],
  )
  if (kinds.length === 0) return compacted
  const distinct = new Map(kinds.map((kind) => [`${kind.group}/${kind.version}/${kind.kind}`, kind]))
  return { ...compacted, 'x-kubernetes-group-version-kind': [...distinct.values()] }
}

function compact(schema: OpenApiSchema): CompactSchema {
  const { description: _, $ref, allOf, oneOf, properties, items, additionalProperties, ...rest } = schema
  const only = allOf?.length === 1 ? allOf[0]?.$ref : undefined
  return {
    ...($ref === undefined ? {} : { $ref: shortReference($ref) }),
    ...(only === undefined ? {} : { ref: shortReference(only) }),
    ...rest,
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map(compact) }),
    ...(items === undefined ? {} : { items: compact(items) }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties:
            typeof additionalProperties === 'boolean' ? additionalProperties : compact(additionalProperties),
        }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, compact(field)])) }),
  }
}

const shortReference = (reference: string): string => shortName(reference.slice(REFERENCE.length))

/** OpenAPI again; `describe` gives what is known of a definition (no field) or of a field of it. */
export function expand(
  schema: CompactSchema,
  describe: (field?: string) => string | undefined = () => undefined,
  field?: string,
): OpenApiSchema {
  const { $ref, ref, oneOf, properties, items, additionalProperties, ...rest } = schema
  const description = describe(field)
  const reference = ref ?? $ref
  return {
    ...(description === undefined ? {} : { description }),
    ...(reference === undefined
      ? {}
      : ref === undefined && description === undefined
        ? { $ref: REFERENCE + longName(reference) }
        : { allOf: [{ $ref: REFERENCE + longName(reference) }] }),
    ...rest,
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map((one) => expand(one)) }),
    ...(items === undefined ? {} : { items: expand(items) }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties:
            typeof additionalProperties === 'boolean' ? additionalProperties : expand(additionalProperties),
        }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, one]) => [name, expand(one, describe, name)]),
          ),
        }),
  }
}

/** The short names that a definition refers to. */
export function referencesOf(schema: CompactSchema): string[] {
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.oneOf ?? []),
    ...(schema.items === undefined ? [] : [schema.items]),
    ...(typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : []),
  ]
  const own = schema.ref ?? schema.$ref
  return [...(own === undefined ? [] : [own]), ...inner.flatMap(referencesOf)]
}
