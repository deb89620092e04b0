/** The secret of the settings, kept only as a hash that is slow to try. */
import { randomBytes, scrypt, scryptSync, timingSafeEqual } from 'node:crypto'

/** Bytes of the hash and of its salt. */
const LENGTH = 32

/** @returns says whether a text is the secret; takes some 50 ms of a processor, outside of the event loop, and 16 MiB */
export function keepSecret(secret: string): (given: string) => Promise<boolean> {
  const salt = randomBytes(LENGTH)
  const kept = scryptSync(secret, salt, LENGTH)
  return (given) =>
    new Promise((resolve, reject) => {
      scrypt(given, salt, LENGTH, (error, hash) => (error ? reject(error) : resolve(timingSafeEqual(hash, kept))))
    })
}
