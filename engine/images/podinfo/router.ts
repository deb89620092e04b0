import type { Answer, Handler, ServerRequest } from '../../network/http/server.ts'
import { goAnswer, goNotFound } from '../programs/go-http.ts'
import type { Metrics } from './metrics.ts'
import { type Context, type Route, routes } from './routes.ts'

/**
 * Milliseconds of CPU that a request takes, its connection with it: measured of podinfo 6.9 in a container, where a packet passes kube-proxy's
 * rules and a connection is made for each request; 0.16 of it is podinfo's own code.
 */
const COST = 0.6
/** The same for a text of all metrics. */
const METRICS_COST = 1.5
/** Bytes that it has at rest. */
export const MEMORY_AT_REST = 14 * 1024 * 1024

const ERRORS = [500, 400, 409]

/**
 * Answers as gorilla/mux and podinfo's middleware do. `timeout` in ms: an answer that takes longer never arrives. `apart`: a port for
 * metrics alone, where the middleware is not.
 */
export function router(context: Context, metrics: Metrics, timeout: number, apart = false): Handler {
  const { process, options, log } = context
  const started = process.clock.now()
  let cpu = 0
  const spend = (ms: number) => {
    cpu += ms
    return process.compute(ms)
  }

  async function matched(route: Route, request: ServerRequest, parts: readonly string[]): Promise<Answer> {
    await log('debug', 'http/logging.go:37', 'request started', {
      proto: `HTTP/1.${request.minor}`,
      uri: request.target,
      method: request.method,
      remote: `${request.socket.remote.address}:${request.socket.remote.port}`,
      'user-agent': request.headers.get('user-agent') ?? '',
    })
    if (options.on('random-delay')) {
      const low = options.number('random-delay-min')
      const delay = low + Math.floor(process.random() * (options.number('random-delay-max') - low))
      await process.sleep(delay * (options.text('random-delay-unit') === 'ms' ? 1 : 1000))
    }
    if (options.on('random-error') && process.random() < 1 / 3) {
      return { status: ERRORS[Math.floor(process.random() * ERRORS.length)] as number }
    }
    return route.answer(context, request, parts)
  }

  const exposition = async (): Promise<Answer> => {
    const text = metrics.text({
      goroutines: context.goroutines(),
      goVersion: context.goVersion,
      cpu: cpu / 1000,
      memory: MEMORY_AT_REST + options.number('stress-memory') * 1_000_000,
      started: started / 1000,
    })
    return { status: 200, headers: [['Content-Type', METRICS_TYPE]], body: text }
  }
  const metricsRoute: Route = { path: /^\/metrics$/, label: 'metrics', answer: exposition }

  return async (request) => {
    const begun = process.clock.now()
    const path = cleanPath(request.path)
    if (path !== request.path) return goAnswer(process.clock, { status: 301, headers: [['Location', path]] })
    if (path === '/metrics') {
      await spend(METRICS_COST)
      if (apart) return exposition()
      // A path like any other: it is late and fails as they do
      const answer = await matched(metricsRoute, request, [])
      metrics.observe(
        request.method,
        metricsRoute.label,
        answer.status,
        Math.max(process.clock.now() - begun, 1) / 1000,
      )
      return answer.status === 200 ? answer : goAnswer(process.clock, answer)
    }
    await spend(COST)
    let other = false
    for (const route of routes) {
      const parts = route.path.exec(path)
      if (parts === null || (route.when !== undefined && !route.when(request.headers))) continue
      if (route.methods !== undefined && !route.methods.includes(request.method)) {
        other = true
        continue
      }
      const answer = await matched(route, request, parts.slice(1).map(decoded))
      const took = process.clock.now() - begun
      metrics.observe(request.method, route.label, answer.status, Math.max(took, COST) / 1000)
      if (took > timeout) throw new Error('the time to answer is over')
      return goAnswer(process.clock, answer)
    }
    return other ? goAnswer(process.clock, { status: 405 }) : goNotFound(process.clock)
  }
}

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Without `//`, `.` and `..`, as net/http's multiplexer has it. */
export function cleanPath(path: string): string {
  if (!/\/\/|\/\.\.?(?:\/|$)/.test(path)) return path
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const cleaned = `/${parts.join('/')}`
  return path.endsWith('/') && cleaned !== '/' ? `${cleaned}/` : cleaned
}
