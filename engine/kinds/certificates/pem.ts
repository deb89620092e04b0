export interface PemBlock {
  readonly type: string
  readonly headers: boolean
  readonly bytes: Uint8Array
}

const blocks = /-----BEGIN ([^-\r\n]*)-----\r?\n([\s\S]*?)\r?\n?-----END \1-----/g

/** The PEM blocks in a text that itself is base64: how the API carries them. */
export function readPem(base64: string): PemBlock[] {
  return [...decodeText(base64).matchAll(blocks)].flatMap(([, type = '', body = '']) => {
    const headers = /^[^\n]*: /.test(body)
    const text = headers ? body.slice(body.search(/\n\s*\n/)) : body
    try {
      return [{ type, headers, bytes: decodeBytes(text.replace(/\s+/g, '')) }]
    } catch {
      return []
    }
  })
}

function decodeText(base64: string): string {
  try {
    return atob(base64)
  } catch {
    return ''
  }
}

function decodeBytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
