import { type FieldError, invalidValue } from '../objects/field-error.ts'
import type { NewObject } from '../objects/types.ts'

/** What kinds say of their objects' metadata; the Registry itself asks of all kinds what holds for all. */
export {
  dns1035NameErrors,
  finalizerNameErrors,
  labelNameErrors,
  type MetadataRules,
  metadataErrors,
  metadataUpdateErrors,
  type NameErrors,
  pathSegmentNameErrors,
  subdomainNameErrors,
} from '../storage/metadata-errors.ts'

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion']

/** Core's `validateKubeFinalizerName` (1.34): names without a domain are Kubernetes' own. */
export function kubeFinalizerErrors({ metadata }: NewObject): FieldError[] {
  const why = 'name is neither a standard finalizer name nor is it fully qualified'
  return (metadata.finalizers ?? []).flatMap((finalizer, index) =>
    finalizer.includes('/') || standardFinalizers.includes(finalizer)
      ? []
      : [invalidValue(`metadata.finalizers[${index}]`, finalizer, why)],
  )
}
