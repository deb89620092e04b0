/** What of a request reaches an app in a lab, and what of its answer reaches the browser. Names and values in turns, as Node has them raw. */

/** Of one hop (RFC 9110, 7.6.1). */
const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * What an app says to keep itself out of frames, or to move its host elsewhere. The frame is the reader's own; and what a browser keeps
 * about a host that is never used again, or about all hosts beside it, helps nobody.
 */
const DROPPED = new Set(['x-frame-options', 'strict-transport-security', 'alt-svc'])

export type RawHeaders = readonly string[]

function* pairs(raw: RawHeaders): Generator<[name: string, lower: string, value: string]> {
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] as string
    yield [name, name.toLowerCase(), raw[at + 1] as string]
  }
}

/** Names that Connection says are of this hop alone. */
function ofThisHop(raw: RawHeaders): Set<string> {
  const named = [...pairs(raw)]
    .filter(([, lower]) => lower === 'connection')
    .flatMap(([, , value]) => value.split(','))
    .map((name) => name.trim().toLowerCase())
  return new Set([...HOP, ...named])
}

/** @param cookie the name of ours, which the app must not see */
export function requestHeaders(
  raw: RawHeaders,
  { cookie, scheme, address }: { cookie: string; scheme: string; address: string },
): string[] {
  const hop = ofThisHop(raw)
  const kept: string[] = []
  let host = ''
  for (const [name, lower, value] of pairs(raw)) {
    // Node has answered it, with 100 Continue.
    if (hop.has(lower) || lower === 'expect' || lower.startsWith('x-forwarded-') || lower === 'forwarded') continue
    if (lower === 'host') host = value
    const shown = lower === 'cookie' ? withoutCookie(value, cookie) : value
    if (shown !== '') kept.push(name, shown)
  }
  return [...kept, 'X-Forwarded-For', address, 'X-Forwarded-Host', host, 'X-Forwarded-Proto', scheme]
}

function withoutCookie(header: string, name: string): string {
  return header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '' && pair.split('=')[0]?.trim() !== name)
    .join('; ')
}

/** @param hosts names that mean the app itself: the preview's, and those that its Service has in the cluster */
export function responseHeaders(
  raw: RawHeaders,
  { cookie, hosts, secure }: { cookie: string; hosts: ReadonlySet<string>; secure: boolean },
): string[] {
  const hop = ofThisHop(raw)
  const kept: string[] = []
  for (const [name, lower, value] of pairs(raw)) {
    if (hop.has(lower) || DROPPED.has(lower)) continue
    if (lower === 'set-cookie') {
      const set = setCookie(value, cookie, secure)
      if (set !== undefined) kept.push(name, set)
    } else if (lower === 'location') kept.push(name, location(value, hosts))
    else if (lower.startsWith('content-security-policy')) {
      const policy = withoutFrameAncestors(value)
      if (policy !== '') kept.push(name, policy)
    } else kept.push(name, value)
  }
  return kept
}

/**
 * The app's cookie, as one that a frame of another site may have: partitioned, so that it is this page's alone. For the preview's own
 * host and no other beside it; never under our name.
 */
function setCookie(header: string, ours: string, secure: boolean): string | undefined {
  const [pair = '', ...attributes] = header.split(';').map((part) => part.trim())
  if (pair.split('=')[0]?.trim() === ours) return undefined
  const given = (names: string[]) => attributes.filter((one) => !names.includes(one.split('=')[0]?.toLowerCase() ?? ''))
  if (!secure) return [pair, ...given(['domain'])].join('; ')
  return [
    pair,
    ...given(['domain', 'samesite', 'secure', 'partitioned']),
    'SameSite=None',
    'Secure',
    'Partitioned',
  ].join('; ')
}

/** A redirect to the app itself stays in the preview, whatever scheme and port the app takes itself to have. */
function location(value: string, hosts: ReadonlySet<string>): string {
  if (!/^(https?:)?\/\//i.test(value) || !URL.canParse(value, 'http://localhost')) return value
  const { hostname, pathname, search, hash } = new URL(value, 'http://localhost')
  return hosts.has(hostname) ? pathname.replace(/^\/{2,}/, '/') + search + hash : value
}

const withoutFrameAncestors = (policy: string) =>
  policy
    .split(';')
    .filter((directive) => !/^\s*frame-ancestors(\s|$)/i.test(directive))
    .join(';')
    .trim()

/** The app itself, as it may be called in a redirect. */
export const namesOf = (preview: { origin: string; target: { namespace: string; service: string } }): Set<string> => {
  const { namespace, service } = preview.target
  const inside = `${service}.${namespace}`
  return new Set([
    new URL(preview.origin).hostname,
    service,
    inside,
    `${inside}.svc`,
    `${inside}.svc.cluster.local`,
    'localhost',
    '127.0.0.1',
  ])
}
