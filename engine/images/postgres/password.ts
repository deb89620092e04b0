/** Checks a password against what pg_authid keeps of it: `SCRAM-SHA-256$4096:salt$stored:server`. */
export async function passwordFits(password: string, kept: string): Promise<boolean> {
  const match = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):/.exec(kept)
  if (match === null) return false
  const [, iterations, salt = '', stored] = match
  const encoder = new TextEncoder()
  const key = await crypto.subtle.importKey('raw', encoder.encode(password), 'PBKDF2', false, ['deriveBits'])
  const salted = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt: fromBase64(salt), iterations: Number(iterations) },
    key,
    256,
  )
  const hmac = await crypto.subtle.importKey('raw', salted, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const client = await crypto.subtle.sign('HMAC', hmac, encoder.encode('Client Key'))
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', client)))) === stored
}

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
