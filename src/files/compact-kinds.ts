/** The kinds that readers write, and every definition that they are made of. Never loaded by a page: it reads all schemas. */
import type { Schema } from '../content-checks/schema.ts'
import { kinds } from '../content-checks/schemas.ts'
import type { Recorded } from './kinds.ts'

/** Groups whose objects a reader of a lab writes or edits. */
const GROUPS = new Set([
  '',
  'apps',
  'batch',
  'autoscaling',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'scheduling.k8s.io',
  'apiextensions.k8s.io',
  'discovery.k8s.io',
])
/** Asked for and answered, or of the cluster's own making. */
const LEFT_OUT = /Review$|^Binding$|^Eviction$|^TokenRequest$|^Status$|^ComponentStatus$|^CSI|^VolumeAttachment|^Scale$/

/** Of a schema, what is of use while typing. */
const KEPT = new Set([
  '$ref',
  'ref',
  'type',
  'properties',
  'additionalProperties',
  'required',
  'items',
  'enum',
  'oneOf',
  'anyOf',
  'allOf',
  'pattern',
  'minimum',
  'maximum',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-int-or-string',
])

export function compactKinds(): Recorded {
  const chosen = kinds.all.filter(
    ({ group, kind, schema }) => GROUPS.has(group) && !LEFT_OUT.test(kind) && schema.$ref !== undefined,
  )
  const definitions: Record<string, Schema> = {}
  const take = (schema: Schema | undefined): Schema | undefined => {
    if (schema === undefined) return undefined
    return compact(schema, (reference) => {
      if (Object.hasOwn(definitions, reference)) return
      const found = kinds.resolve(reference)
      if (found === undefined) throw new Error(`The schemas do not hold ${reference}.`)
      definitions[reference] = {}
      definitions[reference] = take(found) ?? {}
    })
  }
  for (const { schema } of chosen) take(schema)
  return {
    kinds: chosen.map(({ group, version, kind, schema }) => [group, version, kind, String(schema.$ref)]),
    definitions: Object.fromEntries(Object.entries(definitions).sort(([one], [other]) => (one < other ? -1 : 1))),
  }
}

function compact(schema: Schema, refer: (reference: string) => void): Schema {
  const reference = schema.$ref ?? schema.ref
  if (reference !== undefined) refer(reference)
  const inner = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? compact(value as Schema, refer) : value
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => KEPT.has(key))
      .map(([key, value]) => {
        if (key === 'properties') {
          return [key, Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, inner(one)]))]
        }
        if (key === 'items' || key === 'additionalProperties') return [key, inner(value)]
        return Array.isArray(value) ? [key, value.map((one) => inner(one))] : [key, value]
      }),
  )
}
