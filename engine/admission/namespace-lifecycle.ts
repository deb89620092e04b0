import { forbidden, notFound, StatusError } from '../objects/status-error.ts'
import type { AdmissionAttributes, AdmissionPlugin, Backend } from './plugin.ts'
import { find, refuse } from './refuse.ts'

const IMMORTAL = ['default', 'kube-system', 'kube-public']
const namespaces = { group: '', resource: 'namespaces' }

/** Nothing is written into a namespace that is not there, and nothing new into one that is ending. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  mutate(attributes, backend) {
    check(attributes, backend)
    return attributes.object as NonNullable<typeof attributes.object>
  },
  validate(attributes, backend) {
    if (attributes.operation === 'DELETE') check(attributes, backend)
  },
}

function check(attributes: AdmissionAttributes, backend: Backend): void {
  const { operation, resource, kind, namespace, name } = attributes
  const isNamespace = kind.group === '' && kind.kind === 'Namespace'
  if (isNamespace && operation === 'DELETE' && IMMORTAL.includes(name)) {
    throw forbidden(namespaces, name, 'this namespace may not be deleted')
  }
  if (isNamespace || namespace === '' || operation === 'DELETE' || operation === 'CONNECT') return
  // A review must not tell whether a namespace exists.
  if (resource.group === 'authorization.k8s.io' && resource.resource === 'localsubjectaccessreviews') return
  const home = find(backend, '', 'namespaces', '', namespace)
  if (home === undefined) throw notFound(namespaces, namespace)
  const { phase } = (home.status ?? {}) as { phase?: string }
  if (operation !== 'CREATE' || phase !== 'Terminating') return
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`
  const { code, reason, message, details } = refuse(attributes, why)
  const ending = `namespace ${namespace} is being terminated`
  const causes = [{ reason: 'NamespaceTerminating', message: ending, field: 'metadata.namespace' }]
  throw new StatusError(code, reason, message, { details: { ...details, causes } })
}
