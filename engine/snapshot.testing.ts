import { setImmediate } from 'node:timers/promises'
import type { ProcessIo } from './api/http.ts'
import { clientOf, type WatchClient } from './api/testing.ts'
import { VirtualClock } from './clock/virtual-clock.ts'
import { type Cluster, createCluster } from './cluster.ts'
import { images } from './images/all.ts'
import type { ApiObject } from './objects/types.ts'
import { workloads } from './workloads/workloads.ts'

const TOKEN = 'administrator'
const ADMINISTRATOR = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }
const PRELOADED = ['busybox:1.36', 'ghcr.io/stefanprodan/podinfo:6.9.1', 'redis:8.0', 'postgres:17', 'nginx:1.26']

/** A whole cluster of three nodes, and what a test does with it. All of the same seed. */
export interface Bench {
  readonly clock: VirtualClock
  readonly cluster: Cluster
  /** What went wrong in it that nobody waited for. */
  readonly wrong: unknown[]
  post(path: string, body: object): Promise<void>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came.
  get(path: string): Promise<any>
  remove(path: string): Promise<void>
  patch(path: string, body: object): Promise<void>
  watch(path: string): Promise<WatchClient>
  pods(namespace?: string): readonly ApiObject[]
  /** What a command says in a Pod's first container. */
  exec(pod: string, ...command: string[]): Promise<string>
  logs(pod: string): Promise<string>
  /** Steps the clock until it is so, for a minute of its time at most. */
  until(is: () => unknown): Promise<void>
  stop(): Promise<void>
}

export async function bench(start = Date.UTC(2026, 0, 1)): Promise<Bench> {
  const clock = new VirtualClock({ start, settle: () => setImmediate() })
  const wrong: unknown[] = []
  const planned = workloads({ images, addons: {}, preloaded: PRELOADED })
  const cluster = await createCluster({
    clock,
    seed: 'snapshot',
    nodes: 3,
    host: '127.0.0.1',
    port: 6443,
    authority: 'authority',
    tokens: new Map([[TOKEN, ADMINISTRATOR]]),
    workloads: planned,
    report: (error) => wrong.push(error),
  })
  const client = clientOf(cluster.api)
  const send = async (method: string, path: string, body?: object, type = 'application/json') => {
    const { status, text, json } = await client.ask(method, path, {
      token: TOKEN,
      ...(body === undefined ? {} : { body, headers: { 'content-type': type } }),
    })
    if (status >= 300) throw new Error(`${method} ${path}: ${text}`)
    return json
  }
  const podsOf = (namespace = 'default') => {
    const all = cluster.api.backend.store.collection({ group: '', resource: 'pods' })?.list({ namespace }).items ?? []
    return all.filter(({ metadata }) => metadata.namespace === namespace)
  }
  const named = (name: string): ApiObject => {
    const pod = podsOf().find(({ metadata }) => metadata.name === name)
    if (pod === undefined) throw new Error(`There is no Pod ${name}.`)
    return pod
  }
  const first = (pod: ApiObject) => (pod.spec as { containers: { name: string }[] }).containers[0]?.name ?? ''
  const until = async (is: () => unknown) => {
    for (let tries = 0; tries < 600; tries++) {
      if (await is()) return
      await clock.step(100)
      // What is compiled or signed outside takes time of the machine's own: the more, the longer it has not come
      if (tries % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 20 + tries / 2))
    }
    throw new Error(`It is not so within a minute: ${is}`)
  }
  return {
    clock,
    cluster,
    wrong,
    post: async (path, body) => void (await send('POST', path, body)),
    get: (path) => send('GET', path),
    remove: async (path) => void (await send('DELETE', path)),
    patch: async (path, body) => void (await send('PATCH', path, body, 'application/merge-patch+json')),
    async watch(path) {
      const authorized = { authorization: `Bearer ${TOKEN}` }
      const stop = new AbortController()
      const response = await client.raw('GET', path, { token: TOKEN, headers: authorized }, stop.signal)
      if (response.kind !== 'stream') throw new Error(`${path} is no watch.`)
      const watching = clientOf({ handle: async () => response })
      return watching.watch(path)
    },
    pods: podsOf,
    async exec(name, ...command) {
      const pod = named(name)
      let output = ''
      const take = async (bytes: Uint8Array) => {
        output += new TextDecoder().decode(bytes)
      }
      const silent = { async *[Symbol.asyncIterator]() {} }
      const { signal } = new AbortController()
      const io: ProcessIo = { stdin: silent, stdout: take, stderr: take, sizes: silent, signal }
      const options = { stdin: false, stdout: true, stderr: true, tty: false }
      let over = false
      const running = planned.runtime.exec(pod, first(pod), command, options, io)
      void running.then(
        () => {
          over = true
        },
        () => {
          over = true
        },
      )
      await until(() => over)
      const result = await running
      return 'failure' in result ? result.failure : output.trim()
    },
    async logs(name) {
      const pod = named(name)
      const options = { container: first(pod), follow: false, previous: false, timestamps: false }
      let text = ''
      for await (const chunk of planned.runtime.logs(pod, options as never, new AbortController().signal)) {
        text += new TextDecoder().decode(chunk)
      }
      return text
    },
    until,
    async stop() {
      cluster.stop()
      // Nobody waits for what a program's own promises still have to say
      for (let turn = 0; turn < 30; turn++) await setImmediate()
    },
  }
}
