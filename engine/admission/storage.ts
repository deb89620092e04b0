import { Quantity } from '../objects/quantity.ts'
import type { ApiObject, NewObject } from '../objects/types.ts'
import type { AdmissionPlugin, Backend } from './plugin.ts'
import { find, isOf, refuse } from './refuse.ts'

const FINALIZERS: readonly (readonly [group: string, resource: string, finalizer: string])[] = [
  ['', 'persistentvolumes', 'kubernetes.io/pv-protection'],
  ['', 'persistentvolumeclaims', 'kubernetes.io/pvc-protection'],
  ['storage.k8s.io', 'volumeattributesclasses', 'kubernetes.io/vac-protection'],
]

/** What is in use is not removed from under its user: controllers take the finalizer off. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate(attributes) {
    const object = attributes.object as NewObject
    if (attributes.operation !== 'CREATE') return object
    const finalizer = FINALIZERS.find(([group, resource]) => isOf(attributes, group, resource))?.[2]
    const { finalizers = [] } = object.metadata
    if (finalizer === undefined || finalizers.includes(finalizer)) return object
    return { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } }
  },
}

interface Claim {
  readonly spec: { readonly storageClassName?: string; readonly resources?: { requests?: Record<string, string> } }
  readonly status?: { readonly phase?: string }
}

export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  validate(attributes, backend) {
    const { object, oldObject, operation } = attributes
    if (!isOf(attributes, '', 'persistentvolumeclaims') || operation !== 'UPDATE') return
    if (object === undefined || oldObject === undefined) return
    const claim = object as unknown as Claim
    const old = oldObject as unknown as Claim
    if (sizeOf(claim).compare(sizeOf(old)) <= 0) return
    if (old.status?.phase !== 'Bound') {
      throw refuse(attributes, 'Only bound persistent volume claims can be expanded')
    }
    if (mayGrow(backend, object, oldObject)) return
    const why =
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'
    throw refuse(attributes, why)
  },
}

const sizeOf = ({ spec }: Claim): Quantity => Quantity.fromJson(spec.resources?.requests?.storage ?? '0')

function mayGrow(backend: Backend, claim: NewObject, old: ApiObject): boolean {
  const name = storageClassOf(claim)
  if (name === '' || name !== storageClassOf(old)) return false
  return find(backend, 'storage.k8s.io', 'storageclasses', '', name)?.allowVolumeExpansion === true
}

/** The class that a claim names, empty for none. */
export function storageClassOf(claim: NewObject | ApiObject): string {
  const { storageClassName } = (claim as unknown as Claim).spec
  return claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? storageClassName ?? ''
}
