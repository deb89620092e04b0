/**
 * Why a patch was not applied, and what the API server (1.34) answers with:
 * `badRequest` 400, `unprocessable` 422 without a kind, `tooLarge` 413, `failed` a plain error that becomes a 500.
 */
export type PatchErrorReason = 'badRequest' | 'unprocessable' | 'tooLarge' | 'failed'

export class PatchError extends Error {
  override name = 'PatchError'
  readonly reason: PatchErrorReason

  constructor(reason: PatchErrorReason, message: string) {
    super(message)
    this.reason = reason
  }
}
