/** What a check looks at: as a question to the API, and in words. */
import type { Check, EventsCheck, ResourceCheck } from '../../protocol/lab/schema.ts'
import type { ObjectQuery } from '../kube/connection.ts'

/** Kinds that have no namespace; lab.yaml's default namespace means nothing to them. */
const clusterScoped = new Set([
  'APIService',
  'CertificateSigningRequest',
  'ClusterRole',
  'ClusterRoleBinding',
  'CSIDriver',
  'CSINode',
  'CustomResourceDefinition',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'RuntimeClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
])

const DEFAULT_NAMESPACE = 'default'

type Named = ResourceCheck['resource'] | EventsCheck['events']

/** The objects that a check watches. */
export function queryOf(named: Named): ObjectQuery {
  return {
    apiVersion: named.apiVersion,
    kind: named.kind,
    ...(clusterScoped.has(named.kind) ? {} : { namespace: named.namespace ?? DEFAULT_NAMESPACE }),
    ...('name' in named && named.name !== undefined ? { name: named.name } : {}),
    ...(named.labels === undefined ? {} : { labels: named.labels }),
  }
}

/** `Deployment "web"`, `Pods with app=web`, `Service "web"`. @param count of objects that it is said of */
export function subjectOf(check: Check, count?: number): string {
  if ('http' in check) return `Service "${check.http.service}"`
  const { kind, name, labels = {} } = 'events' in check ? { ...check.events, name: undefined } : check.resource
  if (name !== undefined) return `${kind} "${name}"`
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  const those = count === 1 ? kind : pluralOf(kind)
  return pairs.length ? `${those} with ${pairs.join(',')}` : those
}

/** ` in namespace default`, or nothing for kinds without namespaces. */
export function placeOf(check: Check): string {
  if ('http' in check) return ` in namespace ${check.http.namespace ?? DEFAULT_NAMESPACE}`
  const { namespace } = queryOf('events' in check ? check.events : check.resource)
  return namespace === undefined ? '' : ` in namespace ${namespace}`
}

function pluralOf(kind: string): string {
  if (/[^aeiou]y$/.test(kind)) return `${kind.slice(0, -1)}ies`
  if (/(s|x|ch)$/.test(kind)) return kind === 'Endpoints' ? kind : `${kind}es`
  return `${kind}s`
}
