/** What storage costs, without HTTP, validation and controllers. Run: node --expose-gc engine/storage/storage.bench.ts */
import { idsFrom } from '../clock/ids.ts'
import { Random } from '../clock/random.ts'
import { realClock } from '../clock/real-clock.ts'
import type { ApiObject, NewObject } from '../objects/types.ts'
import type { Collection } from './collection.ts'
import { eventLine } from './encodings.ts'
import { Registry } from './registry.ts'
import { Store } from './store.ts'

const PODS = 5_000
const WATCHERS = 20

/** A Pod of a Deployment as an API server stores it, defaulted and with its managers: some 2.5 kB. */
function manifest(index: number): NewObject {
  const managed = {
    'f:metadata': { 'f:generateName': {}, 'f:labels': { '.': {}, 'f:app': {}, 'f:pod-template-hash': {} } },
    'f:spec': {
      'f:containers': {
        'k:{"name":"podinfo"}': { '.': {}, 'f:image': {}, 'f:name': {}, 'f:ports': {}, 'f:resources': {} },
      },
      'f:dnsPolicy': {},
      'f:restartPolicy': {},
      'f:schedulerName': {},
    },
  }
  const text = JSON.stringify({
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
          uid: `5f0c6a52-3b6e-4d4e-9c3f-${(index % 50).toString().padStart(12, '0')}`,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: [
        {
          manager: 'kube-controller-manager',
          operation: 'Update',
          apiVersion: 'v1',
          time: '2026-01-01T00:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: managed,
        },
      ],
    },
    spec: {
      containers: [
        {
          name: 'podinfo',
          image: 'ghcr.io/stefanprodan/podinfo:6.9.1',
          ports: [{ containerPort: 9898, protocol: 'TCP' }],
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
          readinessProbe: { httpGet: { path: '/readyz', port: 9898, scheme: 'HTTP' }, periodSeconds: 10 },
          volumeMounts: [{ name: 'token', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
        },
      ],
      volumes: [
        {
          name: 'token',
          projected: {
            defaultMode: 420,
            sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }],
          },
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      securityContext: {},
      schedulerName: 'default-scheduler',
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
    },
    status: { phase: 'Pending', qosClass: 'Burstable' },
  })
  return JSON.parse(text)
}

function cluster() {
  const clock = realClock()
  const store = new Store({ clock })
  const pods = store.add({
    resource: { group: '', resource: 'pods' },
    namespaced: true,
    indexes: { node: ({ spec }) => (spec as { nodeName?: string }).nodeName },
  })
  const strategy = { kind: 'Pod', gracePeriod: (_: ApiObject, asked: number | undefined) => asked ?? 30 }
  return { store, pods, registry: new Registry(pods, strategy, { clock, ids: idsFrom(new Random(1)) }) }
}

function seconds(work: () => void): number {
  const start = performance.now()
  work()
  return (performance.now() - start) / 1000
}

const rate = (count: number, time: number): string => `${Math.round(count / time).toLocaleString('en')}/s`
const print = (what: string, result: string): void => console.log(`${what.padEnd(58)}${result}`)

/** What happens to a Pod until it runs: bound, its containers created, then ready. */
function live(registry: Registry, { metadata }: ApiObject, index: number): void {
  const { namespace, name } = metadata
  const change = (next: (pod: ApiObject) => ApiObject) =>
    registry.update(namespace, name, (pod) => next(pod as ApiObject))
  change((pod) => ({ ...pod, spec: { ...(pod.spec as object), nodeName: `worker-${index % 3}` } }))
  change((pod) => ({ ...pod, status: status('ContainerCreating', false) }))
  change((pod) => ({ ...pod, status: { ...status('Running', true), podIP: `10.244.0.${index % 250}` } }))
}

function status(state: string, ready: boolean) {
  const text = ready ? 'True' : 'False'
  const condition = (type: string) => ({ type, status: text, lastTransitionTime: '2026-01-01T00:00:01Z' })
  return {
    phase: ready ? 'Running' : 'Pending',
    qosClass: 'Burstable',
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
    containerStatuses: [{ name: 'podinfo', ready, restartCount: 0, state: { [state]: {} } }],
  }
}

function creates(): void {
  for (const rounds of [1, 2]) {
    const { registry } = cluster()
    const manifests = Array.from({ length: PODS * rounds }, (_, index) => manifest(index))
    const time = seconds(() => {
      for (const pod of manifests) registry.create(pod, { namespace: 'default' })
    })
    if (rounds === 2) print('creates, in process', rate(manifests.length, time))
  }
}

function lists(): void {
  const { registry, pods, store } = cluster()
  for (let index = 0; index < PODS; index++) registry.create(manifest(index), { namespace: 'default' })
  const milliseconds = (work: () => unknown) => `${(seconds(work) * 1000).toFixed(1)} ms`
  print(
    `list ${PODS.toLocaleString('en')}, objects`,
    milliseconds(() => pods.list({ namespace: 'default' })),
  )
  const encode = () => JSON.stringify(pods.list({ namespace: 'default' }).items).length
  print(`list ${PODS.toLocaleString('en')}, as JSON`, milliseconds(encode))
  const parts = () => {
    let next: string | undefined
    do next = pods.list({ limit: 500, continue: next }).continue
    while (next !== undefined)
  }
  print('the same in parts of 500', milliseconds(parts))
  const version = String(store.version)
  for (let index = 0; index < 1000; index++) live(registry, [...pods.list({ limit: 1 }).items][0] as ApiObject, index)
  print(
    'the same as it was some 2,000 changes ago',
    milliseconds(() => pods.list({ resourceVersion: version, resourceVersionMatch: 'Exact' })),
  )
  const snapshot = store.snapshot()
  const json = JSON.stringify(snapshot)
  print(
    'restore it, from objects',
    milliseconds(() => store.restore(snapshot)),
  )
  print(
    'restore it, from JSON',
    milliseconds(() => store.restore(JSON.parse(json))),
  )
}

async function fanOut(): Promise<void> {
  const { registry, pods, store } = cluster()
  let events = 0
  let bytes = 0
  const count = (line: number) => {
    events++
    bytes += line
  }
  for (let index = 0; index < WATCHERS; index++) reading(pods, count)
  const start = performance.now()
  for (let index = 0; index < PODS; index++) {
    live(registry, registry.create(manifest(index), { namespace: 'default' }), index)
    if (index % 8 === 0) await Promise.resolve()
  }
  await Promise.resolve()
  const time = (performance.now() - start) / 1000
  print(`events to ${WATCHERS} watchers, encoded, writes included`, rate(events, time))
  print('', `${Math.round(bytes / time / 1e6)} MB/s, ${rate(events / WATCHERS, time)} writes`)

  function reading(from: Collection, told: (bytes: number) => void): void {
    const watch = from.watch({ resourceVersion: String(store.version) })
    watch.listen(() => {
      for (const event of watch.take()) {
        if (event.type === 'ERROR') throw event.error
        if (event.type !== 'BOOKMARK') told(eventLine(store.encodings, event).length)
      }
    })
  }
}

function memory(): void {
  const { gc } = globalThis as { gc?: () => void }
  if (gc === undefined) {
    print('memory of a Pod', 'run with --expose-gc')
    return
  }
  const used = () => {
    gc()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const before = used()
  const { registry, pods } = cluster()
  for (let index = 0; index < PODS; index++) registry.create(manifest(index), { namespace: 'default' })
  print('memory of a Pod, created', kilobytes(used() - before))
  for (const [index, pod] of [...pods].entries()) live(registry, pod, index)
  const after = used()
  print('memory of a Pod, running, with the history', kilobytes(after - before))
  print('', `${pods.size.toLocaleString('en')} Pods, ${pods.historySize.toLocaleString('en')} changes kept`)
}

const kilobytes = (bytes: number): string => `${(bytes / PODS / 1000).toFixed(1)} kB`

memory()
creates()
lists()
await fanOut()
print('size of a Pod as JSON', `${(JSON.stringify(manifest(0)).length / 1000).toFixed(1)} kB`)
