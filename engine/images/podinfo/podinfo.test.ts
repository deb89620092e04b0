import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { VirtualClock } from '../../clock/virtual-clock.ts'
import type { Image } from '../../containers/contract.ts'
import { request } from '../../network/http/client.ts'
import { serve } from '../../network/http/server.ts'
import { TestMachine, type TestOptions } from '../process.testing.ts'
import { podcli } from './podcli.ts'
import { podinfo } from './podinfo.ts'
import { cleanPath } from './router.ts'

const image: Image = {
  repository: 'podinfo',
  tags: ['1'],
  size: 1,
  memory: 1,
  files: {
    '/home/app/podinfo': { program: podinfo('6.9.2', 'go1.26.8') },
    '/usr/local/bin/podcli': { program: podcli('6.9.2') },
    '/tmp/pi/config/greeting': { text: 'hello\n' },
    '/tmp/pi/config/a': { text: 'b' },
    '/tmp/pi/data': { directory: true },
  },
}

async function started(args: readonly string[] = [], options: TestOptions = {}, real = false) {
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  const machine = new TestMachine([image], real ? {} : { clock })
  const process = machine.start(['./podinfo', ...args].with(0, 'podinfo'), options)
  onTestFinished(() => process.deliver('SIGKILL'))
  await process.says(/Starting HTTP Server|crashed|Error/, 'err')
  const ask = (path: string, rest: Parameters<typeof request>[1] = {}) =>
    request(machine.network, { host: 'web', port: 9898, path, ...rest })
  return { machine, clock, process, ask }
}

interface Recorded {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
  readonly answer: { status: number; headers: string[]; body: string }
}

