/** The engine's side: a cluster in this process, on a clock that goes as fast as there is something to do. */
import { clientOf, requestOf } from '../../engine/api/testing.ts'
import { generateSigningKey, type SigningKey } from '../../engine/auth/jwt.ts'
import { VirtualClock } from '../../engine/clock/virtual-clock.ts'
import { createCluster } from '../../engine/cluster.ts'
import { workloads } from '../../engine/workloads/workloads.ts'
import { isSigning } from './cryptography.ts'
import { engineImages } from './images.ts'
import { watched } from './kinds.ts'
import type { Connection, Json, Ran, Side, WatchEvent } from './side.ts'
import { virtualTime } from './virtual-time.ts'

const ADMIN = 'the administrator'
const NODES = 4
/** A write takes so long until it is answered, in ms: what others do because of it begins before the next. */
const WRITE = 10

/** After so long a cluster has told of its own start, in ms; the real one was started long before. */
const STARTED = 15_000

/** Longer than any scenario, in seconds: a watch that sets no end of its own has one within the hour. */
const WATCHED = 10 * 24 * 3600

/** Making a key takes longer than making a cluster: one serves for all. */
let key: Promise<SigningKey> | undefined

/** `report` hears of failures of the engine itself. */
export async function startEngine(seed: string, report: (error: unknown) => void): Promise<Side> {
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  key ??= generateSigningKey()
  const cluster = await createCluster({
    clock,
    seed,
    nodes: NODES,
    host: '127.0.0.1',
    port: 6443,
    signingKey: await key,
    tokens: new Map([[ADMIN, { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }]]),
    workloads: workloads({ images: engineImages(), addons: {} }),
    report,
  })
  const client = clientOf(cluster.api)
  const time = virtualTime(clock, isSigning)
  const closed = new AbortController()
  const ask: Connection['ask'] = async (method, path, body, contentType = 'application/json') => {
    const headers = { accept: 'application/json', 'content-type': contentType }
    const answer = await client.ask(method, path, { token: ADMIN, headers, ...(body === undefined ? {} : { body }) })
    if (method !== 'GET') await time.until(() => false, WRITE)
    return answer
  }
  const watch: Connection['watch'] = async (path, told) => {
    const first = await ask('GET', path)
    for (const item of first.json.items)
      told({ type: 'ADDED', object: { apiVersion: first.json.apiVersion, kind: kindOf(first.json), ...item } })
    const stop = new AbortController()
    const query = `watch=1&timeoutSeconds=${WATCHED}&resourceVersion=${first.json.metadata.resourceVersion}`
    const signal = AbortSignal.any([stop.signal, closed.signal])
    const response = await client.raw('GET', `${path}?${query}`, { token: ADMIN }, signal)
    if (response.kind !== 'stream') throw new Error(`${path} was not watched`)
    follow(response.chunks, told).catch((error: unknown) => {
      if (!signal.aborted) report(error)
    })
    return () => stop.abort()
  }
  const exec: Connection['exec'] = async (namespace, pod, container, command) => {
    const query = new URLSearchParams([
      ['container', container],
      ['stdout', 'true'],
      ['stderr', 'true'],
      ...command.map((part) => ['command', part]),
    ])
    const path = `/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query}`
    const headers = { connection: 'Upgrade', upgrade: 'websocket' }
    const response = await cluster.api.handle(requestOf('GET', path, { token: ADMIN, headers }, closed.signal))
    if (response.kind !== 'upgrade' || response.session.kind === 'portforward')
      throw new Error(`exec was answered ${'status' in response ? response.status : response.kind}`)
    return run(response.session, closed.signal)
  }
  await time.until(() => false, STARTED)
  const listeners = new Set<(event: WatchEvent) => void>()
  const nodes = ((await ask('GET', '/api/v1/nodes')).json.items as Json[]).map(({ metadata }) => metadata.name)
  for (const [, path] of watched) {
    await watch(path, (event) => {
      for (const told of listeners) told(event)
    })
  }
  const slow = <Arguments extends unknown[], T>(work: (...given: Arguments) => Promise<T>) => {
    return (...given: Arguments) => time.during(work(...given))
  }
  return {
    name: 'embedded',
    nodes,
    connection: {
      // Answers of Pods take as long as Pods take; all others come at once
      ask: (method, path, ...rest) =>
        /\/proxy\b|\/log\b/.test(path) ? slow(ask)(method, path, ...rest) : ask(method, path, ...rest),
      watch,
      exec: slow(exec),
    },
    time,
    machines: {
      // A frozen machine and one that nobody reaches are the same to all others, as long as it stays so
      pause: async (node) => cluster.workloads?.nodes.setCutOff(node, true),
      resume: async (node) => cluster.workloads?.nodes.setCutOff(node, false),
    },
    policies: true,
    listen(told) {
      listeners.add(told)
      return () => listeners.delete(told)
    },
    async close() {
      closed.abort()
      cluster.stop()
    },
  }
}

const kindOf = (list: Json): string => (list.kind as string).replace(/List$/, '')

async function follow(chunks: AsyncIterable<Uint8Array>, told: (event: WatchEvent) => void): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') told(JSON.parse(line) as WatchEvent)
  }
}

type Process = Extract<import('../../engine/api/http.ts').StreamingSession, { readonly kind: 'exec' | 'attach' }>

async function run(session: Process, signal: AbortSignal): Promise<Ran> {
  const decoders = [new TextDecoder(), new TextDecoder()]
  const said = ['', '']
  const hear = (stream: 0 | 1) => async (chunk: Uint8Array) => {
    said[stream] += decoders[stream]?.decode(chunk, { stream: true }) ?? ''
  }
  const result = await session.start({
    stdin: nothing(),
    stdout: hear(0),
    stderr: hear(1),
    sizes: nothing(),
    signal,
  })
  const [stdout = '', stderr = ''] = said
  return 'exitCode' in result
    ? { code: result.exitCode, stdout, stderr }
    : { code: -1, stdout, stderr: `${stderr}${result.failure}` }
}

async function* nothing(): AsyncGenerator<never> {}
