/** A reader is an opaque id in a signed cookie: no account, no name, nothing that says who it is. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Seconds that a browser keeps the cookie after its last start of a lab: 30 days. */
const KEPT = 30 * 24 * 60 * 60

export interface ReaderCookie {
  /** The reader's id, or undefined if the header has none that we signed. Compared in constant time. */
  read(header: string | undefined): string | undefined
  /** The value of Set-Cookie. */
  issue(reader: string): string
}

export function createReaderCookie(options: { key: Buffer; secure: boolean }): ReaderCookie {
  // The prefix makes browsers refuse the cookie unless it is Secure, host-only and for all paths; plain HTTP cannot have it.
  // There several servers may share the host's name, as cookies know no ports: each has a name of its own, by its key.
  const own = createHash('sha256').update('name').update(options.key).digest('hex').slice(0, 8)
  const name = options.secure ? '__Host-quayside' : `quayside-${own}`
  const signature = (reader: string) => createHmac('sha256', options.key).update(reader).digest()
  return {
    read(header) {
      const [reader, signed, ...rest] = cookieValue(name, header)?.split('.') ?? []
      if (!reader || !signed || rest.length > 0) return undefined
      const given = Buffer.from(signed, 'base64url')
      const expected = signature(reader)
      return given.length === expected.length && timingSafeEqual(given, expected) ? reader : undefined
    },
    // Id and signature are base64url, which a cookie takes as it is.
    issue: (reader) =>
      [
        `${name}=${reader}.${signature(reader).toString('base64url')}`,
        `Max-Age=${KEPT}`,
        'Path=/',
        'HttpOnly',
        ...(options.secure ? ['Secure'] : []),
        'SameSite=Strict',
      ].join('; '),
  }
}

const cookieValue = (name: string, header: string | undefined) =>
  header
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1)

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
