import type { ApiObject, NewObject } from '../objects/types.ts'
import type { AdmissionPlugin, Backend } from './plugin.ts'
import { all, isOf } from './refuse.ts'

const STORAGE_DEFAULT = 'storageclass.kubernetes.io/is-default-class'
const STORAGE_DEFAULT_BETA = 'storageclass.beta.kubernetes.io/is-default-class'
const STORAGE_CLASS_BETA = 'volume.beta.kubernetes.io/storage-class'
const INGRESS_DEFAULT = 'ingressclass.kubernetes.io/is-default-class'
const INGRESS_CLASS = 'kubernetes.io/ingress.class'

export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  mutate(attributes, backend) {
    const claim = attributes.object as NewObject
    if (!isOf(attributes, '', 'persistentvolumeclaims') || attributes.operation !== 'CREATE') return claim
    const spec = claim.spec as { storageClassName?: string }
    // An empty name is a class too: none at all.
    if (spec.storageClassName !== undefined || claim.metadata.annotations?.[STORAGE_CLASS_BETA] !== undefined) {
      return claim
    }
    const usual = newestDefault(backend, 'storage.k8s.io', 'storageclasses', [STORAGE_DEFAULT, STORAGE_DEFAULT_BETA])
    return usual === undefined ? claim : { ...claim, spec: { ...spec, storageClassName: usual } }
  },
}

export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  mutate(attributes, backend) {
    const ingress = attributes.object as NewObject
    if (!isOf(attributes, 'networking.k8s.io', 'ingresses') || attributes.operation !== 'CREATE') return ingress
    const spec = (ingress.spec ?? {}) as { ingressClassName?: string }
    if (spec.ingressClassName !== undefined || ingress.metadata.annotations?.[INGRESS_CLASS] !== undefined) {
      return ingress
    }
    const usual = newestDefault(backend, 'networking.k8s.io', 'ingressclasses', [INGRESS_DEFAULT])
    return usual === undefined ? ingress : { ...ingress, spec: { ...spec, ingressClassName: usual } }
  },
}

/** Of several defaults the newest, of equally old ones the first by name. */
function newestDefault(
  backend: Backend,
  group: string,
  resource: string,
  annotations: readonly string[],
): string | undefined {
  const defaults = all(backend, group, resource).filter(({ metadata }) =>
    annotations.some((annotation) => metadata.annotations?.[annotation] === 'true'),
  )
  return defaults.toSorted(newestFirst)[0]?.metadata.name
}

function newestFirst({ metadata: left }: ApiObject, { metadata: right }: ApiObject): number {
  if (left.creationTimestamp === right.creationTimestamp) return left.name < right.name ? -1 : 1
  return left.creationTimestamp > right.creationTimestamp ? -1 : 1
}
