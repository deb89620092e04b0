import type { Hop, IngressOptions, Listener, PodNetwork, TlsFacts } from '../contract.ts'
import { request } from '../http/client.ts'
import { HeaderList } from '../http/header-list.ts'
import { reasons } from '../http/reasons.ts'
import { type Answer, type ServerRequest, serve } from '../http/server.ts'
import { isNetworkError } from '../network-error.ts'
import type { Claim, Ingresses, Upstream } from './ingresses.ts'
import { type Location, locationFor, siteFor } from './routes.ts'

/** nginx' own waits for who is behind it, in ms: `proxy-connect-timeout` and `proxy-read-timeout`. */
const CONNECT_TIMEOUT = 5000
const READ_TIMEOUT = 60_000
/** Of one connection only, or set anew for the next. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer']
/** `proxy-body-size`: 1 MiB. */
const LARGEST_BODY = 1024 * 1024
/** Bytes that are carried on at once. */
const LARGEST_PART = 65_536

/** Shown for hosts without a certificate of their own. */
const FAKE: TlsFacts = { names: ['ingress.local'], authority: '' }

export interface ProxyOptions extends IngressOptions {
  readonly network: PodNetwork
  /** The same network, for connections that are made on an Ingress' behalf. */
  readonly through: (via: NonNullable<Hop['via']>) => Pick<PodNetwork, 'connect'>
  readonly ingresses: Ingresses
}

/** Serves the Ingresses of a controller on its Pod's ports, with ingress-nginx' answers (1.13). */
export function serveIngresses(options: ProxyOptions): Listener {
  const { network, ingresses, controller, withoutClass, address } = options
  const claim: Claim = { controller, withoutClass, address }
  const proxy = new IngressProxy(options, claim)
  const { clock } = ingresses
  const tls = (name: string | undefined): TlsFacts => {
    const secret = siteFor(ingresses.sites(claim), name ?? '')?.secret
    return (secret === undefined ? undefined : ingresses.certificate(secret)) ?? FAKE
  }
  const plain = serve(network, { clock, port: 80 }, (asked) => proxy.answer(asked, false))
  // What is served is given the facts of its clients' wishes: they are looked up when somebody comes
  const secured: Pick<PodNetwork, 'listen'> = {
    listen: (port, connection) => network.listen(port, connection, { tls }),
  }
  const secure = serve(secured, { clock, port: 443 }, (asked) => proxy.answer(asked, true))
  const end = ingresses.claim(claim)
  return {
    port: 80,
    close() {
      end()
      plain.destroy()
      secure.destroy()
    },
  }
}

class IngressProxy {
  readonly #options: ProxyOptions
  readonly #claim: Claim
  /** Whose turn it is, by backend. */
  readonly #turns = new Map<string, number>()

  constructor(options: ProxyOptions, claim: Claim) {
    this.#options = options
    this.#claim = claim
  }

