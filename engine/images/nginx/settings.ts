/** What a configuration means: servers, locations and upstreams, with what each inherits. */
import { ConfigError, type Directive, parseConfig } from './config.ts'

export interface Location {
  readonly kind: 'prefix' | 'exact' | 'regex' | 'strong prefix' | 'named'
  readonly pattern: string
  readonly regex: RegExp | undefined
  readonly directives: readonly Directive[]
  readonly locations: readonly Location[]
  /** Its own directives first, then those around it. */
  readonly scope: Scope
}

export interface Server {
  readonly names: readonly string[]
  readonly listens: readonly Listen[]
  readonly directives: readonly Directive[]
  readonly locations: readonly Location[]
  readonly scope: Scope
}

export interface Listen {
  readonly port: number
  readonly first: boolean
  readonly tls: boolean
}

export interface Upstream {
  readonly servers: readonly {
    readonly host: string
    readonly port: number
    readonly weight: number
    readonly backup: boolean
    readonly down: boolean
  }[]
}

export interface Settings {
  readonly servers: readonly Server[]
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly types: ReadonlyMap<string, string>
  readonly maps: ReadonlyMap<
    string,
    { readonly source: string; readonly cases: readonly (readonly [string, string])[] }
  >
  readonly formats: ReadonlyMap<string, string>
  readonly pid: string
}

/** Directives by levels, the innermost first. */
export class Scope {
  readonly #levels: readonly (readonly Directive[])[]

  constructor(levels: readonly (readonly Directive[])[]) {
    this.#levels = levels
  }

