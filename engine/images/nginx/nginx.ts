import type { Process, Program } from '../../containers/contract.ts'
import { type HttpServer, type ServerRequest, serve } from '../../network/http/server.ts'
import { absolute, messageOf } from '../programs/io.ts'
import { ConfigError } from './config.ts'
import { type Counters, handle } from './handler.ts'
import { errorPage } from './pages.ts'
import { seconds, Turns } from './proxy.ts'
import { readSettings, type Scope, type Settings, type Sources } from './settings.ts'
import { expanded, type Passage } from './variables.ts'

/** Milliseconds of CPU that a request takes. */
const COST = 0.15
/** Bytes that it has at rest: a master and two workers. */
export const MEMORY_AT_REST = 6 * 1024 * 1024

const SIGNALS = { stop: 'SIGTERM', quit: 'SIGQUIT', reload: 'SIGHUP', reopen: 'SIGUSR1' } as const

export const nginx =
  (version: string): Program =>
  (process) =>
    new Main(process, version).run()

/** Tells what the real image's scripts tell, and runs what it is given. */
export const entrypoint: Program = async (process) => {
  const args = process.argv.slice(1)
  if (args[0] === 'nginx') {
    const say = (text: string) => process.stdout.write(`/docker-entrypoint.sh: ${text}\n`)
    await say('/docker-entrypoint.d/ is not empty, will attempt to perform configuration')
    await say('Looking for shell scripts in /docker-entrypoint.d/')
    await say('Launching /docker-entrypoint.d/20-envsubst-on-templates.sh')
    await fillTemplates(process)
    await say('Configuration complete; ready for start up')
  }
  return process.exec(args)
}

/** /etc/nginx/templates/*.template, with variables of the environment in them, to conf.d. */
async function fillTemplates({ files, env, stdout }: Process): Promise<void> {
  const directory = '/etc/nginx/templates'
  if (!files.exists(directory)) return
  for (const name of files.list(directory)) {
    if (!name.endsWith('.template')) continue
    const text = files
      .readText(`${directory}/${name}`)
      .replace(
        /\$(?:\{(\w+)\}|(\w+))/g,
        (whole, braced?: string, plain?: string) => env.get(braced ?? plain ?? '') ?? whole,
      )
    const target = `/etc/nginx/conf.d/${name.slice(0, -9)}`
    files.write(target, text)
    await stdout.write(`20-envsubst-on-templates.sh: Running envsubst on ${directory}/${name} to ${target}\n`)
  }
}

class Main {
  readonly #process: Process
  readonly #version: string
  readonly #turns = new Turns()
  readonly #servers = new Map<number, HttpServer>()
  #path = '/etc/nginx/nginx.conf'
  #settings: Settings | undefined
  #quit: (code: number) => void = () => {}
  #connections = 0
  readonly #counters: Counters

  constructor(process: Process, version: string) {
    this.#process = process
    this.#version = version
    const total = (of: (server: HttpServer) => number) => () =>
      [...this.#servers.values()].reduce((sum, server) => sum + of(server), 0)
    this.#counters = {
      requests: 0,
      accepted: 0,
      active: total((server) => server.connections()),
      waiting: total((server) => server.waiting()),
    }
  }

  async run(): Promise<number> {
    const process = this.#process
    const args = process.argv.slice(1)
    let test = false
    for (let index = 0; index < args.length; index++) {
      const arg = args[index] as string
      if (arg === '-v' || arg === '-V') {
        await process.stderr.write(`nginx version: nginx/${this.#version}\n`)
        return 0
      }
      if (arg === '-h' || arg === '-?') {
        await process.stderr.write(
          `nginx version: nginx/${this.#version}\nUsage: nginx [-?hvVtTq] [-s signal] [-p prefix] [-e filename] [-c filename] [-g directives]\n`,
        )
        return 0
      }
      if (arg === '-s') return this.#signal(args[++index] ?? '')
      if (arg === '-t' || arg === '-T') test = true
      else if (arg === '-c') this.#path = absolute(process, args[++index] ?? '')
      else if (['-g', '-p', '-e'].includes(arg)) index++
      else if (arg !== '-q') {
        await process.stderr.write(`nginx: invalid option: "${arg.replace(/^-*/, '')}"\n`)
        return 1
      }
    }
    const settings = await this.#read('nginx: ')
    if (settings === undefined) {
      if (test) await process.stderr.write(`nginx: configuration file ${this.#path} test failed\n`)
      return 1
    }
    if (test) {
      await process.stderr.write(
        `nginx: the configuration file ${this.#path} syntax is ok\nnginx: configuration file ${this.#path} test is successful\n`,
      )
      if (args.includes('-T'))
        await process.stdout.write(`# configuration file ${this.#path}:\n${process.files.readText(this.#path)}\n`)
      return 0
    }
    return this.#serve(settings)
  }

