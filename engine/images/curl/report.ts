import type { Process } from '../../containers/contract.ts'
import type { Socket } from '../../network/contract.ts'
import type { HttpResponse, Target } from '../../network/http/client.ts'
import type { HeaderList } from '../../network/http/header-list.ts'
import { absolute } from '../programs/io.ts'
import type { CurlOptions } from './options.ts'

/** What curl tells of a transfer: heads, `-v`, `-w`. */
export class Report {
  readonly #process: Process
  readonly #options: CurlOptions
  readonly #began: number
  readonly #times = new Map<'lookup' | 'connect' | 'first', number>()
  #socket: Socket | undefined
  #answer: HttpResponse | undefined
  #url: URL | undefined
  #method = ''
  #redirects = 0
  #redirect = ''
  #headBytes = 0
  #failure: { code: number; message: string } | undefined
  #wroteHead = false
  /** Bytes of the body. */
  received = 0

  constructor(process: Process, options: CurlOptions, began: number) {
    this.#process = process
    this.#options = options
    this.#began = began
  }

  async resolved(target: Target, address: string): Promise<void> {
    this.#times.set('lookup', this.#elapsed())
    if (address !== target.host) await this.#tell(`* Added ${target.host}:${target.port}:${address} to DNS cache`)
  }

  async connected(target: Target, socket: Socket): Promise<void> {
    this.#times.set('connect', this.#elapsed())
    this.#socket = socket
    const { address, port } = socket.remote
    if (address !== target.host) {
      await this.#tell(`* Host ${target.host}:${target.port} was resolved.`, `* IPv4: ${address}`)
    }
    await this.#tell(`*   Trying ${address}:${port}...`, `* Connected to ${target.host} (${address}) port ${port}`)
    if (socket.tls !== undefined)
      await this.#tell('* SSL connection using TLSv1.3', `*  subjectAltName: ${socket.tls.names.join(', ')}`)
  }

