import type { CustomResource } from '../api/served.ts'
import type { OpenApiSchema } from '../schema/compact.ts'
import type { CustomGroupVersion } from '../schema/openapi.ts'
import type { Definition } from './definition.ts'
import { isFields } from './json-schema.ts'

/** What is served of one definition. */
export interface Shown {
  readonly definition: Definition
  readonly custom: CustomResource
}

/** Served definitions by group and version, as `/openapi/v3` shows them. */
export function groupVersionsOf(served: Iterable<Shown>): readonly CustomGroupVersion[] {
  const made = new Map<string, { resources: CustomGroupVersion['resources']; schemas: Record<string, OpenApiSchema> }>()
  for (const { definition, custom } of served) {
    for (const version of definition.spec.versions) {
      const resource = custom.discovery[version.name]
      if (resource === undefined) continue
      const key = `${definition.spec.group}/${version.name}`
      const known = made.get(key) ?? { resources: [], schemas: {} }
      const schema = version.schema?.openAPIV3Schema ?? { type: 'object' }
      const { kind } = definition.status.acceptedNames
      made.set(key, {
        resources: [...known.resources, resource],
        schemas: { ...known.schemas, [kind]: published(schema) as OpenApiSchema },
      })
    }
  }
  return [...made].map(([key, { resources, schemas }]) => {
    const [group = '', version = ''] = key.split('/')
    return { group, version, resources, schemas }
  })
}

/** Clients know int-or-string by its two types. */
function published(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(published)
  if (!isFields(value)) return value
  const result = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, published(field)]))
  if (value['x-kubernetes-int-or-string'] !== true || value.anyOf !== undefined) return result
  return { ...result, anyOf: [{ type: 'integer' }, { type: 'string' }] }
}