  within(directives: readonly Directive[]): Scope {
    return new Scope([directives, ...this.#levels])
  }

  /** The words of the directive, of the innermost level that has it. */
  words(name: string): readonly string[] | undefined {
    return this.all(name)[0]
  }

  /** All of the innermost level that has any: as nginx inherits lists. */
  all(name: string): readonly (readonly string[])[] {
    for (const level of this.#levels) {
      const found = level.filter((directive) => directive.name === name)
      if (found.length > 0) return found.map(({ words }) => words)
    }
    return []
  }

  word(name: string): string | undefined {
    return this.words(name)?.[0]
  }
}

/** Which directives there are, and in which blocks: what is not here is a mistake. */
const SIMPLE = new Set(
  `absolute_redirect accept_mutex access_log add_header alias allow auth_basic auth_basic_user_file autoindex autoindex_exact_size autoindex_localtime
  break charset client_body_buffer_size client_body_timeout client_header_buffer_size client_header_timeout client_max_body_size daemon default_type deny
  error_log error_page etag events expires fastcgi_param fastcgi_pass gzip gzip_comp_level gzip_disable gzip_http_version gzip_min_length gzip_proxied gzip_static gzip_types gzip_vary
  hash http2 if_modified_since include index internal ip_hash keepalive keepalive_requests keepalive_timeout large_client_header_buffers least_conn limit_conn limit_conn_zone limit_rate
  limit_req limit_req_zone listen log_format log_not_found map_hash_bucket_size map_hash_max_size master_process mime merge_slashes msie_padding multi_accept pid port_in_redirect
  proxy_buffering proxy_buffers proxy_buffer_size proxy_busy_buffers_size proxy_cache proxy_cache_bypass proxy_cache_path proxy_cache_valid proxy_connect_timeout proxy_hide_header proxy_http_version proxy_intercept_errors proxy_next_upstream
  proxy_next_upstream_tries proxy_no_cache proxy_pass proxy_pass_header proxy_pass_request_body proxy_pass_request_headers proxy_read_timeout proxy_redirect proxy_request_buffering proxy_send_timeout proxy_set_header proxy_ssl_server_name proxy_ssl_verify proxy_cookie_path
  random real_ip_header real_ip_recursive resolver resolver_timeout return rewrite root satisfy sendfile server server_name server_name_in_redirect server_names_hash_bucket_size server_names_hash_max_size server_tokens set set_real_ip_from
  ssl_certificate ssl_certificate_key ssl_ciphers ssl_prefer_server_ciphers ssl_protocols ssl_session_cache ssl_session_timeout ssl_session_tickets stub_status sub_filter sub_filter_once tcp_nodelay tcp_nopush try_files types_hash_max_size types_hash_bucket_size underscores_in_headers use user
  variables_hash_bucket_size variables_hash_max_size worker_connections worker_processes worker_rlimit_nofile worker_shutdown_timeout zone`.split(
    /\s+/,
  ),
)
const BLOCKS = new Set([
  'events',
  'geo',
  'http',
  'if',
  'limit_except',
  'location',
  'map',
  'server',
  'split_clients',
  'types',
  'upstream',
])
/** Blocks whose lines are no directives. */
const DATA_BLOCKS = new Set(['geo', 'map', 'split_clients', 'types'])

export interface Sources {
  /** Throws FileError. */
  read(path: string): string
  /** Files that a pattern with `*` names, sorted. */
  match(pattern: string): readonly string[]
}

/** Reads the configuration. Throws ConfigError. */
export function readSettings(sources: Sources, path: string): Settings {
  const top = included(sources, path, 0)
  check(top, 'main')
  const events = top.find(({ name }) => name === 'events')
  if (events === undefined) throw new ConfigError('no "events" section in configuration')
  const http = top.find(({ name }) => name === 'http')?.block ?? []
  const scope = new Scope([http, top])
  const servers = http
    .filter(({ name, block }) => name === 'server' && block !== undefined)
    .map((directive) => serverOf(directive, scope))
  const upstreams = new Map<string, Upstream>()
  for (const { name, words, block, file, line } of http) {
    if (name !== 'upstream') continue
    const members = (block ?? [])
      .filter((directive) => directive.name === 'server')
      .map(({ words: [address = '', ...options] }) => member(address, options))
    if (members.length === 0) throw new ConfigError(`no servers are inside upstream in ${file}:${line}`)
    upstreams.set(words[0] ?? '', { servers: members })
  }
  const types = new Map<string, string>()
  const maps = new Map<string, { source: string; cases: (readonly [string, string])[] }>()
  const formats = new Map<string, string>([['combined', COMBINED]])
  for (const { name, words, block } of http) {
    if (name === 'types')
      for (const entry of block ?? []) for (const ending of entry.words) types.set(ending, entry.name)
    if (name === 'log_format')
      formats.set(words[0] ?? '', words.slice(/^escape=/.test(words[1] ?? '') ? 2 : 1).join(''))
    if (name === 'map') {
      maps.set((words[1] ?? '').replace(/^\$/, ''), {
        source: words[0] ?? '',
        cases: (block ?? []).map((entry) => [entry.name, entry.words[0] ?? ''] as const),
      })
    }
  }
  const settings: Settings = {
    servers,
    upstreams,
    types,
    maps,
    formats,
    pid: scope.word('pid') ?? '/var/run/nginx.pid',
  }
  checkLogs(settings, [...http, ...http.flatMap(({ block }) => block ?? [])])
  return settings
}

const COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'

function included(sources: Sources, path: string, depth: number): Directive[] {
  if (depth > 10) throw new ConfigError(`too many includes in ${path}:1`)
  let text: string
  try {
    text = sources.read(path)
  } catch (error) {
    throw new ConfigError(
      `open() "${path}" failed (2: ${error instanceof Error ? error.message : 'No such file or directory'})`,
    )
  }
  const expand = (directives: readonly Directive[]): Directive[] =>
    directives.flatMap((directive) => {
      if (directive.name !== 'include' || directive.block !== undefined) {
        return [directive.block === undefined ? directive : { ...directive, block: expand(directive.block) }]
      }
      const given = directive.words[0] ?? ''
      const target = given.startsWith('/') ? given : `/etc/nginx/${given}`
      if (/[*?[]/.test(target)) return sources.match(target).flatMap((file) => included(sources, file, depth + 1))
      try {
        return included(sources, target, depth + 1)
      } catch (error) {
        if (!(error instanceof ConfigError) || !error.message.startsWith(`open() "${target}"`)) throw error
        throw new ConfigError(`${error.message} in ${directive.file}:${directive.line}`)
      }
    })
  return expand(parseConfig(text, path))
}

function check(directives: readonly Directive[], inside: string): void {
  for (const { name, words, block, file, line } of directives) {
    const where = `in ${file}:${line}`
    if (!SIMPLE.has(name) && !BLOCKS.has(name)) throw new ConfigError(`unknown directive "${name}" ${where}`)
    if (block === undefined && BLOCKS.has(name) && !SIMPLE.has(name))
      throw new ConfigError(`directive "${name}" has no opening "{" ${where}`)
    if (block !== undefined && !BLOCKS.has(name))
      throw new ConfigError(`directive "${name}" is not terminated by ";" ${where}`)
    const misplaced =
      (inside === 'main' &&
        (name === 'server' ||
          name === 'location' ||
          name === 'upstream' ||
          name === 'proxy_pass' ||
          name === 'listen')) ||
      (inside === 'http' &&
        (name === 'location' || name === 'proxy_pass' || name === 'listen' || name === 'return' || name === 'http')) ||
      (inside === 'server' &&
        (name === 'server' || name === 'http' || name === 'upstream' || name === 'proxy_pass' || name === 'events')) ||
      (inside === 'location' && (name === 'server' || name === 'listen' || name === 'server_name' || name === 'http'))
    if (misplaced) throw new ConfigError(`"${name}" directive is not allowed here ${where}`)
    const least = LEAST_WORDS[name]
    if (least !== undefined && words.length < least)
      throw new ConfigError(`invalid number of arguments in "${name}" directive ${where}`)
    if (name === 'listen' && portOf(words[0] ?? '') === undefined)
      throw new ConfigError(`invalid port in "${words[0]}" of the "listen" directive ${where}`)
    if (block !== undefined && !DATA_BLOCKS.has(name)) check(block, name)
  }
}

const LEAST_WORDS: Readonly<Record<string, number>> = {
  root: 1,
  listen: 1,
  server_name: 1,
  return: 1,
  proxy_pass: 1,
  add_header: 2,
  error_page: 2,
  try_files: 2,
  alias: 1,
  index: 1,
  rewrite: 2,
  set: 2,
  location: 1,
  upstream: 1,
  log_format: 2,
}

function checkLogs(settings: Settings, directives: readonly Directive[]): void {
  for (const { name, words, file, line } of directives) {
    if (name === 'access_log' && words[1] !== undefined && !/=/.test(words[1]) && !settings.formats.has(words[1])) {
      throw new ConfigError(`unknown log format "${words[1]}" in ${file}:${line}`)
    }
  }
}

function serverOf({ block = [] }: Directive, outer: Scope): Server {
  const scope = outer.within(block)
  const listens = block
    .filter(({ name }) => name === 'listen')
    .map(({ words: [address = '', ...options] }) => ({
      port: portOf(address) ?? 80,
      first: options.includes('default_server'),
      tls: options.includes('ssl'),
    }))
  return {
    names: block.filter(({ name }) => name === 'server_name').flatMap(({ words }) => words),
    listens: listens.length === 0 ? [{ port: 80, first: false, tls: false }] : listens,
    directives: block,
    locations: locationsOf(block, scope),
    scope,
  }
}

function portOf(address: string): number | undefined {
  if (address.startsWith('unix:')) return undefined
  const match = /^(?:(?:\[[^\]]*\]|[^:[\]]+):)?(\d+)$/.exec(address)
  if (match === null) return /^\[[^\]]*\]$|^[\w.*-]+$/.test(address) && !/^\d+$/.test(address) ? 80 : undefined
  const port = Number(match[1])
  return port >= 1 && port <= 65_535 ? port : undefined
}

function locationsOf(directives: readonly Directive[], outer: Scope): Location[] {
  return directives
    .filter(({ name }) => name === 'location')
    .map(({ words, block = [], file, line }) => {
      const [first = '', second] = words
      const scope = outer.within(block)
      const common = { directives: block, locations: locationsOf(block, scope), scope }
      if (second === undefined) {
        return {
          ...common,
          kind: first.startsWith('@') ? ('named' as const) : ('prefix' as const),
          pattern: first,
          regex: undefined,
        }
      }
      switch (first) {
        case '=':
          return { ...common, kind: 'exact' as const, pattern: second, regex: undefined }
        case '^~':
          return { ...common, kind: 'strong prefix' as const, pattern: second, regex: undefined }
        case '~':
        case '~*':
          return {
            ...common,
            kind: 'regex' as const,
            pattern: second,
            regex: regexOf(second, first === '~*', file, line),
          }
        default:
          throw new ConfigError(`invalid location modifier "${first}" in ${file}:${line}`)
      }
    })
}

function regexOf(source: string, anyCase: boolean, file: string, line: number): RegExp {
  try {
    return new RegExp(source.replace(/\(\?P</g, '(?<'), anyCase ? 'i' : '')
  } catch (error) {
    throw new ConfigError(
      `pcre2_compile() failed: ${error instanceof Error ? error.message : ''} in "${source}" in ${file}:${line}`,
    )
  }
}

function member(address: string, options: readonly string[]): Upstream['servers'][number] {
  const colon = address.lastIndexOf(':')
  const weight = options.find((option) => option.startsWith('weight='))?.slice(7)
  return {
    host: colon < 0 ? address : address.slice(0, colon),
    port: colon < 0 ? 80 : Number(address.slice(colon + 1)),
    weight: Number(weight ?? 1),
    backup: options.includes('backup'),
    down: options.includes('down'),
  }
}

/** nginx's choice: exact, then the longest prefix unless a regular expression matches, the first of them. */
export function locationFor(locations: readonly Location[], path: string): Location | undefined {
  const exact = locations.find(({ kind, pattern }) => kind === 'exact' && pattern === path)
  if (exact !== undefined) return exact
  let best: Location | undefined
  for (const location of locations) {
    if (location.kind !== 'prefix' && location.kind !== 'strong prefix') continue
    if (path.startsWith(location.pattern) && location.pattern.length >= (best?.pattern.length ?? 0)) best = location
  }
  const inner = best === undefined ? undefined : locationFor(best.locations, path)
  if (inner !== undefined) return inner
  if (best?.kind === 'strong prefix') return best
  return locations.find(({ regex }) => regex?.test(path)) ?? best
}

/** The server for a Host, of those that listen on the port: by name, by wildcard, or the port's first. */
export function serverFor(servers: readonly Server[], port: number, host: string): Server | undefined {
  const here = servers.filter(({ listens }) => listens.some((listen) => listen.port === port))
  const name = host.toLowerCase().replace(/:\d+$/, '')
  return (
    here.find(({ names }) => names.includes(name)) ??
    here.find(({ names }) => names.some((pattern) => pattern.startsWith('*.') && name.endsWith(pattern.slice(1)))) ??
    here.find(({ names }) =>
      names.some((pattern) => pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1))),
    ) ??
    here.find(({ names }) => names.some((pattern) => pattern.startsWith('~') && matches(pattern.slice(1), name))) ??
    here.find(({ listens }) => listens.some((listen) => listen.port === port && listen.first)) ??
    here[0]
  )
}

function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern).test(name)
  } catch {
    return false
  }
}
