/** A reader is an opaque id in a signed cookie: no account, no name, nothing that says who it is. */
import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSignedCookie, type SignedCookie } from './signed-cookie.ts'

/** Seconds that a browser keeps the cookie after its last start of a lab: 30 days. */
const KEPT = 30 * 24 * 60 * 60

/** What is in it is the reader's id. */
export const createReaderCookie = (options: { key: Buffer; secure: boolean }): SignedCookie =>
  createSignedCookie({ ...options, name: 'quayside', kept: KEPT })

/** The key that signs cookies: kept, so that readers find their labs again after a restart; readable by the owner alone. */
export function readOrMakeKey(folder: string): Buffer {
  const file = join(folder, 'cookie.key')
  try {
    writeFileSync(file, randomBytes(32), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    chmodSync(file, 0o600)
  }
  const key = readFileSync(file)
  if (key.length !== 32) throw new Error(`${file} does not hold a key of 32 bytes; remove it to have a new one made.`)
  return key
}
