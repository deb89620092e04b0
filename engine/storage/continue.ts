import { badRequest } from '../objects/status-error.ts'

/** Where a list in parts goes on. Upstream's own form (apiserver `storage/continue.go`), though clients must not look into it. */
export interface ContinueToken {
  /** The version at which the list began; below 0: whatever is newest. */
  readonly version: number
  /** The first key that is wanted, relative to the namespace that is listed. */
  readonly start: string
}

const FORM = 'meta.k8s.io/v1'

export function encodeContinue({ version, start }: ContinueToken): string {
  const bytes = new TextEncoder().encode(JSON.stringify({ v: FORM, rv: version, start }))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** Throws 400 for what this server has not written. */
export function decodeContinue(text: string): ContinueToken {
  const token = parse(text)
  if (token?.v !== FORM) {
    if (typeof token?.v !== 'string') throw wrong('continue key is not valid')
    throw wrong(`continue key is not valid: server does not recognize this encoded version ${token.v}`)
  }
  if (!Number.isSafeInteger(token.rv) || token.rv === 0) {
    throw wrong('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  }
  if (typeof token.start !== 'string' || token.start === '') {
    throw wrong('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)')
  }
  if (!isClean(token.start)) throw wrong(`continue key is not valid: ${token.start}`)
  return { version: token.rv as number, start: token.start }
}

interface Raw {
  readonly v?: unknown
  readonly rv?: unknown
  readonly start?: unknown
}

function parse(text: string): Raw | undefined {
  checkBase64(text)
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    const json = new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(binary, (c) => c.charCodeAt(0)))
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** Throws as Go's base64 does: it names the first byte that it cannot take. */
function checkBase64(text: string): void {
  const strange = text.search(/[^A-Za-z0-9_-]/)
  const at = strange !== -1 ? strange : text.length % 4 === 1 ? text.length - 1 : -1
  if (at !== -1) throw wrong(`continue key is not valid: illegal base64 data at input byte ${at}`)
}

/** No way out of the namespace that is listed: the path stays as it is when it is cleaned. */
function isClean(start: string): boolean {
  const parts = (start.startsWith('/') ? start.slice(1) : start).split('/')
  return parts.every((part) => part !== '' && part !== '.' && part !== '..')
}

const wrong = (why: string) => badRequest(`invalid continue token: ${why}`)
