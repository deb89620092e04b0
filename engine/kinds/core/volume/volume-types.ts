import type { NewObject } from '../../../objects/types.ts'
import type { NodeSelector, Quantities } from '../../pod/types.ts'

/** core/v1 `PersistentVolumeSpec`; what the volume is stands in a field of that name. */
export interface VolumeSpec {
  readonly capacity?: Quantities
  readonly accessModes?: readonly string[]
  readonly claimRef?: { readonly namespace?: string; readonly name?: string }
  readonly persistentVolumeReclaimPolicy?: string
  readonly storageClassName?: string
  readonly volumeMode?: string
  readonly volumeAttributesClassName?: string
  readonly nodeAffinity?: { readonly required?: NodeSelector }
  readonly hostPath?: { readonly path: string; readonly type?: string }
  readonly local?: { readonly path: string }
  readonly nfs?: { readonly server: string; readonly path: string }
  readonly csi?: CsiSource
  readonly [source: string]: unknown
}

export interface CsiSource {
  readonly driver: string
  readonly volumeHandle: string
  readonly [field: string]: unknown
}

export interface VolumeStatus {
  readonly phase?: string
  readonly reason?: string
  readonly lastPhaseTransitionTime?: string
}

export const volumeSpecOf = ({ spec }: NewObject): VolumeSpec => (spec ?? {}) as VolumeSpec
export const volumeStatusOf = ({ status }: NewObject): VolumeStatus => (status ?? {}) as VolumeStatus
