import type { NewObject } from '../../../objects/types.ts'
import type { ClaimSpec, Quantities } from '../../pod/types.ts'

export type { ClaimSpec } from '../../pod/types.ts'

export interface ClaimStatus {
  readonly phase?: string
  readonly accessModes?: readonly string[]
  readonly capacity?: Quantities
  readonly allocatedResources?: Quantities
  readonly allocatedResourceStatuses?: Readonly<Record<string, string>>
  readonly currentVolumeAttributesClassName?: string
}

/** Where the class stood before it had a field. */
export const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class'

export const claimSpecOf = ({ spec }: NewObject): ClaimSpec => (spec ?? {}) as ClaimSpec
export const claimStatusOf = ({ status }: NewObject): ClaimStatus => (status ?? {}) as ClaimStatus
