import type { Backend } from '../admission/plugin.ts'
import { bootstrap, KIND_FACTS } from '../bootstrap/bootstrap.ts'
import { idsFrom } from '../clock/ids.ts'
import { Random } from '../clock/random.ts'
import { VirtualClock } from '../clock/virtual-clock.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { Registry } from '../storage/registry.ts'
import { collectionName, Store } from '../storage/store.ts'

/** Resources that tests of authorization and admission write, without their kinds' rules. */
const RESOURCES: readonly (readonly [group: string, resource: string, kind: string, namespaced: boolean])[] = [
  ['', 'namespaces', 'Namespace', false],
  ['', 'nodes', 'Node', false],
  ['', 'persistentvolumes', 'PersistentVolume', false],
  ['', 'pods', 'Pod', true],
  ['', 'services', 'Service', true],
  ['', 'endpoints', 'Endpoints', true],
  ['', 'configmaps', 'ConfigMap', true],
  ['', 'secrets', 'Secret', true],
  ['', 'serviceaccounts', 'ServiceAccount', true],
  ['', 'limitranges', 'LimitRange', true],
  ['', 'resourcequotas', 'ResourceQuota', true],
  ['', 'persistentvolumeclaims', 'PersistentVolumeClaim', true],
  ['', 'podtemplates', 'PodTemplate', true],
  ['apps', 'deployments', 'Deployment', true],
  ['apps', 'replicasets', 'ReplicaSet', true],
  ['batch', 'jobs', 'Job', true],
  ['batch', 'cronjobs', 'CronJob', true],
  ['networking.k8s.io', 'ingresses', 'Ingress', true],
  ['networking.k8s.io', 'ingressclasses', 'IngressClass', false],
  ['storage.k8s.io', 'storageclasses', 'StorageClass', false],
  ['scheduling.k8s.io', 'priorityclasses', 'PriorityClass', false],
  ['node.k8s.io', 'runtimeclasses', 'RuntimeClass', false],
  ['certificates.k8s.io', 'certificatesigningrequests', 'CertificateSigningRequest', false],
  ['rbac.authorization.k8s.io', 'clusterroles', 'ClusterRole', false],
  ['rbac.authorization.k8s.io', 'clusterrolebindings', 'ClusterRoleBinding', false],
  ['rbac.authorization.k8s.io', 'roles', 'Role', true],
  ['rbac.authorization.k8s.io', 'rolebindings', 'RoleBinding', true],
]

export function resourceOfKind(kind: string): GroupResource & { readonly namespaced: boolean } {
  const found = RESOURCES.find(([, , name]) => name === kind)
  if (found === undefined) throw new Error(`The tests know no ${kind}.`)
  return { group: found[0], resource: found[1], namespaced: found[3] }
}

/** A fresh cluster as far as authorization and admission look at it. */
export function testCluster() {
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  const store = new Store({ clock })
  const ids = idsFrom(new Random(7))
  const registries = new Map<string, Registry>()
  for (const [group, resource, kind, namespaced] of RESOURCES) {
    const of = { group, resource }
    registries.set(collectionName(of), new Registry(store.add({ resource: of, namespaced }), { kind }, { clock, ids }))
  }
  const registry = (of: GroupResource) => registries.get(collectionName(of))
  const door: Backend['door'] = (of) => {
    const found = registry(of)
    return found && { registry: found }
  }
  const submit: Backend['submit'] = ({ resource, object, namespace }) =>
    (registry(resource) as Registry).create(object, namespace === undefined ? {} : { namespace })
  const backend: Backend = { store, clock, ids, registry, door, submit }
  bootstrap(backend, { ...KIND_FACTS, server: 'https://127.0.0.1:6443' })
  return {
    clock,
    store,
    backend,
    /** Writes an object as it is, past all rules. */
    put(object: { readonly kind: string; readonly metadata: object } & Readonly<Record<string, unknown>>): ApiObject {
      const { group, resource, namespaced } = resourceOfKind(object.kind)
      const collection = store.collection({ group, resource })
      if (collection === undefined) throw new Error(`There is no collection of ${resource}.`)
      const { namespace, ...metadata } = object.metadata as { namespace?: string }
      const home = namespaced ? { namespace: namespace ?? 'default' } : {}
      const made = {
        uid: ids.uid(),
        creationTimestamp: '2026-01-01T00:00:00Z',
        resourceVersion: '',
        ...metadata,
        ...home,
      }
      return collection.put({ apiVersion: group === '' ? 'v1' : `${group}/v1`, ...object, metadata: made } as never)
    },
  }
}
