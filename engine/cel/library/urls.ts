import { goQuote } from '../../objects/go-quote.ts'
import type { Declarations } from '../environment.ts'
import { EntryMap, EvaluationError, List, Opaque, type Value } from '../values.ts'

/** The parts of a URL, as Go's net/url has them. */
interface Parts {
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string
  readonly text: string
}

class Url extends Opaque {
  readonly typeName = 'kubernetes.URL'
  readonly parts: Parts
  constructor(parts: Parts) {
    super()
    this.parts = parts
  }
  override equals(other: Opaque): boolean {
    return other instanceof Url && other.parts.text === this.parts.text
  }
}

const url = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?$/s

/** Absolute URLs and absolute paths, as Go's `url.ParseRequestURI`; else the sentence that says what is wrong. */
export function parseRequestUri(text: string): Parts | string {
  const wrong = (why: string): string => `parse ${goQuote(text)}: ${why}`
  if (text === '') return wrong('empty url')
  if ([...text].some((letter) => (letter.codePointAt(0) ?? 0) < 0x20 || letter === '\x7f')) {
    return wrong('net/url: invalid control character in URL')
  }
  if (text.startsWith(':')) return wrong('missing protocol scheme')
  const match = url.exec(text)
  if (match === null) return wrong('invalid URI for request')
  const [, scheme = '', , authority = '', path = '', query = ''] = match
  const rest = text.slice(scheme === '' ? 0 : scheme.length + 1)
  if (!rest.startsWith('/')) {
    // Opaque ones, such as mailto:a@b, are requests' URIs as well.
    if (scheme !== '') return { scheme: scheme.toLowerCase(), host: '', path: '', query, text }
    return wrong('invalid URI for request')
  }
  const escaped = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(path)
  if (escaped !== null) return wrong(`invalid URL escape ${goQuote(escaped[0])}`)
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  const reason = whyNoHost(host)
  if (reason !== undefined) return wrong(reason)
  return { scheme: scheme.toLowerCase(), host, path, query, text }
}

function whyNoHost(host: string): string | undefined {
  if (host.startsWith('[') && !host.includes(']')) return "missing ']' in host"
  const port = host.startsWith('[') ? host.slice(host.indexOf(']') + 1) : (/:.*$/s.exec(host)?.[0] ?? '')
  if (!/^(?::[0-9]*)?$/.test(port)) return `invalid port ${goQuote(port)} after host`
  const bad = /[ <>"`{}|\\^]/.exec(host)
  return bad === null ? undefined : `invalid character ${goQuote(bad[0])} in host name`
}

const parts = (value: Value | undefined): Parts => (value as Url).parts

/** What Go would escape of a path that is not escaped already. */
function escapedPath(path: string): string {
  return path.replace(/[^A-Za-z0-9\-._~$&+,/:;=@!'()*[\]%]/gu, (letter) => encodeURIComponent(letter))
}

function queryOf(query: string): EntryMap {
  const values = new Map<string, Value[]>()
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue
    const [name = '', ...rest] = pair.split('=')
    try {
      const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '))
      const key = decode(name)
      values.set(key, [...(values.get(key) ?? []), decode(rest.join('='))])
    } catch {}
  }
  const map = new EntryMap()
  for (const [key, list] of values) map.add(key, new List(list))
  return map
}

/** Kubernetes' functions of URLs. */
export const urls: Declarations = {
  'url(string): kubernetes.URL': ([text]) => {
    const parsed = parseRequestUri(text as string)
    if (typeof parsed === 'string') {
      throw new EvaluationError(`URL parse error during conversion from string: ${parsed}`)
    }
    return new Url(parsed)
  },
  'kubernetes.URL => getScheme(): string': ([value]) => parts(value).scheme,
  'kubernetes.URL => getHost(): string': ([value]) => parts(value).host,
  'kubernetes.URL => getHostname(): string': ([value]) => {
    const { host } = parts(value)
    return host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:.*$/, '')
  },
  'kubernetes.URL => getPort(): string': ([value]) =>
    /:([0-9]*)$/.exec(parts(value).host.replace(/^\[[^\]]*\]/, ''))?.[1] ?? '',
  'kubernetes.URL => getEscapedPath(): string': ([value]) => escapedPath(parts(value).path),
  'kubernetes.URL => getQuery(): map(string, list(string))': ([value]) => queryOf(parts(value).query),
  'isURL(string): bool': ([text]) => typeof parseRequestUri(text as string) !== 'string',
}
