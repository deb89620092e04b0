import type { ServerRequest } from '../../network/http/server.ts'
import type { Settings } from './settings.ts'

/** A request on its way through the configuration. */
export interface Passage {
  readonly request: ServerRequest
  readonly settings: Settings
  /** Milliseconds since 1970 when it came. */
  readonly began: number
  readonly now: () => number
  readonly hostname: string
  readonly id: string
  readonly connection: number
  /** Changed by rewrites and internal redirects; decoded, without the query. */
  path: string
  query: string
  serverName: string
  /** `set`, and groups of regular expressions. */
  readonly set: Map<string, string>
  status: number
  bytes: number
  upstream: string
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `21/Nov/2026:09:45:13 +0000` */
export function localTime(ms: number): string {
  const date = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`
}

/** A text with its variables in place. */
export function expanded(text: string, passage: Passage): string {
  if (!text.includes('$')) return text
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, plain?: string) =>
    variable(braced ?? plain ?? '', passage),
  )
}

export function variable(name: string, passage: Passage): string {
  const own = passage.set.get(name)
  if (own !== undefined) return own
  const { request } = passage
  const header = (field: string) => request.headers.get(field) ?? ''
  switch (name) {
    case 'uri':
    case 'document_uri':
      return passage.path
    case 'request_uri':
      return request.target
    case 'args':
    case 'query_string':
      return passage.query
    case 'is_args':
      return passage.query === '' ? '' : '?'
    case 'host':
      return header('host').toLowerCase().replace(/:\d+$/, '') || passage.serverName
    case 'hostname':
      return passage.hostname
    case 'http_host':
      return header('host')
    case 'server_name':
      return passage.serverName
    case 'server_port':
      return String(request.socket.local.port)
    case 'server_addr':
      return request.socket.local.address
    case 'server_protocol':
      return `HTTP/1.${request.minor}`
    case 'scheme':
      return request.socket.tls === undefined ? 'http' : 'https'
    case 'request_method':
      return request.method
    case 'request':
      return `${request.method} ${request.target} HTTP/1.${request.minor}`
    case 'request_length':
      return String(request.target.length + 100)
    case 'request_id':
      return passage.id
    case 'request_time':
      return ((passage.now() - passage.began) / 1000).toFixed(3)
    case 'remote_addr':
    case 'realip_remote_addr':
      return request.socket.remote.address
    case 'remote_port':
      return String(request.socket.remote.port)
    case 'remote_user':
      return userOf(header('authorization'))
    case 'time_local':
      return localTime(passage.now())
    case 'time_iso8601':
      return new Date(passage.now()).toISOString().replace(/\.\d+Z$/, '+00:00')
    case 'msec':
      return (passage.now() / 1000).toFixed(3)
    case 'status':
      return String(passage.status)
    case 'body_bytes_sent':
    case 'bytes_sent':
      return String(passage.bytes)
    case 'connection':
      return String(passage.connection)
    case 'nginx_version':
      return passage.set.get('nginx_version') ?? ''
    case 'pid':
      return '29'
    case 'upstream_addr':
      return passage.upstream
    case 'proxy_host':
      return passage.set.get('proxy_host') ?? ''
    case 'proxy_add_x_forwarded_for': {
      const before = header('x-forwarded-for')
      return before === '' ? request.socket.remote.address : `${before}, ${request.socket.remote.address}`
    }
  }
  if (name.startsWith('http_')) return header(name.slice(5).replaceAll('_', '-'))
  if (name.startsWith('arg_')) return new URLSearchParams(passage.query).get(name.slice(4)) ?? ''
  if (name.startsWith('cookie_')) {
    return new RegExp(`(?:^|;\\s*)${name.slice(7)}=([^;]*)`).exec(header('cookie'))?.[1] ?? ''
  }
  const map = passage.settings.maps.get(name)
  if (map !== undefined) {
    const source = expanded(map.source, passage)
    const hit = map.cases.find(([key]) =>
      key.startsWith('~')
        ? new RegExp(key.replace(/^~\*?/, ''), key.startsWith('~*') ? 'i' : '').test(source)
        : key === source,
    )
    return expanded((hit ?? map.cases.find(([key]) => key === 'default'))?.[1] ?? '', passage)
  }
  return ''
}

function userOf(authorization: string): string {
  const [scheme, credentials = ''] = authorization.split(' ')
  if (scheme?.toLowerCase() !== 'basic') return ''
  try {
    return atob(credentials).split(':')[0] ?? ''
  } catch {
    return ''
  }
}