  /** The configuration, or a line of what is wrong with it. */
  async #read(prefix: string): Promise<Settings | undefined> {
    try {
      const settings = readSettings(sourcesOf(this.#process), this.#path)
      await this.#resolve(settings)
      return settings
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      const { pid, stderr } = this.#process
      await stderr.write(
        prefix === ''
          ? `${this.#stamp()} [emerg] ${pid}#${pid}: ${error.message}\n`
          : `${prefix}[emerg] ${error.message}\n`,
      )
      return undefined
    }
  }

  /** Hosts that stand in the configuration must be there when it is read, as in nginx. */
  async #resolve({ upstreams, servers }: Settings): Promise<void> {
    const hosts = new Map<string, string>()
    for (const { servers: members } of upstreams.values()) {
      for (const { host } of members) hosts.set(host, `host not found in upstream "${host}"`)
    }
    const walk = (locations: Settings['servers'][number]['locations']) => {
      for (const location of locations) {
        for (const { name, words, file, line } of location.directives) {
          const match =
            name === 'proxy_pass' ? /^https?:\/\/([^/:$]+)(?::\d+)?(?:\/[^$]*)?$/.exec(words[0] ?? '') : null
          const host = match?.[1]
          if (host !== undefined && !upstreams.has(host))
            hosts.set(host, `host not found in upstream "${host}" in ${file}:${line}`)
        }
        walk(location.locations)
      }
    }
    for (const { locations } of servers) walk(locations)
    for (const [host, fault] of hosts) {
      if (/^[\d.]+$/.test(host)) continue
      await this.#process.network.lookup(host, this.#process.signal).catch((error: unknown) => {
        if (this.#process.signal.aborted) throw error
        throw new ConfigError(fault)
      })
    }
  }

  async #signal(name: string): Promise<number> {
    const process = this.#process
    const signal = SIGNALS[name as keyof typeof SIGNALS]
    if (signal === undefined) {
      await process.stderr.write(`nginx: invalid option: "-s ${name}"\n`)
      return 1
    }
    const settings = await this.#read('nginx: ')
    if (settings === undefined) return 1
    const path = settings.pid
    let pid: number
    try {
      pid = Number(process.files.readText(path))
    } catch (error) {
      await process.stderr.write(`nginx: [error] open() "${path}" failed (2: ${messageOf(error)})\n`)
      return 1
    }
    process.kill(pid, signal)
    return 0
  }

  async #serve(settings: Settings): Promise<number> {
    const process = this.#process
    const end = () => {
      for (const server of this.#servers.values()) server.destroy()
    }
    const ended = new Promise<number>((resolve) => {
      this.#quit = resolve
    })
    process.signal.addEventListener('abort', end, { once: true })
    try {
      if (!(await this.#apply(settings))) return 1
      if (process.files.exists(settings.pid.replace(/\/[^/]*$/, '')))
        process.files.write(settings.pid, `${process.pid}\n`)
      await this.#notice(`using the "epoll" event method`)
      await this.#notice(`nginx/${this.#version}`)
      await this.#notice('OS: Linux 6.8.0')
      await this.#notice('start worker processes')
      process.on('SIGHUP', () => void this.#reload().catch(() => {}))
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#quit(0))
      process.on('SIGQUIT', () => {
        void this.#notice('signal 3 (SIGQUIT) received, shutting down').catch(() => {})
        void Promise.all([...this.#servers.values()].map((server) => server.close())).then(() => this.#quit(0))
      })
      const code = await ended
      await this.#notice('exit')
      return code
    } finally {
      process.signal.removeEventListener('abort', end)
      end()
      if (!process.signal.aborted && process.files.exists(settings.pid)) process.files.remove(settings.pid)
    }
  }

  async #reload(): Promise<void> {
    await this.#notice('signal 1 (SIGHUP) received, reconfiguring')
    const settings = await this.#read('')
    if (settings === undefined) return
    await this.#notice('reconfiguring')
    await this.#apply(settings)
    await this.#notice('start worker processes')
  }

  /** Listens where the configuration says, and no more where it does not. */
  async #apply(settings: Settings): Promise<boolean> {
    const wanted = new Map(
      settings.servers.flatMap(({ listens, scope }) => listens.map(({ port, tls }) => [port, { tls, scope }] as const)),
    )
    for (const [port, { tls, scope }] of wanted) {
      if (this.#servers.has(port)) continue
      try {
        this.#servers.set(port, this.#listen(port, tls, scope))
      } catch (error) {
        await this.#process.stderr.write(`nginx: [emerg] bind() to 0.0.0.0:${port} failed (98: ${messageOf(error)})\n`)
        return false
      }
    }
    for (const [port, server] of this.#servers) {
      if (wanted.has(port)) continue
      this.#servers.delete(port)
      void server.close()
    }
    this.#settings = settings
    return true
  }

  #listen(port: number, tls: boolean, scope: Scope): HttpServer {
    const { network, clock, hostname, files } = this.#process
    const passages = new WeakMap<ServerRequest, { passage: Passage; scope: Scope | undefined }>()
    const certificate = scope.word('ssl_certificate')
    return serve(
      network,
      {
        clock,
        port,
        idle: seconds(scope.word('keepalive_timeout')) ?? 75_000,
        ...(tls && {
          tls: {
            names: [hostname],
            authority: certificate !== undefined && files.exists(certificate) ? files.readText(certificate) : '',
          },
        }),
        malformed: ({ status }) => ({
          status,
          headers: [
            ['Server', `nginx/${this.#version}`],
            ['Content-Type', 'text/html'],
          ],
          body: errorPage(status, `nginx/${this.#version}`),
        }),
        failure: () => ({
          status: 500,
          headers: [
            ['Server', `nginx/${this.#version}`],
            ['Content-Type', 'text/html'],
          ],
          body: errorPage(500, `nginx/${this.#version}`),
        }),
        answered: (request, answer, bytes) => {
          const handled = passages.get(request)
          if (handled === undefined) return
          handled.passage.status = answer.status
          handled.passage.bytes = bytes
          void this.#logAccess(handled.passage, handled.scope).catch(() => {})
        },
      },
      async (request) => {
        const settings = this.#settings
        if (settings === undefined) throw new Error('not configured')
        await this.#process.compute(COST)
        this.#counters.requests++
        this.#counters.accepted = ++this.#connections
        const handled = await handle(
          {
            process: this.#process,
            settings,
            version: this.#version,
            turns: this.#turns,
            counters: this.#counters,
            complain: (level, text) => this.#complain(level, text, this.#connections),
          },
          request,
          this.#connections,
        )
        passages.set(request, handled)
        if (handled.answer.status === 444) throw new Error('closed without an answer')
        return handled.answer
      },
    )
  }

  async #logAccess(passage: Passage, scope: Scope | undefined): Promise<void> {
    for (const [path = '', format = 'combined'] of scope?.all('access_log') ?? []) {
      if (path === 'off') return
      const text = passage.settings.formats.get(format.includes('=') ? 'combined' : format) ?? ''
      const line = text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole) => expanded(whole, passage) || '-')
      await this.#write(path, `${line}\n`)
    }
  }

  async #complain(level: string, text: string, connection: number): Promise<void> {
    await this.#process.stderr.write(
      `${this.#stamp()} [${level}] ${this.#process.pid + 28}#${this.#process.pid + 28}: *${connection} ${text}\n`,
    )
  }

  /** To standard output, as /var/log/nginx/access.log is a link to it, or into a file. */
  async #write(path: string, line: string): Promise<void> {
    const { files, stdout, stderr } = this.#process
    const target = resolved(files, path)
    if (target === '/dev/stdout' || target === '/proc/1/fd/1') return stdout.write(line)
    if (target === '/dev/stderr' || target === '/proc/1/fd/2') return stderr.write(line)
    if (target !== '/dev/null') files.write(target, line, { append: true })
  }

  async #notice(text: string): Promise<void> {
    await this.#process.stderr.write(`${this.#stamp()} [notice] ${this.#process.pid}#${this.#process.pid}: ${text}\n`)
  }

  /** `2026/11/21 09:45:13` */
  #stamp(): string {
    return new Date(this.#process.clock.now()).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/')
  }
}

/** A log that is a link to a stream, as the image's are. */
function resolved(files: Process['files'], path: string): string {
  const full = path.startsWith('/') ? path : `/etc/nginx/${path}`
  try {
    return files.stat(full, { follow: false }).type === 'symlink' ? files.readLink(full) : full
  } catch {
    return full
  }
}

function sourcesOf({ files }: Process): Sources {
  return {
    read: (path) => files.readText(path),
    match(pattern) {
      const slash = pattern.lastIndexOf('/')
      const directory = pattern.slice(0, slash)
      const name = pattern
        .slice(slash + 1)
        .replace(/[.+^${}()|\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')
      if (!files.exists(directory)) return []
      return files
        .list(directory)
        .filter((file) => new RegExp(`^${name}$`).test(file))
        .map((file) => `${directory}/${file}`)
    },
  }
}
