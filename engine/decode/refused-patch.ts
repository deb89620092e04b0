import { invalidValue } from '../objects/field-error.ts'
import { invalid, StatusError } from '../objects/status-error.ts'
import type { Json } from '../objects/types.ts'
import { goFormat } from '../patch/go-format.ts'
import type { PatchDocument } from './contract.ts'

/** As Go's patch libraries print: what a merge patch has touched are maps, whose keys they sort; the rest is as it was. */
function patchedText({ type, value }: PatchDocument, made: Json): string {
  return JSON.stringify(type === 'merge-patch' ? sortedWhereTouched(made, value) : made)
}

function sortedWhereTouched(made: Json | undefined, patch: Json | undefined): Json | undefined {
  if (!isMap(made) || !isMap(patch)) return made
  const names = Object.keys(made).sort()
  return Object.fromEntries(names.map((name) => [name, sortedWhereTouched(made[name], patch[name]) as Json]))
}

const isMap = (value: Json | undefined): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A patch that was applied and made what its kind cannot hold: 422 about the patch, without a kind. */
export function refusedPatch(patch: PatchDocument, made: Json, why: string): StatusError {
  // Upstream shows the patch itself for strategic merges, what has come out for the others.
  const shown = patch.type === 'strategic-merge-patch' ? goFormat(patch.value) : patchedText(patch, made)
  const { code, reason, message, details } = invalid({ group: '', kind: '' }, '', [invalidValue('patch', shown, why)])
  return new StatusError(code, reason, message, { details: { causes: details?.causes ?? [] } })
}
