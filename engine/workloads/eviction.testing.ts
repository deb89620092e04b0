import { setImmediate, setTimeout } from 'node:timers/promises'
import { clientOf } from '../api/testing.ts'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { createCluster } from '../cluster.ts'
import { images } from '../images/all.ts'
import { workloads } from './workloads.ts'

const TOKEN = 'administrator'
const ADMINISTRATOR = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }
/** Milliseconds after which a node that is not heard of is given up, and a little more. */
const GRACE = 60_000
const REPLICAS = 4

export interface Eviction {
  /** What the node, its Pods and their owner said, each thing once, in the order in which it was first said. */
  readonly told: readonly string[]
  /** Names of nodes that the Deployment's Pods ran on before, and on which they run after. */
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** Milliseconds of the machine's time that the wait has taken. */
  readonly took: number
}

/** Loses a node under a Deployment whose Pods bear that for so many seconds: kube-apiserver's own 300 if nothing is said. */
export async function loseNode(tolerationSeconds?: number): Promise<Eviction> {
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1), settle: () => setImmediate() })
  const cluster = await createCluster({
    clock,
    seed: 'eviction',
    nodes: 3,
    host: '127.0.0.1',
    port: 6443,
    authority: 'authority',
    tokens: new Map([[TOKEN, ADMINISTRATOR]]),
    workloads: workloads({ images, addons: {}, preloaded: ['busybox:1.36'] }),
  })
  const { ask } = clientOf(cluster.api)
  const labels = { app: 'web' }
  const unreachable = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' }
  const template = {
    metadata: { labels },
    spec: {
      terminationGracePeriodSeconds: 1,
      // A token is signed in the machine's time: what is told in five minutes of the clock's would depend on it.
      automountServiceAccountToken: false,
      ...(tolerationSeconds === undefined ? {} : { tolerations: [{ ...unreachable, tolerationSeconds }] }),
      containers: [{ name: 'web', image: 'busybox:1.36', command: ['sleep', '100000'] }],
    },
  }
  const body = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas: REPLICAS, selector: { matchLabels: labels }, template },
  }
  const list = async (path: string) => (await ask('GET', path, { token: TOKEN })).json.items
  /** On which nodes each of the Pods runs. */
  const places = async (): Promise<string[]> => {
    const pods = await list('/api/v1/namespaces/default/pods?labelSelector=app%3Dweb')
    const running = pods.filter(
      (pod: { status: { phase: string }; metadata: { deletionTimestamp?: string } }) =>
        pod.status.phase === 'Running' && pod.metadata.deletionTimestamp === undefined,
    )
    return running.map((pod: { spec: { nodeName: string } }) => pod.spec.nodeName).sort()
  }
  const nodes = async (): Promise<string[]> => [...new Set(await places())]
  await ask('POST', '/apis/apps/v1/namespaces/default/deployments', { token: TOKEN, body })
  // The first start of an image loads its programs, which takes time of the machine and none of the cluster's.
  for (let tries = 0; tries < 200 && (await places()).length < REPLICAS; tries++) {
    await clock.step(1_000)
    await setTimeout(10)
  }
  const before = await nodes()
  const lost = clock.now()
  const begun = performance.now()
  cluster.workloads?.nodes.stop('worker')
  await clock.step(GRACE + (tolerationSeconds ?? 300) * 1000)
  const took = performance.now() - begun
  const after = await nodes()
  const told = (await list('/api/v1/namespaces/default/events'))
    .filter((event: { firstTimestamp: string | null }) => Date.parse(event.firstTimestamp ?? '') >= lost)
    .map((event: { involvedObject: { kind: string }; reason: string; metadata: { resourceVersion: string } }) => ({
      version: Number(event.metadata.resourceVersion),
      text: `${event.involvedObject.kind} ${event.reason}`,
    }))
    .sort((one: { version: number }, other: { version: number }) => one.version - other.version)
    .map(({ text }: { text: string }) => text)
  cluster.stop()
  return { told: [...new Set<string>(told)], before, after, took }
}
