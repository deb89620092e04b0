/** A cluster in a browser's worker: asked by messages, it answers by messages. */
import { type AskOptions, clientOf } from '../../engine/api/testing.ts'
import { realClock } from '../../engine/clock/real-clock.ts'
import { createCluster } from '../../engine/cluster.ts'

export type Question =
  | { readonly id: number; readonly ask: readonly [method: string, path: string, body?: unknown] }
  | { readonly id: number; readonly watch: string; readonly events: number }

interface WorkerScope {
  onmessage: ((message: { readonly data: Question }) => void) | null
  postMessage(answer: unknown): void
}

const scope = globalThis as unknown as WorkerScope
const TOKEN = 'admin'
const client = createCluster({
  clock: realClock(),
  seed: 'worker',
  nodes: 2,
  host: 'localhost',
  port: 6443,
  tokens: new Map([[TOKEN, { username: 'admin', groups: ['system:masters'] }]]),
}).then(({ api }) => clientOf({ handle: (request) => api.handle({ ...request, credentials: { bearerToken: TOKEN } }) }))

scope.onmessage = async ({ data }) => {
  try {
    scope.postMessage({ id: data.id, answer: await answer(data) })
  } catch (error) {
    scope.postMessage({ id: data.id, error: String((error as Error).stack) })
  }
}

async function answer(question: Question): Promise<unknown> {
  const { ask, watch } = await client
  if ('watch' in question) {
    const watching = await watch(question.watch)
    const events = await watching.next(question.events)
    watching.close()
    return events
  }
  const [method, path, body] = question.ask
  const options: AskOptions = {
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  }
  const { status, json } = await ask(method, path, options)
  return { status, json }
}