  async answer(asked: ServerRequest, isSecure: boolean): Promise<Answer> {
    const answer = await this.#answer(asked, isSecure)
    const { clock } = this.#options.ingresses
    const at = new Date(clock.now()).toISOString()
    const agent = asked.headers.get('user-agent') ?? '-'
    const { remote } = asked.socket
    this.#options.log(
      `${remote.address} - - [${at}] "${asked.method} ${asked.target} HTTP/1.${asked.minor}" ${answer.status} - "-" "${agent}"`,
    )
    return answer
  }

  async #answer(asked: ServerRequest, isSecure: boolean): Promise<Answer> {
    const { ingresses } = this.#options
    const host = (asked.headers.get('host') ?? '').replace(/:\d+$/, '')
    const site = siteFor(ingresses.sites(this.#claim), host)
    const location = site === undefined ? undefined : locationFor(site, asked.path)
    if (site === undefined || location === undefined) return page(404)
    if (site.redirects && !isSecure) {
      return page(308, [['Location', `https://${host}${asked.target}`]])
    }
    if (Number(asked.headers.get('content-length') ?? 0) > LARGEST_BODY) return page(413)
    const upstream = ingresses.upstream(location.ingress.metadata.namespace ?? '', location.backend)
    if (upstream.length === 0) return page(503)
    const answer = await this.#forward(asked, location, upstream, host, isSecure)
    if (!isSecure) return answer
    const headers = HeaderList.from(answer.headers)
    headers.append('Strict-Transport-Security', 'max-age=31536000; includeSubDomains')
    return { ...answer, headers }
  }

  /** Who cannot be reached is passed over: nginx tries the next, three at most. */
  async #forward(
    asked: ServerRequest,
    location: Location,
    upstream: Upstream,
    host: string,
    isSecure: boolean,
  ): Promise<Answer> {
    const { through, ingresses } = this.#options
    const { namespace = '', name } = location.ingress.metadata
    const network = through({ kind: 'Ingress', namespace, name })
    const path = location.rewrite === undefined ? asked.path : location.rewrite(asked.path)
    const query = asked.target.slice(asked.target.indexOf('?') < 0 ? asked.target.length : asked.target.indexOf('?'))
    const hasBody = asked.headers.has('content-length') || asked.headers.has('transfer-encoding')
    let status = 502
    for (let tries = 0; tries < Math.min(3, upstream.length); tries++) {
      const endpoint = this.#next(location, upstream)
      try {
        const response = await request(network, {
          host: endpoint.address,
          port: endpoint.port,
          method: asked.method,
          path: path + query,
          headers: forwarded(asked, host, isSecure),
          connectTimeout: CONNECT_TIMEOUT,
          timeout: READ_TIMEOUT,
          clock: ingresses.clock,
          quietClose: asked.headers.has('upgrade'),
          ...(hasBody ? { body: asked.body } : {}),
        })
        return answerOf(response)
      } catch (error) {
        status = isTimeout(error) ? 504 : 502
        // What was sent is gone: it cannot be sent again
        if (asked.body.begun) break
      }
    }
    return page(status)
  }

  #next({ ingress, backend }: Location, upstream: Upstream): Upstream[number] {
    const key = `${ingress.metadata.namespace}/${backend.service?.name}/${backend.service?.port?.number ?? backend.service?.port?.name}`
    const turn = (this.#turns.get(key) ?? -1) + 1
    this.#turns.set(key, turn)
    return upstream[turn % upstream.length] as Upstream[number]
  }
}

function isTimeout(error: unknown): boolean {
  if (isNetworkError(error)) return error.code === 'ETIMEDOUT'
  return (error as { readonly fault?: string } | undefined)?.fault === 'timeout'
}

function answerOf(response: Awaited<ReturnType<typeof request>>): Answer {
  const headers = new HeaderList(response.headers)
  const { upgraded } = response
  if (upgraded !== undefined) {
    return {
      status: response.status,
      headers,
      upgrade: async (reader, socket) => {
        const there = carry(() => reader.some(LARGEST_PART), upgraded.socket)
        const back = carry(() => upgraded.reader.some(LARGEST_PART), socket)
        await Promise.all([there, back])
      },
    }
  }
  for (const name of [...HOP_BY_HOP, 'server']) headers.delete(name)
  return { status: response.status, reason: response.reason, headers, body: response.body }
}

async function carry(
  read: () => Promise<Uint8Array | null | undefined>,
  to: { write(bytes: Uint8Array): Promise<void>; end(): void; destroy(): void },
): Promise<void> {
  try {
    for (let bytes = await read(); bytes != null; bytes = await read()) await to.write(bytes)
    to.end()
  } catch {
    to.destroy()
  }
}

function forwarded({ headers: own, socket }: ServerRequest, host: string, isSecure: boolean): HeaderList {
  const headers = new HeaderList(own)
  const isUpgrade = own.has('upgrade')
  for (const name of HOP_BY_HOP) if (!isUpgrade || name !== 'connection') headers.delete(name)
  const scheme = isSecure ? 'https' : 'http'
  headers.set('X-Real-IP', socket.remote.address)
  headers.set('X-Forwarded-For', socket.remote.address)
  headers.set('X-Forwarded-Host', host)
  headers.set('X-Forwarded-Port', isSecure ? '443' : '80')
  headers.set('X-Forwarded-Proto', scheme)
  headers.set('X-Forwarded-Scheme', scheme)
  headers.set('X-Scheme', scheme)
  return headers
}

const PHRASES: Readonly<Record<number, string>> = {
  413: 'Request Entity Too Large',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
}

/** nginx' own page. */
function page(status: number, more: readonly (readonly [string, string])[] = []): Answer {
  const title = `${status} ${PHRASES[status] ?? reasons[status] ?? ''}`
  const lines = [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '<hr><center>nginx</center>',
    '</body>',
    '</html>',
    '',
  ]
  return {
    status,
    headers: [['Content-Type', 'text/html'], ...more],
    reason: PHRASES[status] ?? reasons[status] ?? '',
    body: lines.join('\r\n'),
  }
}
