import type { Process, Program } from '../../containers/contract.ts'
import type { HttpServer } from '../../network/http/server.ts'
import { serve } from '../../network/http/server.ts'
import { goAnswer, goMalformed, goNotFound } from '../programs/go-http.ts'
import { messageOf } from '../programs/io.ts'
import { Cache } from './cache.ts'
import { type Log, logTo } from './log.ts'
import { Metrics } from './metrics.ts'
import { type Options, parseOptions } from './options.ts'
import { router } from './router.ts'
import type { Context, State } from './routes.ts'

/** Bytes: what `--stress-memory` counts in. */
const MEGABYTE = 1_000_000
/** Milliseconds between the signal to end and the end of serving, so that Services can let go. */
const FAREWELL = 3000

export const podinfo =
  (version: string, goVersion: string): Program =>
  async (process) => {
    const [, ...args] = process.argv
    const parsed = parseOptions(args, process.env, version, (path) => readIfThere(process, path))
    switch (parsed.kind) {
      case 'version':
        await process.stdout.write(`${version}\n`)
        return 0
      case 'help':
        await process.stderr.write(parsed.text)
        return 0
      case 'error':
        await process.stderr.write(parsed.text)
        return 2
      case 'options':
        return run(process, parsed.options, version, goVersion)
    }
  }

function readIfThere(process: Process, path: string): string | undefined {
  try {
    return process.files.readText(path.startsWith('/') ? path : `${process.cwd}/${path}`)
  } catch {
    return undefined
  }
}

async function run(process: Process, options: Options, version: string, goVersion: string): Promise<number> {
  const log = logTo(process, options.text('level'))
  await stress(process, options, log)
  if (options.number('random-delay-max') < options.number('random-delay-min')) {
    await log('panic', 'podinfo/main.go:116', '`--random-delay-max` should be greater than `--random-delay-min`')
    return 2
  }
  if (!['s', 'ms'].includes(options.text('random-delay-unit'))) {
    await log('panic', 'podinfo/main.go:125', '`random-delay-unit` accepted values are: s|ms')
    return 2
  }
  const port = options.number('port')
  await log('info', 'podinfo/main.go:153', 'Starting podinfo', { version, revision: 'unknown', port: String(port) })
  const configPath = options.text('config-path')
  if (configPath !== '' && process.files.exists(configPath)) {
    await log('info', 'fscache/fscache.go:38', `fscache start watcher for ${configPath}`)
  }
  let exit = (_: number) => {}
  const exited = new Promise<number>((resolve) => {
    exit = resolve
  })
  const cacheServer = options.text('cache-server')
  const cache = cacheServer === '' ? undefined : new Cache(process, cacheServer)
  const stopTelling = cache?.announce(version, log)
  const state: State = { healthy: false, ready: false }
  const metrics = new Metrics()
  const servers: HttpServer[] = []
  const goroutines = () => 7 + servers.reduce((sum, server) => sum + server.connections(), 0)
  const context: Context = { process, options, version, goVersion, log, state, cache, exit, goroutines }
  const stop = () => {
    stopTelling?.()
    cache?.close()
    for (const server of servers) server.destroy()
  }
  process.signal.addEventListener('abort', stop, { once: true })
  try {
    if (!(await listen(context, metrics, servers))) return 1
    state.healthy = !options.on('unhealthy')
    state.ready = !options.on('unready')
    const signalled = new Promise<'signal'>((resolve) => {
      let before = false
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.on(signal, () => {
          if (before) exit(1)
          before = true
          resolve('signal')
        })
      }
    })
    const ending = await Promise.race([exited, signalled])
    return ending === 'signal' ? await Promise.race([exited, shutDown(context, servers)]) : ending
  } finally {
    process.signal.removeEventListener('abort', stop)
    stop()
  }
}

