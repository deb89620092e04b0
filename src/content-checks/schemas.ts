/**
 * The schemas that pages are compared with. Those of Kubernetes were recorded from a real API server and are data of the engine;
 * this one file of src/ may read them, so that there are not two records that grow apart.
 */
import { definitions } from '../../engine/schema/data.ts'
import type { Kinds } from './kubernetes.ts'
import type { Schema } from './schema.ts'
import compose from './schemas/compose.json' with { type: 'json' }
import gateway from './schemas/gateway.json' with { type: 'json' }

export const composeSchema = compose as Schema

const own = [...definitions].flatMap(([name, definition]) =>
  // The options of requests are of every group; no page shows one.
  (definition['x-kubernetes-group-version-kind'] ?? [])
    .filter(({ kind }) => !kind.endsWith('Options') && !kind.endsWith('List') && kind !== 'WatchEvent')
    .map(({ group, version, kind }) => ({ group, version, kind, schema: { $ref: name } })),
)

const named: Schema = {
  properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { $ref: 'meta.v1.ObjectMeta' } },
}

export const kinds: Kinds = {
  all: [
    ...own,
    ...(gateway as unknown as Kinds['all']).map((one) => ({
      ...one,
      schema: { ...one.schema, properties: { ...one.schema.properties, ...named.properties } },
    })),
  ],
  resolve: (reference) => definitions.get(reference) as Schema | undefined,
}
