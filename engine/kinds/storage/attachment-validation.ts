import { semanticallyEqual } from '../../objects/equal.ts'
import { invalidEach } from '../../objects/field-checks.ts'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  requiredValue,
  tooLongValue,
} from '../../objects/field-error.ts'
import { dns1123SubdomainErrors, outOfRange } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'
import { bytesOf, csiDriverNameErrors, LONGEST_PARAMETERS } from './validation.ts'

export interface VolumeError {
  readonly time?: string | null
  readonly message?: string
  readonly errorCode?: number
}

export interface AttachmentSpec {
  readonly attacher: string
  readonly source: { readonly persistentVolumeName?: string; readonly inlineVolumeSpec?: object }
  readonly nodeName: string
}

export interface AttachmentStatus {
  readonly attached: boolean
  readonly attachmentMetadata?: Readonly<Record<string, string>>
  readonly attachError?: VolumeError
  readonly detachError?: VolumeError
}

/** Bytes. */
const LONGEST_MESSAGE = 1024
const EITHER = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'

/** Checks the volume that stands in the attachment itself. */
export type VolumeSpecErrors = (spec: object, field: string) => readonly FieldError[]

const specOf = (object: ApiObject): AttachmentSpec => object.spec as AttachmentSpec

export function attachmentErrors(object: ApiObject, volumeErrors: VolumeSpecErrors): FieldError[] {
  const { attacher, source, nodeName } = specOf(object)
  return [
    ...(attacher === '' ? [requiredValue('spec.attacher')] : []),
    ...sourceErrors(source, 'spec.source', volumeErrors),
    ...invalidEach('spec.nodeName', nodeName, dns1123SubdomainErrors(nodeName)),
    ...attachmentStatusErrors(object),
  ]
}

/** What is asked of new ones besides. */
export function attachmentCreateErrors(object: ApiObject): FieldError[] {
  const { attacher, source } = specOf(object)
  const { persistentVolumeName: name } = source
  return [
    ...csiDriverNameErrors(attacher, 'spec.attacher'),
    ...(name === undefined ? [] : invalidEach('spec.source.persistentVolumeName', name, dns1123SubdomainErrors(name))),
  ]
}

export function attachmentChangeErrors(object: ApiObject, old: ApiObject): FieldError[] {
  if (semanticallyEqual(object.spec, old.spec)) return []
  const { attacher, source, nodeName } = specOf(object)
  const shown = {
    Attacher: attacher,
    Source: {
      PersistentVolumeName: source.persistentVolumeName ?? null,
      InlineVolumeSpec: source.inlineVolumeSpec ?? null,
    },
    NodeName: nodeName,
  }
  return [invalidValue('spec', shown, 'field is immutable')]
}

function sourceErrors(
  { persistentVolumeName: name, inlineVolumeSpec: inline }: AttachmentSpec['source'],
  field: string,
  volumeErrors: VolumeSpecErrors,
): readonly FieldError[] {
  if (inline === undefined && name === undefined) return [requiredValue(field, EITHER)]
  if (inline !== undefined && name !== undefined) return [forbiddenField(field, EITHER)]
  if (inline !== undefined) return volumeErrors(inline, `${field}.inlineVolumeSpec`)
  if (name !== '') return []
  return [requiredValue(`${field}.persistentVolumeName`, 'must specify non empty persistentVolumeName')]
}

export function attachmentStatusErrors(object: ApiObject): FieldError[] {
  const { attachmentMetadata = {}, attachError, detachError } = (object.status ?? {}) as AttachmentStatus
  return [
    ...(bytesOf(attachmentMetadata) > LONGEST_PARAMETERS
      ? [tooLongValue('status.attachmentMetadata', LONGEST_PARAMETERS)]
      : []),
    ...volumeErrorErrors(attachError, 'status.attachError'),
    ...volumeErrorErrors(detachError, 'status.detachError'),
  ]
}

function volumeErrorErrors(error: VolumeError | undefined, field: string): FieldError[] {
  if (error === undefined) return []
  const { message = '', errorCode = 0 } = error
  return [
    // Upstream names the limit of the metadata here.
    ...(message.length > LONGEST_MESSAGE ? [tooLongValue(`${field}.message`, LONGEST_PARAMETERS)] : []),
    ...(errorCode < 0 ? [invalidValue(`${field}.errorCode`, errorCode, outOfRange(0, 2 ** 31 - 1))] : []),
  ]
}