  async asked(method: string, path: string, headers: HeaderList, minor: 0 | 1): Promise<void> {
    if (!this.#options.flags.has('verbose')) return
    await this.#tell(`> ${method} ${path} HTTP/1.${minor}\r`)
    for (const [name, value] of headers) await this.#tell(`> ${name}: ${value}\r`)
    await this.#tell('> \r', '* Request completely sent off')
  }

  answered(url: URL, answer: HttpResponse, method: string, redirect: string): void {
    this.#times.set('first', this.#elapsed())
    this.#url = url
    this.#answer = answer
    this.#method = method
    this.#redirect = redirect
  }

  redirected(): void {
    this.#redirects++
    this.#redirect = ''
  }

  failed(code: number, message: string): void {
    this.#failure = { code, message }
  }

  async head(answer: HttpResponse): Promise<void> {
    const { flags, dumpHeaders } = this.#options
    const lines = [`HTTP/1.${answer.minor} ${answer.status} ${answer.reason}`.trimEnd()]
    for (const [name, value] of answer.headers) lines.push(`${name}: ${value}`)
    const text = `${lines.join('\r\n')}\r\n\r\n`
    this.#headBytes += text.length
    if (flags.has('verbose')) for (const line of [...lines, '']) await this.#tell(`< ${line}\r`)
    if (dumpHeaders !== undefined) {
      if (dumpHeaders === '-') await this.#process.stdout.write(text)
      else this.#process.files.write(absolute(this.#process, dumpHeaders), text, { append: this.#wroteHead })
    }
    this.#wroteHead = true
    if (flags.has('include') || flags.has('head')) await this.#process.stdout.write(text)
  }

  async done(url: URL): Promise<void> {
    if (this.#options.flags.has('verbose')) {
      await this.#tell(`{ [${this.received} bytes data]`, `* Connection #0 to host ${url.hostname} left intact`)
    }
    const { flags, outputs } = this.#options
    // curl shows its meter where the body does not go to a terminal.
    const quiet = flags.has('silent') || flags.has('no-progress-meter')
    const toTerminal = outputs.length === 0 && this.#process.terminal !== undefined
    if (!quiet && !toTerminal) await this.#meter()
  }

  async #meter(): Promise<void> {
    const seconds = this.#elapsed() / 1000
    const size = String(this.received)
    const speed = String(Math.round(this.received / Math.max(seconds, 0.001)))
    const percent = this.received > 0 ? '100' : '  0'
    await this.#process.stderr.write(
      '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n' +
        '                                 Dload  Upload   Total   Spent    Left  Speed\n' +
        `\r${percent} ${size.padStart(5)}  ${percent} ${size.padStart(5)}    0     0 ${speed.padStart(6)}      0 --:--:-- --:--:-- --:--:-- ${speed.padStart(5)}\n`,
    )
  }

  async #tell(...lines: string[]): Promise<void> {
    if (this.#options.flags.has('verbose')) await this.#process.stderr.write(lines.map((line) => `${line}\n`).join(''))
  }

  #elapsed(): number {
    return this.#process.clock.now() - this.#began
  }

  async writeOut(): Promise<void> {
    const { writeOut } = this.#options
    if (writeOut === undefined) return
    const format = writeOut.startsWith('@')
      ? this.#process.files.readText(absolute(this.#process, writeOut.slice(1)))
      : writeOut
    let toErr = false
    for (const part of format.split(/(%\{[^}]*\}|%%|\\[nrt\\])/)) {
      if (part === '') continue
      if (part === '%{stderr}') toErr = true
      else if (part === '%{stdout}') toErr = false
      else await (toErr ? this.#process.stderr : this.#process.stdout).write(this.#expanded(part))
    }
  }

  #expanded(part: string): string {
    if (part === '%%') return '%'
    if (/^\\[nrt\\]$/.test(part)) return { n: '\n', r: '\r', t: '\t', '\\': '\\' }[part[1] as 'n' | 'r' | 't' | '\\']
    const name = /^%\{(.*)\}$/.exec(part)?.[1]
    if (name === undefined) return part
    return this.#variable(name) ?? ''
  }

  #variable(name: string): string | undefined {
    const seconds = (ms: number | undefined) => ((ms ?? 0) / 1000).toFixed(6)
    const total = this.#elapsed()
    switch (name) {
      case 'http_code':
      case 'response_code':
        return String(this.#answer?.status ?? 0).padStart(3, '0')
      case 'http_version':
        return this.#answer === undefined ? '0' : this.#answer.minor === 0 ? '1.0' : '1.1'
      case 'method':
        return this.#method
      case 'content_type':
        return this.#answer?.headers.get('content-type') ?? ''
      case 'size_download':
        return String(this.received)
      case 'size_header':
        return String(this.#headBytes)
      case 'num_redirects':
        return String(this.#redirects)
      case 'num_connects':
        return this.#socket === undefined ? '0' : String(this.#redirects + 1)
      case 'redirect_url':
        return this.#redirect
      case 'url':
      case 'url_effective':
        return this.#url?.href ?? this.#options.urls[0] ?? ''
      case 'scheme':
        return this.#url?.protocol.replace(':', '') ?? ''
      case 'remote_ip':
        return this.#socket?.remote.address ?? ''
      case 'remote_port':
        return String(this.#socket?.remote.port ?? 0)
      case 'local_ip':
        return this.#socket?.local.address ?? ''
      case 'local_port':
        return String(this.#socket?.local.port ?? 0)
      case 'speed_download':
        return String(Math.round(this.received / Math.max(total / 1000, 0.001)))
      case 'time_total':
        return seconds(total)
      case 'time_namelookup':
        return seconds(this.#times.get('lookup'))
      case 'time_connect':
      case 'time_appconnect':
      case 'time_pretransfer':
        return seconds(this.#times.get('connect'))
      case 'time_starttransfer':
        return seconds(this.#times.get('first'))
      case 'exitcode':
        return String(this.#failure?.code ?? 0)
      case 'errormsg':
        return this.#failure?.message ?? ''
      default:
        return undefined
    }
  }
}
