/** A cookie that only we can have written. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface SignedCookie {
  /** What we put in, or undefined if the header has none that we signed. Compared in constant time. */
  read(header: string | undefined): string | undefined
  /** The value of Set-Cookie. @param value base64url, which a cookie takes as it is */
  issue(value: string): string
  /** The value of Set-Cookie that makes browsers forget it. */
  clear(): string
}

export interface SignedCookieOptions {
  name: string
  key: Buffer
  secure: boolean
  /** Seconds that a browser keeps it. */
  kept: number
}

export function createSignedCookie({ name: base, key, secure, kept }: SignedCookieOptions): SignedCookie {
  // The prefix makes browsers refuse the cookie unless it is Secure, host-only and for all paths; plain HTTP cannot have it.
  // There several servers may share the host's name, as cookies know no ports: each has a name of its own, by its key.
  const own = createHash('sha256').update('name').update(key).digest('hex').slice(0, 8)
  const name = secure ? `__Host-${base}` : `${base}-${own}`
  const signature = (value: string) => createHmac('sha256', key).update(value).digest()
  const set = (value: string, age: number) =>
    [`${name}=${value}`, `Max-Age=${age}`, 'Path=/', 'HttpOnly', ...(secure ? ['Secure'] : []), 'SameSite=Strict'].join(
      '; ',
    )
  return {
    read(header) {
      const [value, signed, ...rest] = cookieValue(name, header)?.split('.') ?? []
      if (!value || !signed || rest.length > 0) return undefined
      const given = Buffer.from(signed, 'base64url')
      const expected = signature(value)
      return given.length === expected.length && timingSafeEqual(given, expected) ? value : undefined
    },
    issue: (value) => set(`${value}.${signature(value).toString('base64url')}`, kept),
    clear: () => set('', 0),
  }
}

/** A key for one purpose, so that what is signed for another is worth nothing here. */
export const keyFor = (purpose: string, key: Buffer): Buffer => createHmac('sha256', key).update(purpose).digest()

const cookieValue = (name: string, header: string | undefined) =>
  header
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1)
