/**
 * Writes schemas/ anew. Kubernetes' own schemas are recorded beside the engine; these two are published as files:
 *
 *     node src/content-checks/record-schemas.ts <compose-spec.json> <folder of the Gateway API's standard CRDs>
 *
 * Both come with Go modules: github.com/compose-spec/compose-go/v2 (schema/) and sigs.k8s.io/gateway-api (config/crd/standard/).
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'

/** What a page shows of the Gateway API; a kind that is not here is an unknown one to the check. */
const kinds = ['gatewayclasses', 'gateways', 'httproutes', 'grpcroutes', 'referencegrants']

interface Definition {
  spec: {
    group: string
    names: { kind: string }
    versions: { name: string; served: boolean; schema: { openAPIV3Schema: Record<string, unknown> } }[]
  }
}

/** Prose and CEL rules say nothing about structure. */
const prose = ['description', 'title', 'deprecated', 'x-kubernetes-validations', 'default']

/** Without prose; names of fields, which stand under `properties`, are kept whatever they are. */
function structure(value: unknown, names = false): unknown {
  if (Array.isArray(value)) return value.map((one) => structure(one))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => names || !prose.includes(key))
      .map(([key, inner]) => [
        key,
        structure(inner, !names && ['properties', 'patternProperties', '$defs'].includes(key)),
      ]),
  )
}

const [compose, gateway] = process.argv.slice(2)
if (compose === undefined || gateway === undefined)
  throw new Error('expected two paths; the head of this file says which')
const schemas = join(import.meta.dirname, 'schemas')
const write = (name: string, value: unknown) => writeFileSync(join(schemas, name), `${JSON.stringify(value)}\n`)

write('compose.json', structure(JSON.parse(readFileSync(compose, 'utf8'))))
write(
  'gateway.json',
  kinds.flatMap((kind) => {
    const file = join(gateway, `gateway.networking.k8s.io_${kind}.yaml`)
    const { spec } = load(readFileSync(file, 'utf8')) as Definition
    return spec.versions
      .filter(({ served }) => served)
      .map(({ name, schema }) => {
        const { status: _, ...properties } = schema.openAPIV3Schema.properties as Record<string, unknown>
        return {
          group: spec.group,
          version: name,
          kind: spec.names.kind,
          schema: structure({ ...schema.openAPIV3Schema, properties }),
        }
      })
  }),
)
