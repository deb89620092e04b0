import type { ApiObject } from '../../objects/types.ts'
import { defineKind, type Schemas } from '../define.ts'
import { column, nameColumn } from '../printers.ts'
import type { Printer, ResourceDefinition } from '../resource.ts'

interface Condition {
  readonly type: string
  readonly status: string
  readonly message?: string
  readonly error?: string
}

/** core/v1 ComponentStatus (1.34): what the API server says of its fellows; it can only be read. */
export function componentStatuses(schemas: Schemas): ResourceDefinition {
  const definition = defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'ComponentStatus',
    resource: 'componentstatuses',
    namespaced: false,
    verbs: ['get', 'list'],
    printer,
  })
  const deprecation = 'v1 ComponentStatus is deprecated in v1.19+'
  return { ...definition, versions: definition.versions.map((version) => ({ ...version, deprecation })) }
}

/** All components of a cluster in one process are as well as the process: what a healthy kind cluster shows, for its bootstrap to store. */
export const healthyComponents: readonly Pick<ApiObject, 'apiVersion' | 'kind' | 'metadata' | 'conditions'>[] = [
  'controller-manager',
  'scheduler',
  'etcd-0',
].map((name) => ({
  apiVersion: 'v1',
  kind: 'ComponentStatus',
  metadata: { name } as ApiObject['metadata'],
  conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
}))

const printer: Printer = {
  columns: [
    nameColumn,
    column('Status', 'string', 'Whether the component is well.'),
    column('Message', 'string', 'What it says of itself.'),
    column('Error', 'string', 'Why it could not be asked.'),
  ],
  cells({ metadata, conditions }) {
    const health = ((conditions ?? []) as readonly Condition[]).find(({ type }) => type === 'Healthy')
    if (health === undefined) return [metadata.name, 'Unknown', '', '']
    const state = health.status === 'True' ? 'Healthy' : 'Unhealthy'
    return [metadata.name, state, health.message ?? '', health.error ?? '']
  },
}
