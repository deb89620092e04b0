/** A thread that holds clusters: does what the server asks of it, cluster by cluster, each in its turn. */
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { promisify } from 'node:util'
import { parentPort } from 'node:worker_threads'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { realClock } from '../../../../engine/clock/real-clock.ts'
import { makeTemplatesBy } from '../../../../engine/images/postgres/pglite.ts'
import {
  addTemplate,
  decodeTemplate,
  encodeTemplate,
  templateOf,
} from '../../../../engine/images/postgres/templates.ts'
import { Answers } from './answers.ts'
import { Hosted } from './hosted.ts'
import type { Call, Calls, FromThread, ToThread } from './messages.ts'
import { Opener } from './opener.ts'
import { templateFromAThread } from './template-thread.ts'
import { Turns } from './turns.ts'
import { weigh } from './weigh.ts'

/** Before readers' own processes, and after the rest of the server. */
const NICE = 5
/** Of a thread's time, how much one cluster may take in the long run, and how many milliseconds at one go. */
const SHARE = 0.5
const BURST = 3_000

const port = parentPort
if (port === null) throw new Error('This program runs as a thread of the lab server.')

comeAfterTheServer()

const clock = realClock()
makeTemplatesBy(() => templateFromAThread(clock))
const turns = new Turns({
  now: () => performance.now(),
  soon(first, second) {
    setImmediate(first)
    setImmediate(second)
  },
  after: (ms, call) => clock.after(ms, call),
  share: SHARE,
  burst: BURST,
})
const answers = new Map<string, Answers>()
const clusters = new Map<string, Promise<Hosted>>()
const aborts = new Map<number, AbortController>()
const opener = new Opener()

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

const tell = (message: FromThread): void => port.postMessage(message)

async function clusterOf(id: string): Promise<Hosted> {
  const hosted = await clusters.get(id)
  if (hosted === undefined) throw new Error(`there is no cluster ${id} in this thread`)
  return hosted
}

interface Caller {
  readonly signal: AbortSignal
  onLines(lines: readonly string[]): void
}

function answersOf(cluster: string): Answers {
  const made = new Answers()
  answers.set(cluster, made)
  return made
}

const does: { [C in Call]: (order: Calls[C]['order'], caller: Caller) => Promise<Calls[C]['result']> } = {
  async create(order) {
    const made = Hosted.create(order, {
      clock,
      share: turns.share(),
      answers: answersOf(order.cluster),
      report: (error) => tell({ kind: 'trouble', cluster: order.cluster, message: messageOf(error) }),
    })
    clusters.set(order.cluster, made)
    try {
      const { kubeconfig, keys } = await made
      return { kubeconfig, keys }
    } catch (error) {
      clusters.delete(order.cluster)
      throw error
    }
  },
  async open({ cluster, command }) {
    await (await clusterOf(cluster)).open(opener, command)
    return null
  },
  ask: async (order, { signal, onLines }) => (await clusterOf(order.cluster)).ask(order, signal, onLines),
  forward: async (order, { signal }) => (await clusterOf(order.cluster)).forward(order, signal),
  async node({ cluster, node, to }) {
    const hosted = await clusterOf(cluster)
    hosted.setNode(node, to)
    return null
  },
  snapshot: async ({ cluster }) => (await clusterOf(cluster)).snapshot(),
  async restore({ cluster, snapshot }) {
    const hosted = await clusterOf(cluster)
    await hosted.restore(snapshot)
    return null
  },
  async marks() {
    const all = await Promise.all(
      [...clusters].map(async ([id, made]) => [id, (await made.catch(() => undefined))?.mark] as const),
    )
    return new Map(all.flatMap(([id, mark]) => (mark === undefined ? [] : [[id, mark]])))
  },
  write: async ({ cluster }) => (await clusterOf(cluster)).write(),
  async template({ id }) {
    const template = templateOf(id)
    return template === undefined ? null : deflate(encodeTemplate(template))
  },
  async learnTemplate({ template }) {
    addTemplate(decodeTemplate(await inflate(template)))
    return null
  },
  async dispose({ cluster }) {
    const made = clusters.get(cluster)
    clusters.delete(cluster)
    answers.delete(cluster)
    const hosted = await made?.catch(() => undefined)
    await hosted?.close()
    return null
  },
  ping: async () => null,
  weigh: async () => weigh(new Map([...answers].map(([cluster, { recent }]) => [cluster, recent]))),
}

async function carryOut<C extends Call>(kind: C, call: number, order: Calls[C]['order']): Promise<void> {
  const abort = new AbortController()
  aborts.set(call, abort)
  try {
    const onLines = (lines: readonly string[]) => tell({ kind: 'lines', call, lines })
    tell({ kind: 'result', call, result: await does[kind](order, { signal: abort.signal, onLines }) })
  } catch (error) {
    tell({ kind: 'failure', call, message: messageOf(error) })
  } finally {
    aborts.delete(call)
  }
}

port.on('message', (message: ToThread) => {
  if (message.kind === 'abort') aborts.get(message.call)?.abort(new Error('Nobody waits for it any more.'))
  else void carryOut(message.kind, message.call, message.order)
})

// One cluster's mistake must not end the others in this thread.
process.on('uncaughtException', (error) => tell({ kind: 'trouble', cluster: '', message: messageOf(error) }))
process.on('unhandledRejection', (error) => tell({ kind: 'trouble', cluster: '', message: messageOf(error) }))

/** What is typed is shown before clusters work on, where there are not processors enough for both: a thread of its own has a priority of its own. */
function comeAfterTheServer(): void {
  try {
    const [, , thread] = readlinkSync('/proc/thread-self').split('/')
    setPriority(Number(thread), NICE)
  } catch {
    // Not on Linux: all are equal
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
