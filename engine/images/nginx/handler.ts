/** What nginx answers by its configuration. */
import type { Process } from '../../containers/contract.ts'
import { HeaderList } from '../../network/http/header-list.ts'
import type { Answer, ServerRequest } from '../../network/http/server.ts'
import { messageOf } from '../programs/io.ts'
import { errorPage, indexPage } from './pages.ts'
import { proxied, type Turns } from './proxy.ts'
import { type Location, locationFor, type Scope, type Server, type Settings, serverFor } from './settings.ts'
import { decodedPath, fileAnswer, inRange, sizeOf } from './static.ts'
import { expanded, type Passage } from './variables.ts'

/** Internal redirects of one request: nginx gives up after so many. */
const MOST_REDIRECTS = 10

export interface Counters {
  requests: number
  accepted: number
  active(): number
  waiting(): number
}

export interface HandlerContext {
  readonly process: Process
  readonly settings: Settings
  readonly version: string
  readonly turns: Turns
  readonly counters: Counters
  complain(level: string, text: string): Promise<void>
}

export interface Handled {
  readonly answer: Answer
  readonly passage: Passage
  /** Where what is logged of it is configured. */
  readonly scope: Scope | undefined
}

export async function handle(context: HandlerContext, request: ServerRequest, connection: number): Promise<Handled> {
  const { process, settings } = context
  const server = serverFor(settings.servers, request.socket.local.port, request.headers.get('host') ?? '')
  const passage: Passage = {
    request,
    settings,
    began: process.clock.now(),
    now: () => process.clock.now(),
    hostname: process.hostname,
    id: Array.from({ length: 4 }, () =>
      Math.floor(process.random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join(''),
    connection,
    path: decodedPath(request.path),
    query: request.target.includes('?') ? request.target.slice(request.target.indexOf('?') + 1) : '',
    serverName: server?.names[0] ?? '',
    set: new Map([['nginx_version', context.version]]),
    status: 0,
    bytes: 0,
    upstream: '',
  }
  if (server === undefined) return { answer: { status: 500 }, passage, scope: undefined }
  const way = new Way(context, server, passage)
  const answer = await way.answer()
  return { answer, passage, scope: way.scope }
}

class Way {
  readonly #context: HandlerContext
  readonly #server: Server
  readonly #passage: Passage
  scope: Scope
  #redirects = 0
  /** An error page is under way: its own errors are plain. */
  #inError = false

  constructor(context: HandlerContext, server: Server, passage: Passage) {
    this.#context = context
    this.#server = server
    this.#passage = passage
    this.scope = server.scope
  }

  async answer(): Promise<Answer> {
    const limit = sizeOf(this.scope.word('client_max_body_size')) ?? 1024 ** 2
    const { framing } = this.#passage.request.body
    const found =
      framing.by === 'length' && limit > 0 && framing.length > limit
        ? 413
        : ((await this.#directives(this.#server.directives, this.#server.scope)) ?? (await this.#route()))
    return this.#finished(typeof found === 'number' ? await this.#error(found) : found)
  }

  async #route(): Promise<Answer | number> {
    if (++this.#redirects > MOST_REDIRECTS) {
      await this.#context.complain(
        'error',
        `rewrite or internal redirection cycle while internally redirecting to "${this.#passage.path}"`,
      )
      return 500
    }
    const location = locationFor(this.#server.locations, this.#passage.path)
    if (location === undefined)
      return this.#content({
        kind: 'prefix',
        pattern: '/',
        regex: undefined,
        directives: [],
        locations: [],
        scope: this.#server.scope,
      })
    return this.#enter(location)
  }

  async #enter(location: Location): Promise<Answer | number> {
    this.scope = location.scope
    if (
      location.directives.some(({ name }) => name === 'internal') &&
      this.#redirects === 1 &&
      location.kind !== 'named'
    )
      return 404
    if (location.regex !== undefined) this.#capture(location.regex.exec(this.#passage.path))
    const before = this.#passage.path
    const answer = await this.#directives(location.directives, location.scope)
    if (answer !== undefined) return answer
    // A rewrite without `break` looks for a location anew.
    if (this.#passage.path !== before && this.#passage.set.get('rewritten') === 'last') return this.#route()
    return this.#content(location)
  }

  #capture(match: RegExpExecArray | null): void {
    for (const [index, group] of (match ?? []).entries()) this.#passage.set.set(String(index), group ?? '')
    for (const [name, group] of Object.entries(match?.groups ?? {})) this.#passage.set.set(name, group ?? '')
  }

  /** set, rewrite, if, return: what is done in order. */
  async #directives(directives: Location['directives'], scope: Scope): Promise<Answer | number | undefined> {
    const passage = this.#passage
    for (const { name, words, block } of directives) {
      const [first = '', second = '', flag] = words
      switch (name) {
        case 'set':
          passage.set.set(first.replace(/^\$/, ''), expanded(second, passage))
          break
        case 'return':
          return this.#returned(words)
        case 'if': {
          if (!this.#holds(words)) break
          const answer = await this.#directives(block ?? [], scope.within(block ?? []))
          if (answer !== undefined) return answer
          break
        }
        case 'rewrite': {
          const match = new RegExp(first).exec(passage.path)
          if (match === null) break
          this.#capture(match)
          const target = expanded(second, passage)
          const query =
            passage.query === '' || second.endsWith('?') ? '' : `${target.includes('?') ? '&' : '?'}${passage.query}`
          if (flag === 'redirect' || flag === 'permanent' || /^https?:\/\//.test(target)) {
            return this.#redirect(flag === 'permanent' ? 301 : 302, `${target.replace(/\?$/, '')}${query}`)
          }
          const [path = '/', own = ''] = target.split('?')
          passage.path = path
          passage.query = [own, query.slice(1)].filter((part) => part !== '').join('&')
          passage.set.set('rewritten', flag === 'break' ? 'break' : 'last')
          if (flag === 'last' || flag === 'break') return undefined
          break
        }
      }
    }
    return undefined
  }

  #holds(words: readonly string[]): boolean {
    const passage = this.#passage
    const text = words.join(' ').replace(/^\(\s*|\s*\)$/g, '')
    const match = /^(\S+)\s+(=|!=|~\*?|!~\*?)\s+(.*)$/.exec(text)
    if (match === null) {
      const file = /^(!?)-([fde])\s+(.*)$/.exec(text)
      if (file !== null) return this.#exists(expanded(file[3] ?? '', passage), file[2] === 'd') !== (file[1] === '!')
      const value = expanded(text, passage)
      return value !== '' && value !== '0'
    }
    const [, left = '', operator = '', right = ''] = match
    const value = expanded(left, passage)
    const wanted = right.replace(/^["']|["']$/g, '')
    if (operator === '=') return value === expanded(wanted, passage)
    if (operator === '!=') return value !== expanded(wanted, passage)
    const found = new RegExp(wanted, operator.endsWith('*') ? 'i' : '').exec(value)
    if (found !== null) this.#capture(found)
    return (found !== null) !== operator.startsWith('!')
  }

  #returned([first = '', ...rest]: readonly string[]): Answer | number {
    const status = Number(first)
    const text = expanded(rest.join(' '), this.#passage)
    if (Number.isNaN(status)) return this.#redirect(302, expanded(first, this.#passage))
    if ([301, 302, 303, 307, 308].includes(status)) return this.#redirect(status, text)
    if (status === 444) return { status: 444, close: true }
    if (rest.length === 0) return status
    return { status, headers: [['Content-Type', this.#defaultType()]], body: text }
  }

  #defaultType(): string {
    const extension = /\.(\w+)$/.exec(this.#passage.path)?.[1]?.toLowerCase()
    const type =
      (extension === undefined ? undefined : this.#context.settings.types.get(extension)) ??
      this.scope.word('default_type') ??
      'text/plain'
    const charset = this.scope.word('charset')
    return charset !== undefined && charset !== 'off' && type.startsWith('text/') ? `${type}; charset=${charset}` : type
  }

  #redirect(status: number, location: string): Answer {
    const { request } = this.#passage
    const scheme = request.socket.tls === undefined ? 'http' : 'https'
    const target =
      location.startsWith('/') && this.scope.word('absolute_redirect') !== 'off'
        ? `${scheme}://${request.headers.get('host') ?? this.#passage.serverName}${location}`
        : location
    return {
      status,
      headers: [
        ['Content-Type', 'text/html'],
        ['Location', target],
      ],
      body: errorPage(status, this.#product()),
    }
  }

  async #content(location: Location): Promise<Answer | number> {
    const { process, turns, complain, counters } = this.#context
    const refused = this.#refused()
    if (refused !== undefined) return refused
    const pass = location.directives.find(({ name }) => name === 'proxy_pass')?.words[0]
    if (pass !== undefined)
      return proxied(process, this.#passage, location, pass, turns, (text) => complain('error', text))
    if (location.directives.some(({ name }) => name === 'stub_status')) {
      const { requests, accepted } = counters
      const waiting = counters.waiting()
      const text = `Active connections: ${counters.active()} \nserver accepts handled requests\n ${accepted} ${accepted} ${requests} \nReading: 0 Writing: ${counters.active() - waiting} Waiting: ${waiting} \n`
      return { status: 200, headers: [['Content-Type', 'text/plain']], body: text }
    }
    const tries = location.scope.words('try_files')
    if (tries !== undefined) return this.#try(location, tries)
    return this.#static(location)
  }

  #refused(): number | undefined {
    const address = this.#passage.request.socket.remote.address
    for (const { name, words } of [
      ...(this.scope.all('deny').length + this.scope.all('allow').length > 0 ? this.#rules() : []),
    ]) {
      const [who = ''] = words
      if (who === 'all' || who === address || inRange(address, who)) return name === 'deny' ? 403 : undefined
    }
    const realm = this.scope.word('auth_basic')
    if (realm !== undefined && realm !== 'off' && !this.#authorized()) return 401
    return undefined
  }

  #rules(): readonly { name: string; words: readonly string[] }[] {
    const location = locationFor(this.#server.locations, this.#passage.path)
    const own = (location?.directives ?? []).filter(({ name }) => name === 'allow' || name === 'deny')
    return own.length > 0 ? own : this.#server.directives.filter(({ name }) => name === 'allow' || name === 'deny')
  }

  #authorized(): boolean {
    const file = this.scope.word('auth_basic_user_file') ?? ''
    const given = /^Basic (.+)$/i.exec(this.#passage.request.headers.get('authorization') ?? '')?.[1]
    if (given === undefined) return false
    try {
      const [user = '', password = ''] = atob(given).split(/:(.*)/s)
      const path = file.startsWith('/') ? file : `/etc/nginx/${file}`
      const lines = this.#context.process.files.readText(path).split('\n')
      return lines.some((line) => line === `${user}:{PLAIN}${password}`)
    } catch {
      return false
    }
  }

  #fileOf(location: Location, path: string): string {
    const alias = location.directives.find(({ name }) => name === 'alias')?.words[0]
    if (alias !== undefined)
      return expanded(alias, this.#passage) + (location.kind === 'regex' ? '' : path.slice(location.pattern.length))
    const root = expanded(location.scope.word('root') ?? 'html', this.#passage)
    return `${root.startsWith('/') ? root : `/etc/nginx/${root}`}${path}`
  }

  async #try(location: Location, words: readonly string[]): Promise<Answer | number> {
    for (const word of words.slice(0, -1)) {
      const path = expanded(word, this.#passage)
      const file = this.#fileOf(location, path)
      if (!this.#exists(file, path.endsWith('/'))) continue
      this.#passage.path = path
      return this.#static(location)
    }
    const last = expanded(words.at(-1) ?? '', this.#passage)
    if (last.startsWith('=')) return Number(last.slice(1))
    if (last.startsWith('@')) {
      const named = this.#server.locations.find(({ kind, pattern }) => kind === 'named' && pattern === last)
      return named === undefined ? 500 : this.#enter(named)
    }
    const [path = '/', query] = last.split('?')
    this.#passage.path = path
    if (query !== undefined) this.#passage.query = query
    return this.#route()
  }

  #exists(file: string, directory: boolean): boolean {
    const { files } = this.#context.process
    return files.exists(file) && (files.stat(file).type === 'directory') === directory
  }

  async #static(location: Location): Promise<Answer | number> {
    const { process, complain } = this.#context
    const { files } = process
    const passage = this.#passage
    const { method } = passage.request
    if (method !== 'GET' && method !== 'HEAD') return 405
    const file = this.#fileOf(location, passage.path)
    const where = `client: ${passage.request.socket.remote.address}, server: ${passage.serverName}, request: "${method} ${passage.request.target} HTTP/1.${passage.request.minor}", host: "${passage.request.headers.get('host') ?? ''}"`
    if (passage.path.endsWith('/')) {
      const names = location.scope.words('index') ?? ['index.html']
      for (const name of names) {
        const index = expanded(name, passage)
        if (index.startsWith('/') || this.#exists(`${file}${index}`, false)) {
          passage.path = index.startsWith('/') ? index : `${passage.path}${index}`
          return this.#route()
        }
      }
      if (!this.#exists(file, true)) {
        await complain('error', `"${file}${names.at(-1)}" is not found (2: No such file or directory), ${where}`)
        return 404
      }
      if (location.scope.word('autoindex') === 'on') return this.#listed(file)
      await complain('error', `directory index of "${file}" is forbidden, ${where}`)
      return 403
    }
    if (!files.exists(file)) {
      await complain('error', `open() "${file}" failed (2: No such file or directory), ${where}`)
      return 404
    }
    if (files.stat(file).type === 'directory')
      return this.#redirect(301, `${passage.path}/${passage.query === '' ? '' : `?${passage.query}`}`)
    try {
      return fileAnswer(files.read(file), files.stat(file).modified, this.#defaultType(), passage.request.headers)
    } catch (error) {
      await complain('error', `open() "${file}" failed (13: ${messageOf(error)}), ${where}`)
      return 403
    }
  }

  #listed(directory: string): Answer {
    const { files } = this.#context.process
    const entries = files
      .list(directory)
      .filter((name) => !name.startsWith('.'))
      .flatMap((name) => {
        if (!files.exists(`${directory}${name}`)) return []
        const stat = files.stat(`${directory}${name}`)
        return [{ name, directory: stat.type === 'directory', size: stat.size, modified: stat.modified }]
      })
    return { status: 200, headers: [['Content-Type', 'text/html']], body: indexPage(this.#passage.path, entries) }
  }

  async #error(status: number): Promise<Answer> {
    const page = this.#inError
      ? undefined
      : this.scope.all('error_page').find((words) => words.slice(0, -1).some((word) => Number(word) === status))
    if (page !== undefined) {
      const target = expanded(page.at(-1) ?? '', this.#passage)
      const changed = page.find((word) => word.startsWith('='))
      this.#inError = true
      if (/^https?:/.test(target)) return this.#redirect(302, target)
      const { request } = this.#passage
      const named = target.startsWith('@')
        ? this.#server.locations.find(({ pattern }) => pattern === target)
        : undefined
      this.#passage.path = target
      Object.assign(this.#passage, { request: { ...request, method: request.method === 'HEAD' ? 'HEAD' : 'GET' } })
      this.#redirects = 1
      const answer = named === undefined ? await this.#route() : await this.#enter(named)
      Object.assign(this.#passage, { request })
      if (typeof answer !== 'number') {
        return {
          ...answer,
          status: changed === undefined ? status : changed === '=' ? answer.status : Number(changed.slice(1)),
        }
      }
    }
    const headers: [string, string][] = [['Content-Type', 'text/html']]
    if (status === 401) headers.push(['WWW-Authenticate', `Basic realm="${this.scope.word('auth_basic') ?? ''}"`])
    return { status, headers, body: status < 300 ? '' : errorPage(status, this.#product()) }
  }

  #product(): string {
    return this.scope.word('server_tokens') === 'off' ? 'nginx' : `nginx/${this.#context.version}`
  }

  /** Fields in nginx's order, with what add_header adds. */
  #finished(answer: Answer): Answer {
    const given = HeaderList.from(answer.headers)
    const headers = new HeaderList([
      ['Server', this.#product()],
      ['Date', new Date(this.#context.process.clock.now()).toUTCString()],
    ])
    const type = given.get('content-type')
    if (type !== undefined) headers.append('Content-Type', type)
    const { body } = answer
    if (typeof body === 'string' || body instanceof Uint8Array) {
      headers.append(
        'Content-Length',
        String(typeof body === 'string' ? new TextEncoder().encode(body).length : body.length),
      )
    } else if (given.has('content-length')) headers.append('Content-Length', given.get('content-length') ?? '')
    for (const [name, value] of given) if (!/^content-(?:type|length)$/i.test(name)) headers.append(name, value)
    const usual = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308].includes(answer.status)
    for (const [name = '', value = '', always] of this.scope.all('add_header')) {
      const text = expanded(value, this.#passage)
      if ((usual || always === 'always') && text !== '') headers.append(name, text)
    }
    return { ...answer, headers }
  }
}
