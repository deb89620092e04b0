import type { ApiObject } from '../../objects/types.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer } from '../resource.ts'

interface Status {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  readonly addresses?: readonly { readonly type: string; readonly address: string }[]
  readonly nodeInfo?: {
    readonly kubeletVersion?: string
    readonly osImage?: string
    readonly kernelVersion?: string
    readonly containerRuntimeVersion?: string
  }
}

const ROLE = 'node-role.kubernetes.io/'

export const nodePrinter: Printer = {
  columns: [
    nameColumn,
    column('Status', 'string', 'Whether Pods can run, and whether new ones are sent here.'),
    column('Roles', 'string', 'What the node is for, by its labels.'),
    ageColumn,
    column('Version', 'string', "The kubelet's version."),
    column('Internal-IP', 'string', 'The address inside the cluster.', 'wide'),
    column('External-IP', 'string', 'The address from outside.', 'wide'),
    column('OS-Image', 'string', 'The operating system.', 'wide'),
    column('Kernel-Version', 'string', "The kernel's version.", 'wide'),
    column('Container-Runtime', 'string', 'What runs containers.', 'wide'),
  ],
  cells(node, now) {
    const status = (node.status ?? {}) as Status
    const { nodeInfo: info = {} } = status
    const roles = rolesOf(node)
    return [
      node.metadata.name,
      statusText(node, status),
      roles.length === 0 ? '<none>' : roles.join(','),
      age(node.metadata.creationTimestamp, now),
      info.kubeletVersion ?? '',
      addressOf(status, 'InternalIP'),
      addressOf(status, 'ExternalIP'),
      info.osImage || '<unknown>',
      info.kernelVersion || '<unknown>',
      info.containerRuntimeVersion || '<unknown>',
    ]
  },
}

function statusText({ spec }: ApiObject, { conditions = [] }: Status): string {
  const ready = conditions.findLast(({ type }) => type === 'Ready')
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  const closed = (spec as { readonly unschedulable?: boolean } | undefined)?.unschedulable === true
  return closed ? `${state},SchedulingDisabled` : state
}

function rolesOf({ metadata }: ApiObject): string[] {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(ROLE) && key !== ROLE) roles.add(key.slice(ROLE.length))
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value)
  }
  return [...roles].sort()
}

function addressOf({ addresses = [] }: Status, type: string): string {
  return addresses.find((address) => address.type === type)?.address ?? '<none>'
}
