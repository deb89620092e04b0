/** JSON Web Tokens signed with HMAC and SHA-256. */
export async function issueToken(secret: string, name: string, expires: number): Promise<string> {
  const signed = `${base64Url('{"alg":"HS256","typ":"JWT"}')}.${base64Url(JSON.stringify({ name, exp: expires, iss: 'podinfo' }))}`
  return `${signed}.${await signature(secret, signed)}`
}

export type ReadToken = { readonly name: string; readonly expires: number } | { readonly fault: string }

/** `now` in seconds since 1970. */
export async function readToken(secret: string, token: string, now: number): Promise<ReadToken> {
  const parts = token.split('.')
  if (parts.length !== 3) return { fault: 'token contains an invalid number of segments' }
  const [header = '', claims = '', signed] = parts
  const algorithm = fromBase64Url(header)
  const content = fromBase64Url(claims)
  if (algorithm === undefined || content === undefined) return { fault: 'illegal base64 data at input byte 0' }
  const fields = parse(content)
  const { alg } = parse(algorithm)
  if (typeof alg !== 'string') return { fault: 'signing method (alg) is unspecified.' }
  if (alg !== 'HS256') return { fault: alg.startsWith('HS') ? 'signature is invalid' : 'invalid signing method' }
  const expires = typeof fields.exp === 'number' ? fields.exp : 0
  if (expires < now) return { fault: `token is expired by ${Math.floor(now - expires)}s` }
  if (signed !== (await signature(secret, `${header}.${claims}`))) return { fault: 'signature is invalid' }
  if (fields.iss !== 'podinfo') return { fault: 'invalid issuer' }
  return { name: String(fields.name ?? ''), expires }
}

interface Claims {
  readonly alg?: unknown
  readonly name?: unknown
  readonly exp?: unknown
  readonly iss?: unknown
}

function parse(text: string): Claims {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

async function signature(secret: string, text: string): Promise<string> {
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign'])
  return base64Url(new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text))))
}

function base64Url(data: string | Uint8Array): string {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (char) => ({ '+': '-', '/': '_' })[char] ?? '')
}

function fromBase64Url(text: string): string | undefined {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return undefined
  return new TextDecoder().decode(
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0)),
  )
}
