import { invalidValue } from '../objects/field-error.ts'
import { invalid, StatusError } from '../objects/status-error.ts'
import type { Json } from '../objects/types.ts'
import { goFormat } from '../patch/go-format.ts'
import type { PatchDocument } from './contract.ts'

/** A patch that was applied and made what its kind cannot hold: 422 about the patch, without a kind. */
export function refusedPatch(patch: PatchDocument, made: Json, why: string): StatusError {
  // Upstream shows the patch itself for strategic merges, what has come out for the others.
  const shown = patch.type === 'strategic-merge-patch' ? goFormat(patch.value) : JSON.stringify(made)
  const { code, reason, message, details } = invalid({ group: '', kind: '' }, '', [invalidValue('patch', shown, why)])
  return new StatusError(code, reason, message, { details: { causes: details?.causes ?? [] } })
}
