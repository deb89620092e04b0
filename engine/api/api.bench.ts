/** What whole requests cost in one process, without HTTP: node engine/api/api.bench.ts */
import { realClock } from '../clock/real-clock.ts'
import { createApiServer } from '../server.ts'
import { type Client, clientOf } from './testing.ts'

const PODS = 5_000
const WATCHERS = 20
const PATH = '/api/v1/namespaces/default/pods'
const JSON_HEADERS = { 'user-agent': 'kube-controller-manager/v1.34.4', 'content-type': 'application/json' }
const AS_TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }

/** A Pod as the ReplicaSet controller creates it. */
function body(index: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `web-7d9c5b8f4-${index.toString(36).padStart(5, '0')}`,
      generateName: 'web-7d9c5b8f4-',
      labels: { app: 'web', 'pod-template-hash': '7d9c5b8f4' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'web-7d9c5b8f4',
          uid: '5f0c6a52-3b6e-4d4e-9c3f-000000000000',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      containers: [
        {
          name: 'podinfo',
          image: 'ghcr.io/stefanprodan/podinfo:6.9.1',
          ports: [{ containerPort: 9898, protocol: 'TCP' }],
          resources: { requests: { cpu: '100m', memory: '64Mi' } },
          readinessProbe: { httpGet: { path: '/readyz', port: 9898 } },
        },
      ],
    },
  })
}

async function creates(client: Client, from: number, count: number): Promise<number> {
  const start = performance.now()
  for (let index = from; index < from + count; index++) {
    const answer = await client.raw('POST', PATH, { body: body(index), headers: JSON_HEADERS })
    if (answer.kind !== 'whole' || answer.status !== 201) throw new Error(JSON.stringify(answer))
  }
  return Math.round((count / (performance.now() - start)) * 1000)
}

/** Milliseconds, the best of three: the first makes the encodings. */
async function fastest(ask: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round++) {
    const start = performance.now()
    await ask()
    best = Math.min(best, performance.now() - start)
  }
  return Math.round(best)
}

const client = clientOf(createApiServer({ clock: realClock(), seed: 1 }))
await creates(client, 0, 500)
console.log(`creates of Pods: ${await creates(client, 500, PODS - 500)}/s`)
console.log(`LIST of ${PODS} Pods: ${await fastest(() => client.raw('GET', PATH))} ms`)
console.log(`the same as a table: ${await fastest(() => client.raw('GET', PATH, { headers: AS_TABLE }))} ms`)

let events = 0
let bytes = 0
const stop = new AbortController()
const done = Array.from({ length: WATCHERS }, async () => {
  const answer = await client.raw('GET', `${PATH}?watch=1&resourceVersion=${PODS + 1}`, {}, stop.signal)
  if (answer.kind !== 'stream') throw new Error('no watch')
  for await (const chunk of answer.chunks) {
    bytes += chunk.length
    for (const byte of chunk) if (byte === 10) events++
  }
})
await Promise.resolve()
const rate = await creates(client, PODS, 2_000)
await new Promise((resolve) => setTimeout(resolve, 100))
stop.abort()
await Promise.all(done)
console.log(`creates with ${WATCHERS} watchers: ${rate}/s, ${events} events, ${Math.round(bytes / 1e6)} MB told`)
