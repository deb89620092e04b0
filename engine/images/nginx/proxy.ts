/** `proxy_pass`: to a host, a Service or an upstream of several, in turn. */
import type { Process } from '../../containers/contract.ts'
import { request as send } from '../../network/http/client.ts'
import { HeaderList } from '../../network/http/header-list.ts'
import { HttpError } from '../../network/http/http-error.ts'
import type { Answer } from '../../network/http/server.ts'
import { messageOf } from '../programs/io.ts'
import type { Location, Scope, Upstream } from './settings.ts'
import { expanded, type Passage } from './variables.ts'

/** Fields that concern one connection. */
const HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect']
/** Of the answer, nginx has its own. */
const REPLACED: ReadonlySet<string> = new Set([
  'date',
  'server',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'x-accel-expires',
  'x-accel-redirect',
])
const SECONDS = 60_000

/** Which member of an upstream is next. */
export class Turns {
  readonly #next = new Map<string, number>()

  order(name: string, { servers }: Upstream): Upstream['servers'] {
    const able = servers.filter(({ down, backup }) => !down && !backup)
    const weighted = able.flatMap((server) =>
      Array.from({ length: Math.max(1, Math.min(server.weight, 100)) }, () => server),
    )
    const at = (this.#next.get(name) ?? 0) % Math.max(1, weighted.length)
    this.#next.set(name, at + 1)
    const turned = [...weighted.slice(at), ...weighted.slice(0, at)]
    return [...new Set(turned), ...servers.filter(({ backup, down }) => backup && !down)]
  }
}

export async function proxied(
  process: Process,
  passage: Passage,
  location: Location,
  address: string,
  turns: Turns,
  complain: (text: string) => Promise<void>,
): Promise<Answer | number> {
  const target = expanded(address, passage)
  const match = /^(https?):\/\/([^/]+)(\/.*)?$/.exec(target)
  if (match === null) return 500
  const [, scheme = 'http', authority = '', uri] = match
  const upstream = passage.settings.upstreams.get(authority)
  const members = upstream === undefined ? [single(authority, scheme)] : turns.order(authority, upstream)
  passage.set.set('proxy_host', authority)
  const path = pathFor(passage, location, uri, address)
  const headers = headersFor(passage, location.scope, authority)
  const body = passage.request.body.over ? undefined : await passage.request.body.bytes()
  const method = passage.request.method
  const timeout = seconds(location.scope.word('proxy_read_timeout')) ?? SECONDS
  const connectTimeout = seconds(location.scope.word('proxy_connect_timeout')) ?? SECONDS
  // One address may be all that a request is worth.
  const tried = location.scope.words('proxy_next_upstream')?.includes('off') ? members.slice(0, 1) : members
  let failure = 502
  for (const { host, port } of tried) {
    passage.upstream = `${passage.upstream === '' ? '' : `${passage.upstream}, `}${host}:${port}`
    try {
      const answer = await send(process.network, {
        host,
        port,
        path,
        method,
        headers,
        tls: scheme === 'https',
        clock: process.clock,
        signal: process.signal,
        timeout,
        connectTimeout,
        minor: location.scope.word('proxy_http_version') === '1.1' ? 1 : 0,
        ...(body !== undefined && body.length > 0 && { body }),
      })
      const kept = [...answer.headers].filter(([name]) => !REPLACED.has(name.toLowerCase()))
      return { status: answer.status, headers: kept, body: answer.body }
    } catch (error) {
      if (process.signal.aborted) throw error
      const late =
        (error instanceof HttpError && error.fault === 'timeout') ||
        (error instanceof Error && 'code' in error && error.code === 'ETIMEDOUT')
      failure = late ? 504 : 502
      const while_ = late ? 'while reading response header from upstream' : 'while connecting to upstream'
      const why = late ? 'upstream timed out (110: Operation timed out)' : `connect() failed (111: ${messageOf(error)})`
      await complain(
        `${why} ${while_}, client: ${passage.request.socket.remote.address}, server: ${passage.serverName}, request: "${method} ${passage.request.target} HTTP/1.${passage.request.minor}", upstream: "${scheme}://${host}:${port}${path}", host: "${passage.request.headers.get('host') ?? ''}"`,
      )
      // What may have been done must not be done again.
      if (method === 'POST' && late) break
    }
  }
  return failure
}

function single(authority: string, scheme: string): { host: string; port: number } {
  const match = /^(.*?)(?::(\d+))?$/.exec(authority)
  return { host: match?.[1] ?? authority, port: Number(match?.[2] ?? (scheme === 'https' ? 443 : 80)) }
}

/** With a path after the host, that takes the place of the location's; without one, the request's goes through as it came. */
function pathFor(passage: Passage, location: Location, uri: string | undefined, address: string): string {
  const query = passage.query === '' ? '' : `?${passage.query}`
  if (uri === undefined)
    return passage.set.has('rewritten') ? `${encodeURI(passage.path)}${query}` : passage.request.target
  if (address.includes('$')) return uri
  if (location.kind === 'regex' || location.kind === 'named') return `${uri}${query}`
  return `${uri}${encodeURI(passage.path.slice(location.pattern.length))}${query}`
}

function headersFor(passage: Passage, scope: Scope, authority: string): HeaderList {
  const headers = new HeaderList([
    ['Host', authority],
    ['Connection', 'close'],
  ])
  for (const [name, value] of passage.request.headers) {
    if (name.toLowerCase() !== 'host' && name.toLowerCase() !== 'content-length' && !HOP.includes(name.toLowerCase()))
      headers.append(name, value)
  }
  for (const [name = '', text = ''] of scope.all('proxy_set_header')) {
    const value = expanded(text, passage)
    if (value === '') headers.delete(name)
    else headers.set(name, value)
  }
  return headers
}

export function seconds(text: string | undefined): number | undefined {
  const match = /^(\d+)(ms|s|m|h)?$/.exec(text ?? '')
  if (match === null) return undefined
  return Number(match[1]) * ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1000)
}
