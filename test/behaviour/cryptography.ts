/**
 * Signatures and hashes are made beside the event loop, in real time. Who lets virtual time fly must not do so before they are there:
 * to a Pod that waits for its token, hours would pass.
 */
let pending = 0

for (const name of ['sign', 'verify', 'digest', 'importKey', 'exportKey', 'generateKey'] as const) {
  const original = crypto.subtle[name].bind(crypto.subtle) as (...given: unknown[]) => Promise<unknown>
  const counted = async (...given: unknown[]) => {
    pending += 1
    try {
      return await original(...given)
    } finally {
      pending -= 1
    }
  }
  Object.defineProperty(crypto.subtle, name, { value: counted, configurable: true })
}

/** Whether any is being made now. */
export const isSigning = (): boolean => pending > 0
