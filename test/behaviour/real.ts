/** The real side: a cluster's API over HTTPS, as the administrator of its kubeconfig. */
import { readFileSync } from 'node:fs'
import Docker from 'dockerode'
import { WebSocket } from 'ws'
import { systemClock } from '../../lab-server/clock.ts'
import { type Credentials, parseKubeconfig } from '../../lab-server/kube/kubeconfig.ts'
import { createTransport } from '../../lab-server/kube/transport.ts'
import { watched } from './kinds.ts'
import type { Answer, Connection, Json, Ran, Side, Time, WatchEvent } from './side.ts'

/** A watch may be silent for so long, in ms. */
const IDLE = 20 * 60_000
/** What depends on time alone is asked again so often, in ms. */
const LOOK_AGAIN = 200

/** The cluster stays when the side is closed. `nodes`: control plane first; their names are those of containers in Docker. */
export async function connectReal(kubeconfig: string, nodes: readonly string[]): Promise<Side> {
  const credentials = parseKubeconfig(readFileSync(kubeconfig, 'utf8'))
  const transport = createTransport(credentials, systemClock)
  const docker = new Docker()
  const ask: Connection['ask'] = async (method, path, body, contentType) => {
    const { status, body: text } = await transport.request({
      method: method as 'GET',
      path,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(contentType === undefined ? {} : { contentType }),
      timeout: 120_000,
    })
    return { status, text, json: parsed(text) }
  }
  const watch: Connection['watch'] = async (path, told) => {
    const first = await ask('GET', path)
    for (const item of first.json.items) told({ type: 'ADDED', object: withKind(item, first.json) })
    const stop = new AbortController()
    const query = `watch=1&resourceVersion=${first.json.metadata.resourceVersion}`
    const line = (text: string) => {
      const event = JSON.parse(text) as WatchEvent
      if ((event.type as string) === 'ERROR') throw new Error(`a watch of ${path} ended: ${text}`)
      told(event)
    }
    transport.lines(`${path}?${query}`, line, { signal: stop.signal, idle: IDLE }).catch((error: unknown) => {
      if (!stop.signal.aborted) throw error
    })
    return () => stop.abort()
  }
  const connection: Connection = {
    ask,
    watch,
    exec: (...args) => exec(credentials, ...args),
  }
  const listeners = new Set<(event: WatchEvent) => void>()
  const ends = await Promise.all(
    watched.map(([, path]) =>
      watch(path, (event) => {
        for (const told of listeners) told(event)
      }),
    ),
  )
  const kindnet = await ask('GET', '/apis/apps/v1/namespaces/kube-system/daemonsets/kindnet')
  return {
    name: 'real',
    nodes,
    connection,
    time: realTime(),
    machines: {
      pause: (node) => docker.getContainer(node).pause(),
      resume: (node) => docker.getContainer(node).unpause(),
    },
    policies: kindnet.status === 200,
    listen(told) {
      listeners.add(told)
      return () => listeners.delete(told)
    },
    async close() {
      for (const end of ends) end()
      transport.close()
    },
  }
}

/** Items of a list do not say what they are. */
const withKind = (item: Json, list: Json): Json => ({
  apiVersion: list.apiVersion,
  kind: (list.kind as string).replace(/List$/, ''),
  ...item,
})

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function realTime(): Time {
  const waiting = new Set<() => void>()
  return {
    now: () => Date.now(),
    until: (ready, ms) =>
      new Promise((resolve, reject) => {
        const end = Date.now() + ms
        const done = (is: boolean) => {
          clearInterval(timer)
          waiting.delete(look)
          resolve(is)
        }
        const look = () => {
          try {
            if (ready()) done(true)
            else if (Date.now() >= end) done(false)
          } catch (error) {
            done(false)
            reject(error)
          }
        }
        const timer = setInterval(look, LOOK_AGAIN)
        waiting.add(look)
        look()
      }),
    during: (work) => work,
    beside: (work) => work(),
    changed() {
      for (const look of [...waiting]) look()
    },
  }
}

/** Channels of Kubernetes' remote command protocol over WebSocket, version 5. */
const STDOUT = 1
const STDERR = 2
const ERROR = 3

function exec(
  { server, ca, cert, key }: Credentials,
  namespace: string,
  pod: string,
  container: string,
  command: readonly string[],
): Promise<Ran> {
  const query = new URLSearchParams([
    ['container', container],
    ['stdout', 'true'],
    ['stderr', 'true'],
    ...command.map((part) => ['command', part]),
  ])
  const url = `${server.replace(/^http/, 'ws')}/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query}`
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'v5.channel.k8s.io', { ca, cert, key })
    const said: Record<number, string> = { [STDOUT]: '', [STDERR]: '', [ERROR]: '' }
    socket.on('message', (data: Buffer) => {
      const channel = data[0] ?? 0
      said[channel] = `${said[channel] ?? ''}${data.subarray(1).toString('utf8')}`
    })
    socket.once('error', reject)
    socket.once('unexpected-response', (_, response) => reject(new Error(`exec was answered ${response.statusCode}`)))
    socket.once('close', () => resolve(ranOf(said[STDOUT] ?? '', said[STDERR] ?? '', said[ERROR] ?? '')))
  })
}

function ranOf(stdout: string, stderr: string, status: string): Ran {
  const { status: outcome, message, details } = parsed(status) ?? { status: 'Failure', message: 'no status came' }
  if (outcome === 'Success') return { code: 0, stdout, stderr }
  const code = details?.causes?.find(({ reason }: { reason: string }) => reason === 'ExitCode')?.message
  return code === undefined
    ? { code: -1, stdout, stderr: `${stderr}${message}` }
    : { code: Number(code), stdout, stderr }
}

export type { Answer }