const recorded = readFileSync(new URL('upstream-answers.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Recorded => JSON.parse(line))

/** What differs from run to run and from machine to machine. */
const settled = (body: string) =>
  body
    .replace(/"hostname": "[^"]*"/, '"hostname": "?"')
    .replace(/"num_goroutine": "\d+"/, '"num_goroutine": "?"')
    .replace(/"token": "[^"]*"/, '"token": "?"')
    .replace(/"expires_at": "[^"]*"/, '"expires_at": "?"')
    .replace(/"PATH=[^"]*",\s*/, '')

it('answers what the real podinfo 6.9.2 was recorded to answer, fields in the same order', async () => {
  const args = ['--data-path=/tmp/pi/data', '--config-path=/tmp/pi/config', '--ui-color=red', '--ui-message=hi']
  const { ask } = await started(args, { env: { ONE: '1', TWO: 'a "b"<c>', PODINFO_UI_LOGO: 'logo.png' } }, true)
  expect(recorded.length).toBeGreaterThan(40)
  for (const { method, path, headers, body, answer } of recorded) {
    const got = await ask(path, { method, headers, ...(body !== undefined && { body }) })
    const at = `${method} ${path}`
    expect({ at, status: got.status, body: settled(await got.body.text()) }).toEqual({
      at,
      status: answer.status,
      body: settled(answer.body),
    })
    const theirs = answer.headers.flatMap((name, index): [string, string][] =>
      index % 2 === 0 ? [[name, answer.headers[index + 1] ?? '']] : [],
    )
    expect({ at, type: got.headers.get('content-type') }).toEqual({
      at,
      type: theirs.find(([name]) => name === 'Content-Type')?.[1],
    })
    // An answer to HEAD has no length here or there; chunked ones name their fields in an order of their own.
    if (method === 'HEAD' || path.startsWith('/chunked')) continue
    expect({ at, names: Array.from(got.headers, ([name]) => name) }).toEqual({
      at,
      names: theirs.map(([name]) => name),
    })
  }
})

describe('what it counts', () => {
  it('is in its metrics, by route and status', async () => {
    const { ask } = await started()
    for (const path of ['/', '/', '/status/500', '/nothing', '/version']) (await ask(path)).body.cancel()
    const text = await (await ask('/metrics')).body.text()
    expect(text).toContain('http_requests_total{status="200"} 3\n')
    expect(text).toContain('http_requests_total{status="500"} 1\n')
    expect(text).not.toContain('status="404"')
    expect(text).toContain('http_request_duration_seconds_bucket{method="GET",path="root",status="200",le="0.005"} 2\n')
    expect(text).toContain('http_request_duration_seconds_count{method="GET",path="status",status="500"} 1\n')
  })

  it('costs CPU for each request', async () => {
    const { ask, machine } = await started()
    const before = machine.cpu
    for (let index = 0; index < 10; index++) await (await ask('/api/info')).body.text()
    expect(machine.cpu - before).toBeCloseTo(6)
  })
})

describe('its life', () => {
  it('turns unready at SIGTERM, answers three seconds more, and ends with 0', async () => {
    const { ask, clock, process } = await started()
    expect((await ask('/readyz')).status).toBe(200)
    process.deliver('SIGTERM')
    await process.says(/Shutting down HTTP\/HTTPS server","timeout":5/, 'err')
    expect((await ask('/readyz')).status).toBe(503)
    expect((await ask('/version')).status).toBe(200)
    await clock.step(3000)
    expect(await process.ended).toEqual({ code: 0 })
    await expect(ask('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(clock.pending).toBe(0)
  })

  it('ends with 255 at /panic', async () => {
    const { ask, process } = await started()
    await ask('/panic').catch(() => {})
    expect(await process.ended).toEqual({ code: 255 })
    expect(process.err).toContain('"msg":"Panic command received"')
  })

  it('is unhealthy and unready where its flags or environment say so', async () => {
    const { ask } = await started(['--unhealthy'], { env: { PODINFO_UNREADY: 'true' } })
    expect((await ask('/healthz')).status).toBe(503)
    expect((await ask('/readyz')).status).toBe(503)
    await ask('/readyz/enable', { method: 'POST' })
    expect((await ask('/readyz')).status).toBe(200)
  })

  it('takes no harm from the variables of a Service named podinfo', async () => {
    const { ask } = await started([], { env: { PODINFO_PORT: 'tcp://10.96.0.7:9898' } })
    expect((await ask('/version')).status).toBe(200)
  })

  it('says what is wrong with its flags and ends with 2', async () => {
    const machine = new TestMachine([image])
    const wrong = await machine.run(['podinfo', '--prot=1'])
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toMatch(/^Error: unknown flag: --prot\n\n {6}--backend-url strings/)
    expect((await machine.run(['podinfo', '--port=x'])).stderr).toContain(
      'Error: invalid argument "x" for "--port" flag: strconv.ParseInt: parsing "x": invalid syntax\n',
    )
    expect(await machine.run(['podinfo', '--version'])).toEqual({ code: 0, stdout: '6.9.2\n', stderr: '' })
  })

  it('cannot share its port', async () => {
    const { machine } = await started()
    const second = await machine.run(['podinfo'])
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(
      '"msg":"HTTP server crashed","error":"listen tcp :9898: bind: address already in use"',
    )
  })

  it('has the memory that it is told to load', async () => {
    const { machine, process } = await started(['--stress-memory=50'])
    expect(machine.memory.get(process.pid)).toBe(50_000_000)
  })
})

describe('time', () => {
  it('passes before a delayed answer, and cuts one that takes longer than the server may', async () => {
    const { ask, clock } = await started()
    const slow = ask('/delay/2')
    await clock.step(2000)
    expect(await (await slow).body.text()).toContain('"delay": 2')
    const never = expect(ask('/delay/31')).rejects.toThrow()
    await clock.step(31_000)
    await never
  })

  it('is random with --random-delay, and answers are errors with --random-error', async () => {
    const { ask } = await started(['--random-error'])
    const statuses = new Set<number>()
    for (let index = 0; index < 60; index++) statuses.add((await ask('/version')).status)
    expect(statuses.has(200)).toBe(true)
    expect(statuses.size).toBeGreaterThan(1)
  })

  it('is random for metrics too, but not on a port of their own', async () => {
    const { ask } = await started(['--random-error', '--port-metrics=9797'])
    const onPort = async (port: number) => {
      const statuses = new Set<number>()
      for (let index = 0; index < 60; index++) statuses.add((await ask('/metrics', { port })).status)
      return statuses
    }
    expect((await onPort(9898)).size).toBeGreaterThan(1)
    expect(await onPort(9797)).toEqual(new Set([200]))
    const text = await (await ask('/metrics', { port: 9797 })).body.text()
    expect(text).toMatch(/http_requests_total\{status="500"\} \d/)
  })
})

describe('backends', () => {
  it('are asked by POST, and their answers listed', async () => {
    const { ask, machine, clock } = await started([
      '--backend-url=http://next:81/echo',
      '--backend-url=http://gone:82/',
    ])
    const server = serve(machine.network, { clock, port: 81 }, async ({ body, headers }) => ({
      status: 200,
      body: `${await body.text()} ${headers.get('x-request-id')}`,
    }))
    onTestFinished(() => server.destroy())
    const answer = await ask('/api/echo', { method: 'POST', body: 'hi', headers: { 'X-Request-Id': '7' } })
    expect(JSON.parse(await answer.body.text())).toEqual([
      'hi 7',
      'backend http://gone:82/ call failed Post "http://gone:82/": Connection refused',
    ])
  })
})

describe('tokens', () => {
  it('are accepted for a minute', async () => {
    const { ask, clock } = await started()
    const { token } = JSON.parse(await (await ask('/token', { method: 'POST', body: 'ada' })).body.text())
    const check = async () =>
      (await ask('/token/validate', { headers: { Authorization: `Bearer ${token}` } })).body.text()
    expect(JSON.parse(await check()).token_name).toBe('ada')
    await clock.step(90_000)
    expect(JSON.parse(await check()).message).toBe('token is expired by 30s')
  })
})

it('podcli checks a port and a path', async () => {
  const { machine } = await started()
  expect((await machine.run(['podcli', 'check', 'http', 'localhost:9898/healthz'])).code).toBe(0)
  expect((await machine.run(['podcli', 'check', 'http', 'localhost:9898/status/500'])).code).toBe(1)
  expect((await machine.run(['podcli', 'check', 'tcp', 'localhost:9898'])).code).toBe(0)
  expect((await machine.run(['podcli', 'check', 'tcp', 'localhost:1'])).code).toBe(1)
})

it.each([
  ['/a/./b//c/', '/a/b/c/'],
  ['/a/../..', '/'],
  ['/a..b', '/a..b'],
])('cleans the path %s to %s', (path, cleaned) => {
  expect(cleanPath(path)).toBe(cleaned)
})
