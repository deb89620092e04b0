/** What the editor knows of Kubernetes' kinds. */
import type { Kind, Kinds } from '../content-checks/kubernetes.ts'
import type { Schema } from '../content-checks/schema.ts'
import recorded from './schemas.json' with { type: 'json' }

/** The shape of schemas.json. */
export interface Recorded {
  /** Group, version, kind, and the name of its definition. */
  kinds: [group: string, version: string, kind: string, definition: string][]
  definitions: Record<string, Schema>
}

const { kinds: all, definitions } = recorded as unknown as Recorded

export const kinds: Kinds = {
  all: all.map(([group, version, kind, $ref]): Kind => ({ group, version, kind, schema: { $ref } })),
  resolve: (reference) => (Object.hasOwn(definitions, reference) ? definitions[reference] : undefined),
}
