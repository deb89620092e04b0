/** JSON Web Tokens signed with ES256 or RS256, by WebCrypto alone: what RFC 7515 and 7519 ask of the tokens of ServiceAccounts. */

export type JwtAlgorithm = 'ES256' | 'RS256'
export type Claims = Readonly<Record<string, unknown>>

/** A key pair with the name that tokens tell it by. */
export interface SigningKey {
  readonly algorithm: JwtAlgorithm
  readonly id: string
  readonly pair: CryptoKeyPair
}

const signatures = {
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5' },
} as const

/** ES256 takes a millisecond to make; RS256 is upstream's and takes some hundred. */
export async function generateSigningKey(algorithm: JwtAlgorithm = 'ES256'): Promise<SigningKey> {
  const kind =
    algorithm === 'ES256'
      ? { name: 'ECDSA', namedCurve: 'P-256' }
      : {
          name: 'RSASSA-PKCS1-v1_5',
          modulusLength: 2048,
          publicExponent: new Uint8Array([1, 0, 1]),
          hash: 'SHA-256',
        }
  const pair = (await crypto.subtle.generateKey(kind, true, ['sign', 'verify'])) as CryptoKeyPair
  return signingKey(pair)
}

/** A key pair as JSON Web Keys, to be kept where nobody else can read it. */
export interface KeptKey {
  readonly publicKey: JsonWebKey
  readonly privateKey: JsonWebKey
}

export async function keepKey({ pair }: SigningKey): Promise<KeptKey> {
  const { subtle } = crypto
  const [publicKey, privateKey] = await Promise.all([
    subtle.exportKey('jwk', pair.publicKey),
    subtle.exportKey('jwk', pair.privateKey),
  ])
  return { publicKey, privateKey }
}

/** The key that was kept: tokens that it has signed are good again. */
export async function keptKey({ publicKey, privateKey }: KeptKey): Promise<SigningKey> {
  const kind =
    publicKey.kty === 'EC' ? { name: 'ECDSA', namedCurve: 'P-256' } : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const { subtle } = crypto
  return signingKey({
    publicKey: await subtle.importKey('jwk', publicKey, kind, true, ['verify']),
    privateKey: await subtle.importKey('jwk', privateKey, kind, true, ['sign']),
  })
}

/** A key of one's own, whose public half can be exported: its id is the hash of that, as upstream's. */
export async function signingKey(pair: CryptoKeyPair): Promise<SigningKey> {
  const spki = await crypto.subtle.exportKey('spki', pair.publicKey)
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', spki))
  const algorithm = pair.publicKey.algorithm.name === 'ECDSA' ? 'ES256' : 'RS256'
  return { algorithm, id: encode(hash), pair }
}

export async function sign({ algorithm, id, pair }: SigningKey, claims: Claims): Promise<string> {
  const head = `${encodeJson({ alg: algorithm, kid: id })}.${encodeJson(claims)}`
  const signature = await crypto.subtle.sign(signatures[algorithm], pair.privateKey, utf8.encode(head))
  return `${head}.${encode(new Uint8Array(signature))}`
}

/** The claims of a token, nothing of it verified; undefined where it is none. */
export function claimsOf(token: string): Claims | undefined {
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  try {
    const claims: unknown = JSON.parse(new TextDecoder().decode(decode(parts[1] ?? '')))
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? (claims as Claims) : undefined
  } catch {
    return undefined
  }
}

/** Whether the key has signed the token. */
export async function verify({ algorithm, pair }: SigningKey, token: string): Promise<boolean> {
  const dot = token.lastIndexOf('.')
  try {
    const head = JSON.parse(new TextDecoder().decode(decode(token.slice(0, token.indexOf('.'))))) as { alg?: string }
    if (head.alg !== algorithm) return false
    const signature = decode(token.slice(dot + 1))
    return await crypto.subtle.verify(
      signatures[algorithm],
      pair.publicKey,
      signature,
      utf8.encode(token.slice(0, dot)),
    )
  } catch {
    return false
  }
}

/** The public key as a JSON Web Key Set shows it: `/openid/v1/jwks`. */
export async function publicJwk({ algorithm, id, pair }: SigningKey): Promise<Readonly<Record<string, unknown>>> {
  const { ext: _, key_ops: __, alg: ___, ...key } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  return { use: 'sig', kty: key.kty, kid: id, alg: algorithm, ...key }
}

const utf8 = new TextEncoder()

const encodeJson = (value: unknown): string => encode(utf8.encode(JSON.stringify(value)))

function encode(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Throws for what is no base64url. */
function decode(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[-_A-Za-z0-9]*$/.test(text)) throw new Error('This is no base64url.')
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
