import { type FieldError, forbiddenField, requiredValue } from '../../objects/field-error.ts'
import type { ApiObject } from '../../objects/types.ts'
import { volumeErrors } from '../core/volume/volume-validation.ts'

interface InlineVolume {
  readonly claimRef?: object
  readonly capacity?: object
  readonly csi?: object
  readonly persistentVolumeReclaimPolicy?: string
  readonly nodeAffinity?: object
  readonly storageClassName?: string
  readonly volumeMode?: string
}

const NOT_INLINE = 'may not be specified in the context of inline volumes'

/** A PersistentVolume's spec that stands in an attachment: less of it may be said than of a volume of its own. */
export function inlineVolumeErrors(spec: object, field: string): readonly FieldError[] {
  const inline = spec as InlineVolume
  const { persistentVolumeReclaimPolicy: policy = '', storageClassName = '', volumeMode = 'Filesystem' } = inline
  const forbid = (name: string, forbidden: boolean, why = NOT_INLINE): FieldError[] =>
    forbidden ? [forbiddenField(`${field}.${name}`, why)] : []
  const own = ownErrors(inline, field)
  const isAccess = (error: FieldError): boolean => error.field.startsWith(`${field}.accessModes`)
  return [
    ...forbid('claimRef', inline.claimRef !== undefined),
    ...forbid('capacity', Object.keys(inline.capacity ?? {}).length > 0),
    ...(inline.csi === undefined
      ? [requiredValue(`${field}.csi`, 'has to be specified in the context of inline volumes')]
      : []),
    ...own.filter(isAccess),
    ...forbid(
      'persistentVolumeReclaimPolicy',
      policy !== '' && policy !== 'Retain',
      'may only be Retain in the context of inline volumes',
    ),
    ...forbid('nodeAffinity', inline.nodeAffinity !== undefined),
    ...own.filter((error) => !isAccess(error)),
    ...forbid('storageClassName', storageClassName !== ''),
    ...forbid(
      'volumeMode',
      volumeMode !== 'Filesystem',
      'may not specify volumeMode other than Filesystem in the context of inline volumes',
    ),
  ]
}

/** What is asked of every volume, without what only one of its own may say. */
function ownErrors(inline: InlineVolume, field: string): FieldError[] {
  const {
    claimRef: _c,
    persistentVolumeReclaimPolicy: _p,
    nodeAffinity: _n,
    storageClassName: _s,
    volumeMode: _v,
    ...rest
  } = inline
  const volume = { metadata: {}, spec: { ...rest, capacity: { storage: '1' } } } as unknown as ApiObject
  return volumeErrors(volume).map((error) => ({ ...error, field: error.field.replace(/^spec/, field) }))
}
