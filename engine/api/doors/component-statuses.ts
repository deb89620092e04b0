import type { Column, Printer } from '../../kinds/resource.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { Door } from '../router.ts'
import { computedDoor } from './computed.ts'

const COMPONENTS = ['controller-manager', 'scheduler', 'etcd-0'] as const

interface Condition {
  readonly type: string
  readonly status: string
  readonly message?: string
  readonly error?: string
}

const column = (name: string, description: string): Column => ({
  name,
  type: 'string',
  format: name === 'Name' ? 'name' : '',
  description,
  priority: 0,
})

const printer: Printer = {
  columns: [
    column('Name', 'Which part of the control plane.'),
    column('Status', 'Whether it is well.'),
    column('Message', 'What it says of itself.'),
    column('Error', 'Why it could not be asked.'),
  ],
  cells(object) {
    const { conditions = [] } = object as { conditions?: readonly Condition[] }
    const { status, message = '', error = '' } = conditions.find(({ type }) => type === 'Healthy') ?? {}
    const text = status === undefined ? 'Unknown' : status === 'True' ? 'Healthy' : 'Unhealthy'
    return [object.metadata.name, text, message, error]
  },
}

/** The parts of the control plane, all in this process: they are well as long as anybody answers. */
export const componentStatusesDoor: Door = computedDoor({
  gvk: { group: '', version: 'v1', kind: 'ComponentStatus' },
  resource: 'componentstatuses',
  namespaced: false,
  printer,
  warning: 'v1 ComponentStatus is deprecated in v1.19+',
  list: () =>
    COMPONENTS.map(
      (name): ApiObject => ({
        apiVersion: 'v1',
        kind: 'ComponentStatus',
        metadata: { name } as ApiObject['metadata'],
        conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
      }),
    ),
})