async function listen(context: Context, metrics: Metrics, servers: HttpServer[]): Promise<boolean> {
  const { process, options, log } = context
  const { clock } = process
  const host = options.text('host')
  const timeout = options.duration('http-server-timeout')
  const common = {
    clock,
    malformed: goMalformed,
    idle: 2 * timeout,
    headTimeout: timeout,
    // What a handler throws, Go answers by ending the connection.
    failure: () => undefined,
    ...(host !== '' && { host }),
  }
  const answer = router(context, metrics, timeout)
  const metricsPort = options.number('port-metrics')
  if (metricsPort > 0) {
    const other = router(context, metrics, timeout, true)
    try {
      servers.push(
        serve(process.network, { ...common, port: metricsPort }, async (request) => {
          if (request.path === '/metrics') return other(request)
          if (request.path === '/healthz') return goAnswer(clock, { status: 200, body: 'OK' })
          return goNotFound(clock)
        }),
      )
    } catch {
      // As the real one: the metrics server that cannot listen is just not there.
    }
  }
  const securePort = options.number('secure-port')
  const listeners = [
    ...(options.number('port') === 0
      ? []
      : [{ name: 'HTTP', port: options.number('port'), line: 'http/server.go:224' }]),
    ...(securePort === 0 ? [] : [{ name: 'HTTPS', port: securePort, line: 'http/server.go:254' }]),
  ]
  for (const { name, port, line } of listeners) {
    await log('info', line, `Starting ${name} Server.`, { addr: `${host}:${port}` })
    try {
      const tls = name === 'HTTPS' ? certificate(process, options.text('cert-path')) : undefined
      servers.push(serve(process.network, { ...common, port, ...(tls && { tls }) }, answer))
    } catch (error) {
      const message = messageOf(error)
      const fault = message.startsWith('open ') ? message : `listen tcp ${host}:${port}: bind: ${message.toLowerCase()}`
      await log(
        'fatal',
        line.replace(/\d+$/, (at) => String(Number(at) + 2)),
        `${name} server crashed`,
        { error: fault },
      )
      return false
    }
  }
  return true
}

function certificate(process: Process, path: string): { names: readonly string[]; authority: string } {
  for (const name of ['tls.crt', 'tls.key']) {
    if (!process.files.exists(`${path}/${name}`)) throw new Error(`open ${path}/${name}: no such file or directory`)
  }
  return { names: [process.hostname], authority: process.files.readText(`${path}/tls.crt`) }
}

async function shutDown(
  { process, options, state, log, cache }: Context,
  servers: readonly HttpServer[],
): Promise<number> {
  const timeout = options.duration('server-shutdown-timeout')
  state.healthy = false
  state.ready = false
  cache?.close()
  await log('info', 'signals/shutdown.go:49', 'Shutting down HTTP/HTTPS server', { timeout: timeout / 1000 })
  const debugging = options.text('level') === 'debug'
  if (!debugging) await process.sleep(FAREWELL)
  const closed = Promise.all(servers.map((server) => server.close())).then(() => true)
  const inTime = await Promise.race([
    closed,
    process.sleep(Math.max(0, timeout - (debugging ? 0 : FAREWELL))).then(() => false),
  ])
  if (!inTime) {
    await log('warn', 'signals/shutdown.go:73', 'HTTP server graceful shutdown failed', {
      error: 'context deadline exceeded',
    })
  }
  return 0
}

async function stress(process: Process, options: Options, log: Log): Promise<void> {
  const cores = options.number('stress-cpu')
  if (cores > 0) {
    await log('info', 'podinfo/main.go:246', 'starting CPU stress', { cores })
    for (let core = 0; core < cores; core++) void burn(process)
  }
  const megabytes = options.number('stress-memory')
  if (megabytes > 0) {
    process.setMemory(megabytes * MEGABYTE)
    await log('info', 'podinfo/main.go:279', 'starting MEMORY stress', { memory: megabytes * MEGABYTE })
  }
}

/** Milliseconds: long enough that a core which is busy for ever costs a few timers a second. */
const BURN = 250

async function burn(process: Process): Promise<void> {
  try {
    while (!process.signal.aborted) await process.compute(BURN)
  } catch {
    // The process was killed.
  }
}
