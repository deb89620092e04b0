import type { Process, Program } from '../../containers/contract.ts'
import type { PodNetwork, Socket } from '../../network/contract.ts'
import { addressOf, type HttpResponse, request, type Target } from '../../network/http/client.ts'
import { HeaderList } from '../../network/http/header-list.ts'
import { HttpError } from '../../network/http/http-error.ts'
import { toBytes } from '../../objects/bytes.ts'
import { absolute, messageOf, readAll } from '../programs/io.ts'
import { type CurlOptions, parseCurl } from './options.ts'
import { Report } from './report.ts'

export const CURL_VERSION = '8.14.1'

/** Milliseconds of CPU: starting curl and one request. */
const COST = 4

/** A transfer that failed: curl's exit code and what it says of it. */
class CurlFault extends Error {
  readonly code: number
  /** Worth another try, where `--retry` was said. */
  readonly passing: boolean

  constructor(code: number, message: string, passing = false) {
    super(message)
    this.code = code
    this.passing = passing
  }
}

export const curl: Program = async (process) => {
  const parsed = parseCurl(process.argv.slice(1))
  if (parsed.kind === 'error') {
    await process.stderr.write(parsed.text)
    return 2
  }
  const { options } = parsed
  if (options.flags.has('version')) {
    await process.stdout.write(
      `curl ${CURL_VERSION} (x86_64-pc-linux-musl) libcurl/${CURL_VERSION}\nProtocols: http https\n`,
    )
    return 0
  }
  if (options.flags.has('help')) {
    await process.stdout.write('Usage: curl [options...] <url>\n')
    return 0
  }
  if (options.urls.length === 0) {
    await process.stderr.write(
      "curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    )
    return 2
  }
  let code = 0
  for (const [index, url] of options.urls.entries()) code = await transferWithRetries(process, options, url, index)
  return code
}

async function transferWithRetries(
  process: Process,
  options: CurlOptions,
  url: string,
  index: number,
): Promise<number> {
  const { flags } = options
  for (let tried = 0; ; tried++) {
    try {
      await new Transfer(process, options, index).run(url)
      return 0
    } catch (error) {
      if (!(error instanceof CurlFault)) throw error
      const again =
        tried < options.retry &&
        (error.passing || flags.has('retry-all-errors') || (flags.has('retry-connrefused') && error.code === 7))
      const wait = options.retryDelay ?? Math.min(2 ** tried, 600)
      if (again) {
        if (!flags.has('silent')) {
          const left = options.retry - tried
          await process.stderr.write(
            `Warning: Problem: ${retryWord(error)}. Will retry in ${wait} second${wait === 1 ? '' : 's'}. ${left} \nWarning: retr${left === 1 ? 'y' : 'ies'} left.\n`,
          )
        }
        await process.sleep(wait * 1000)
        continue
      }
      if (!flags.has('silent') || flags.has('show-error'))
        await process.stderr.write(`curl: (${error.code}) ${error.message}\n`)
      return error.code
    }
  }
}

const retryWord = (fault: CurlFault): string =>
  fault.code === 28
    ? 'timeout'
    : fault.code === 7
      ? 'connection refused'
      : fault.code === 22
        ? 'HTTP error'
        : '(retrying all errors)'

class Transfer {
  readonly #process: Process
  readonly #options: CurlOptions
  readonly #index: number
  readonly #report: Report
  readonly #began: number

  constructor(process: Process, options: CurlOptions, index: number) {
    this.#process = process
    this.#options = options
    this.#index = index
    this.#began = process.clock.now()
    this.#report = new Report(process, options, this.#began)
  }

  async run(given: string): Promise<void> {
    let fault: unknown
    try {
      await this.#process.compute(COST)
      await this.#follow(given)
    } catch (error) {
      fault = error
      if (error instanceof CurlFault) this.#report.failed(error.code, error.message)
    }
    await this.#report.writeOut()
    if (fault !== undefined) throw fault
  }

  async #follow(given: string): Promise<void> {
    const { flags, maxRedirects } = this.#options
    let url = this.#url(given)
    let body = await this.#body()
    let method = this.#method(body)
    if (flags.has('get') && body !== undefined) {
      url.search += `${url.search === '' ? '?' : '&'}${new TextDecoder().decode(body)}`
      body = undefined
      method = this.#options.method ?? (flags.has('head') ? 'HEAD' : 'GET')
    }
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#ask(url, method, body)
      const location = answer.headers.get('location')
      const redirected = answer.status >= 300 && answer.status < 400 && location !== undefined
      this.#report.answered(url, answer, method, redirected ? new URL(location, url).href : '')
      if (!redirected || !flags.has('location')) return this.#take(url, answer)
      await this.#report.head(answer)
      await answer.body.discard()
      answer.body.cancel()
      if (redirects >= maxRedirects && maxRedirects >= 0) {
        throw new CurlFault(47, `Maximum (${maxRedirects}) redirects followed`)
      }
      url = new URL(location, url)
      if (answer.status === 303 || (method === 'POST' && (answer.status === 301 || answer.status === 302))) {
        method = method === 'HEAD' ? 'HEAD' : (this.#options.method ?? 'GET')
        body = undefined
      }
      this.#report.redirected()
    }
  }

  #url(given: string): URL {
    const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http://${given}`
    const scheme = text.slice(0, text.indexOf(':')).toLowerCase()
    if (scheme !== 'http' && scheme !== 'https') throw new CurlFault(1, `Protocol "${scheme}" not supported`)
    try {
      return new URL(text)
    } catch {
      throw new CurlFault(
        3,
        /:[^/]*[^\d/]/.test(text.slice(scheme.length + 3))
          ? 'URL rejected: Port number was not a decimal number between 0 and 65535'
          : 'URL rejected: Malformed input to a URL function',
      )
    }
  }

  #method(body: Uint8Array | undefined): string {
    const { method, flags, upload } = this.#options
    if (method !== undefined) return method
    if (flags.has('head')) return 'HEAD'
    if (upload !== undefined) return 'PUT'
    return body === undefined ? 'GET' : 'POST'
  }

  async #body(): Promise<Uint8Array | undefined> {
    const { data, upload } = this.#options
    if (upload !== undefined) return this.#fileBytes(upload)
    if (data.length === 0) return undefined
    const parts: string[] = []
    if (data.length === 1 && data[0]?.kind === 'binary' && data[0].value.startsWith('@'))
      return this.#fileBytes(data[0].value.slice(1))
    for (const { kind, value } of data) {
      if (kind === 'urlencode') parts.push(await this.#urlEncoded(value))
      else if (kind === 'raw' || !value.startsWith('@')) parts.push(value)
      else {
        const text = new TextDecoder().decode(await this.#fileBytes(value.slice(1)))
        parts.push(kind === 'data' ? text.replace(/[\r\n\0]/g, '') : text)
      }
    }
    return toBytes(parts.join(data[0]?.kind === 'json' ? '' : '&'))
  }

  async #urlEncoded(value: string): Promise<string> {
    const match = /^([^=@]*)([=@])?([\s\S]*)$/.exec(value)
    const [, name = '', mark, rest = ''] = match ?? []
    if (mark === undefined) return encodeURIComponent(name)
    const text = mark === '@' ? new TextDecoder().decode(await this.#fileBytes(rest)) : rest
    return `${name === '' ? '' : `${name}=`}${encodeURIComponent(text)}`
  }

  async #fileBytes(path: string): Promise<Uint8Array> {
    if (path === '-') return toBytes(await readAll(this.#process))
    try {
      return this.#process.files.read(absolute(this.#process, path))
    } catch (error) {
      throw new CurlFault(26, `Failed to open ${path}: ${messageOf(error)}`)
    }
  }

  #headers(url: URL, body: Uint8Array | undefined): HeaderList {
    const { agent, referer, cookie, user, headers, data, upload } = this.#options
    const credentials =
      user ??
      (url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`)
    const list = new HeaderList([['Host', url.host]])
    if (credentials !== undefined)
      list.append('Authorization', `Basic ${btoa(String.fromCharCode(...toBytes(credentials)))}`)
    if (agent !== '') list.append('User-Agent', agent ?? `curl/${CURL_VERSION}`)
    list.append('Accept', '*/*')
    if (referer !== undefined) list.append('Referer', referer)
    if (cookie !== undefined) list.append('Cookie', cookie)
    if (data.at(-1)?.kind === 'json') {
      list.set('Content-Type', 'application/json')
      list.set('Accept', 'application/json')
    }
    for (const header of headers) {
      const colon = header.indexOf(':')
      if (colon < 0) {
        if (header.endsWith(';')) list.set(header.slice(0, -1), '')
        continue
      }
      const name = header.slice(0, colon).trim()
      const value = header.slice(colon + 1).trim()
      if (value === '') list.delete(name)
      else if (['host', 'user-agent', 'accept', 'content-type'].includes(name.toLowerCase())) list.set(name, value)
      else list.append(name, value)
    }
    if (body !== undefined) {
      list.set('Content-Length', String(body.length))
      if (upload === undefined && !list.has('content-type'))
        list.append('Content-Type', 'application/x-www-form-urlencoded')
    }
    return list
  }

  async #ask(url: URL, method: string, body: Uint8Array | undefined): Promise<HttpResponse> {
    const { maxTime, flags } = this.#options
    const target = addressOf({ url: url.href })
    const headers = this.#headers(url, body)
    const minor = flags.has('http1.0') ? 0 : 1
    const network: Pick<PodNetwork, 'connect'> = {
      connect: async (_, port, options) => {
        const socket = await this.#connect(target, port, options?.signal)
        await this.#report.asked(method, target.path, headers, minor)
        return socket
      },
    }
    try {
      return await request(network, {
        url: url.href,
        method,
        headers,
        clock: this.#process.clock,
        minor,
        quietClose: true,
        ...(body !== undefined && { body }),
        ...(maxTime !== undefined && maxTime > 0 && { timeout: Math.max(0, maxTime * 1000 - this.#elapsed()) }),
      })
    } catch (error) {
      throw this.#faultOf(error, target)
    }
  }

  async #connect(target: Target, port: number, signal: AbortSignal | undefined): Promise<Socket> {
    const { connectTimeout, flags, resolve, certificates } = this.#options
    const pinned = resolve.find(
      ({ host, port: on }) =>
        (host === target.host || host === '*' || host === '') && (on === '' || on === '*' || on === String(port)),
    )
    const host = pinned?.address ?? target.host
    await this.#report.resolved(target, host)
    const socket = await this.#process.network.connect(host, port, {
      tls: target.tls,
      ...(signal && { signal }),
      ...(connectTimeout !== undefined && connectTimeout > 0 && { timeout: connectTimeout * 1000 }),
    })
    await this.#report.connected(target, socket)
    if (target.tls && !flags.has('insecure')) {
      try {
        this.#verify(target, socket, certificates)
      } catch (error) {
        socket.destroy()
        throw error
      }
    }
    return socket
  }

  #verify(target: Target, socket: Socket, path: string | undefined): void {
    if (socket.tls === undefined) throw new CurlFault(35, 'TLS connect error: wrong version number')
    let trusted: string
    try {
      trusted = this.#process.files.readText(absolute(this.#process, path ?? '/etc/ssl/certs/ca-certificates.crt'))
    } catch {
      if (path !== undefined)
        throw new CurlFault(77, `error setting certificate verify locations:  CAfile: ${path} CApath: /etc/ssl/certs`)
      trusted = ''
    }
    const squeezed = (pem: string) => pem.replace(/\s+/g, '')
    if (socket.tls.authority.trim() === '' || !squeezed(trusted).includes(squeezed(socket.tls.authority))) {
      throw new CurlFault(60, UNTRUSTED)
    }
    if (!socket.tls.names.some((name) => nameMatches(name, target.host))) {
      throw new CurlFault(
        60,
        `SSL: no alternative certificate subject name matches target ${/^[\d.]+$/.test(target.host) ? 'ipv4 address' : 'host name'} '${target.host}'`,
      )
    }
  }

  #elapsed(): number {
    return this.#process.clock.now() - this.#began
  }

  #faultOf(error: unknown, target: Target): unknown {
    if (error instanceof CurlFault || this.#process.signal.aborted) return error
    const elapsed = this.#elapsed()
    if (error instanceof HttpError) {
      switch (error.fault) {
        case 'timeout':
          return new CurlFault(
            28,
            `Operation timed out after ${elapsed} milliseconds with ${this.#report.received} bytes received`,
            true,
          )
        case 'closed':
          return this.#report.received > 0
            ? new CurlFault(18, 'end of response with more bytes missing')
            : new CurlFault(52, 'Empty reply from server')
        case 'malformed':
          return new CurlFault(1, 'Received HTTP/0.9 when not allowed')
        case 'too-large':
        case 'unsupported':
          return new CurlFault(56, `Failure when receiving data from the peer: ${error.message}`)
      }
    }
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const where = `${target.host} port ${target.port} after ${elapsed} ms`
    switch (code) {
      case 'ENOTFOUND':
        return new CurlFault(6, `Could not resolve host: ${target.host}`)
      case 'EAI_AGAIN':
        return new CurlFault(6, `Could not resolve host: ${target.host}`, true)
      case 'ECONNREFUSED':
      case 'EHOSTUNREACH':
      case 'ENETUNREACH':
        return new CurlFault(7, `Failed to connect to ${where}: Could not connect to server`)
      case 'ETIMEDOUT':
        return new CurlFault(
          28,
          this.#options.connectTimeout === undefined
            ? `Failed to connect to ${where}: Could not connect to server`
            : `Connection timed out after ${elapsed} milliseconds`,
          true,
        )
      case 'ECONNRESET':
      case 'EPIPE':
        return new CurlFault(56, 'Recv failure: Connection reset by peer')
      default:
        return error
    }
  }

  async #take(url: URL, answer: HttpResponse): Promise<void> {
    const { flags } = this.#options
    const failed = answer.status >= 400
    await this.#report.head(answer)
    const passing = [408, 429, 500, 502, 503, 504].includes(answer.status)
    if (failed && flags.has('fail')) {
      answer.body.cancel()
      throw new CurlFault(22, `The requested URL returned error: ${answer.status}`, passing)
    }
    const output = this.#options.outputs[this.#index]
    const parts: Uint8Array[] = []
    try {
      for await (const part of answer.body) {
        this.#report.received += part.length
        if (output === undefined || output === '-') await this.#process.stdout.write(part)
        else parts.push(part)
      }
    } catch (error) {
      if (error instanceof Error && 'errno' in error) throw new CurlFault(23, 'Failure writing output to destination')
      throw this.#faultOf(error, addressOf({ url: url.href }))
    }
    if (output !== undefined && output !== '-') this.#save(url, output, parts)
    await this.#report.done(url)
    if (failed && flags.has('fail-with-body'))
      throw new CurlFault(22, `The requested URL returned error: ${answer.status}`, passing)
  }

  #save(url: URL, output: CurlOptions['outputs'][number], parts: readonly Uint8Array[]): void {
    const { files } = this.#process
    const name = typeof output === 'string' ? output : (url.pathname.split('/').pop() ?? '')
    if (name === '') throw new CurlFault(23, 'Remote filename has no length')
    const path = absolute(this.#process, name)
    try {
      if (files.exists(path) && files.stat(path).type === 'device') {
        for (const part of parts) files.write(path, part)
        return
      }
      if (this.#options.flags.has('create-dirs'))
        files.makeDirectory(path.replace(/\/[^/]*$/, '') || '/', { parents: true })
      files.write(path, '')
      for (const part of parts) files.write(path, part, { append: true })
    } catch (error) {
      throw new CurlFault(
        23,
        `Failure writing output to destination, passed ${parts.length} returned 0: ${messageOf(error)}`,
      )
    }
  }
}

const UNTRUSTED = `SSL certificate problem: unable to get local issuer certificate
More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the webpage mentioned above.`

function nameMatches(pattern: string, host: string): boolean {
  if (pattern.toLowerCase() === host.toLowerCase()) return true
  return pattern.startsWith('*.') && host.slice(host.indexOf('.') + 1).toLowerCase() === pattern.slice(2).toLowerCase()
}
