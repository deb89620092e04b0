import { afterEach, expect, it, vi } from 'vitest'
import { encodeTemplate, templateOf, templatesIn } from './images/postgres/templates.ts'
import type { ApiObject } from './objects/types.ts'
import { type Bench, bench } from './snapshot.testing.ts'
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts'

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
const STATEFUL_SETS = '/apis/apps/v1/namespaces/default/statefulsets'
const SERVICES = '/api/v1/namespaces/default/services'
const PODS = '/api/v1/namespaces/default/pods'

const benches: Bench[] = []
afterEach(async () => {
  for (const { stop, clock, wrong } of benches.splice(0)) {
    await stop()
    expect(clock.pending).toBe(0)
    expect(wrong).toEqual([])
  }
})

async function started(start?: number): Promise<Bench> {
  const made = await bench(start)
  benches.push(made)
  return made
}

const metadata = (name: string) => ({ name, labels: { app: name } })

function deployment(name: string, replicas: number, container: object) {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: { containers: [{ name, ...container }] } }
  const spec = { replicas, selector: { matchLabels: labels }, template }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: metadata(name), spec }
}

function statefulSet(name: string, container: object, mountPath: string, replicas = 1) {
  const labels = { app: name }
  const volumeMounts = [{ name: 'data', mountPath }]
  const template = {
    metadata: { labels },
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name, volumeMounts, ...container }] },
  }
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }
  const spec = {
    serviceName: name,
    replicas,
    selector: { matchLabels: labels },
    template,
    volumeClaimTemplates: [claim],
  }
  return { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: metadata(name), spec }
}

const service = (name: string, port: number) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata(name),
  spec: { selector: { app: name }, ports: [{ port }] },
})

const pod = (name: string, container: object, rest: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: metadata(name),
  spec: { terminationGracePeriodSeconds: 1, containers: [{ name, image: 'busybox:1.36', ...container }], ...rest },
})

const PODINFO = {
  image: 'ghcr.io/stefanprodan/podinfo:6.9.1',
  ports: [{ containerPort: 9898 }],
  readinessProbe: { httpGet: { path: '/readyz', port: 9898 }, periodSeconds: 2 },
}
const SHELL = { command: ['sh', '-c', 'echo begun; exec sleep 100000'] }

interface Status {
  readonly phase?: string
  readonly podIP?: string
  readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  readonly containerStatuses?: readonly {
    readonly restartCount: number
    readonly ready: boolean
    readonly containerID?: string
    readonly state: object
  }[]
}

const isReady = ({ status }: ApiObject) =>
  (status as Status).conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true
const allReady = (made: Bench, count: number) => () => made.pods().length === count && made.pods().every(isReady)

const restarts = (pod: object | undefined): number =>
  (pod as { readonly status?: Status } | undefined)?.status?.containerStatuses?.[0]?.restartCount ?? Number.NaN

/** What is seen of Pods, all of it but versions. */
function seen(pods: readonly ApiObject[]) {
  return pods.map(({ metadata, spec, status }) => {
    const { resourceVersion: _, managedFields: __, ...rest } = metadata
    return { metadata: rest, spec, status }
  })
}

/** Endpoints by Service, sorted. */
async function addresses(made: Bench, name: string): Promise<readonly string[]> {
  const { items } = await made.get(
    `/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D${name}`,
  )
  return items
    .flatMap(({ endpoints = [] }) => endpoints ?? [])
    .flatMap(({ addresses }: { addresses: string[] }) => addresses)
    .sort()
}

const CONTACTS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'contacts.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'contacts', singular: 'contact', kind: 'Contact' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}

/** A lab's cluster: an app behind a Service, a database and a cache with data, files, a node that is switched off. */
async function furnished(): Promise<Bench> {
  const made = await started()
  await made.clock.step(20_000)
  await made.post(DEPLOYMENTS, deployment('web', 3, PODINFO))
  await made.post(SERVICES, service('web', 9898))
  await made.post(STATEFUL_SETS, statefulSet('files', { image: 'busybox:1.36', ...SHELL }, '/data', 2))
  await made.post(STATEFUL_SETS, statefulSet('cache', { image: 'redis:8.0' }, '/data'))
  await made.post(PODS, pod('lone', SHELL, { volumes: [{ name: 'own', emptyDir: {} }] }))
  await made.until(allReady(made, 7))
  await made.exec('files-0', 'sh', '-c', 'echo first > /data/note; ln /data/note /data/again; chmod 600 /data/note')
  await made.exec('cache-0', 'redis-cli', 'set', 'greeting', 'hello')
  await made.exec('lone', 'sh', '-c', 'echo mine > /etc/mine; rm /etc/group')
  return made
}

async function wreck(made: Bench): Promise<void> {
  const { cluster, clock } = made
  await made.exec('cache-0', 'redis-cli', 'set', 'greeting', 'gone')
  await made.exec('files-0', 'sh', '-c', 'rm /data/*')
  await made.remove(`${DEPLOYMENTS}/web`)
  await made.remove(`${STATEFUL_SETS}/files`)
  await made.remove(`${SERVICES}/web`)
  await made.post(DEPLOYMENTS, deployment('other', 4, { image: 'nginx:1.26' }))
  await made.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', CONTACTS)
  await clock.step(3000)
  await made.post('/apis/example.com/v1/namespaces/default/contacts', {
    apiVersion: 'example.com/v1',
    kind: 'Contact',
    metadata: { name: 'ada' },
  })
  cluster.workloads?.nodes.stop('worker')
  await clock.step(10_000)
  for (const { metadata } of made.pods()) await made.remove(`${PODS}/${metadata.name}?gracePeriodSeconds=0`)
  await made.remove('/api/v1/namespaces/default/persistentvolumeclaims/data-files-0')
  await clock.step(20_000)
}

async function asBefore(made: Bench, before: ReturnType<typeof seen>): Promise<void> {
  expect(seen(made.pods())).toEqual(before)
  await made.clock.step(60_000)
  // Nothing has restarted, nothing is another, and probes say what they said
  expect(seen(made.pods())).toEqual(before)
  expect(await made.exec('files-0', 'cat', '/data/note', '/data/again')).toBe('first\nfirst')
  expect(await made.exec('files-0', 'stat', '-c', '%a', '/data/again')).toBe('600')
  expect(await made.exec('cache-0', 'redis-cli', 'get', 'greeting')).toBe('hello')
  expect(await made.exec('lone', 'cat', '/etc/mine')).toBe('mine')
  expect(await made.exec('lone', 'ls', '/etc/group')).toContain('No such file')
  expect(await made.exec('lone', 'wget', '-qO-', 'http://web:9898/healthz')).toContain('OK')
  expect(await addresses(made, 'web')).toEqual(
    made
      .pods()
      .filter(({ metadata }) => metadata.labels?.app === 'web')
      .map(({ status }) => (status as Status).podIP)
      .sort(),
  )
}

it('puts a wrecked cluster back as it was: objects, runs, addresses, data', async () => {
  const made = await furnished()
  const before = seen(made.pods())
  const snapshot = made.cluster.snapshot()
  const watch = await made.watch(`${PODS}?watch=1&resourceVersion=${snapshot.objects.resourceVersion}`)
  await wreck(made)
  expect(made.pods().map(({ metadata }) => metadata.name)).not.toContain('files-0')
  const version = made.cluster.api.backend.store.version
  made.cluster.restore(snapshot)
  expect(made.cluster.api.backend.store.version).toBeGreaterThan(version)
  const told = await watch.next(10_000)
  expect(told.at(-1)).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
  await asBefore(made, before)
  const { nodes } = made.cluster.workloads ?? {}
  expect(nodes?.names().map((name) => nodes.state(name))).toEqual(
    nodes?.names().map(() => ({ running: true, cutOff: false, slowness: 1 })),
  )
  await expect(made.get('/apis/example.com/v1/namespaces/default/contacts')).rejects.toThrow('404')
})

it('goes on: a Pod that is lost comes again, with a name and an address of its own', async () => {
  const made = await furnished()
  const snapshot = made.cluster.snapshot()
  await wreck(made)
  made.cluster.restore(snapshot)
  const names = made.pods().map(({ metadata }) => metadata.name)
  const ips = made.pods().map(({ status }) => (status as Status).podIP)
  const [lost = ''] = names.filter((name) => name.startsWith('web-'))
  await made.remove(`${PODS}/${lost}`)
  await made.patch(`${DEPLOYMENTS}/web`, { spec: { replicas: 5 } })
  await made.clock.step(5000)
  await made.until(allReady(made, 9))
  const fresh = made.pods().filter(({ metadata }) => !names.includes(metadata.name))
  expect(fresh).toHaveLength(3)
  for (const { status } of fresh) {
    const { podIP } = status as Status
    expect(ips.filter((ip) => ip === podIP && ip !== undefined)).toEqual([])
  }
  expect(new Set(made.pods().map(({ metadata }) => metadata.uid)).size).toBe(9)
  await made.patch(`${STATEFUL_SETS}/files`, { spec: { replicas: 1 } })
  await made.until(allReady(made, 8))
  await made.remove(`${PODS}/files-0`)
  await made.clock.step(3000)
  await made.until(allReady(made, 8))
  expect(await made.exec('files-0', 'cat', '/data/note')).toBe('first')
})

it('is the same cluster in a fresh one, from bytes', async () => {
  const made = await furnished()
  const before = seen(made.pods())
  const bytes = encodeSnapshot(made.cluster.snapshot())
  await made.stop()
  const fresh = await started(made.clock.now())
  await fresh.clock.step(5000)
  fresh.cluster.restore(decodeSnapshot(bytes))
  await asBefore(fresh, before)
  await fresh.patch(`${DEPLOYMENTS}/web`, { spec: { replicas: 5 } })
  await fresh.clock.step(5000)
  await fresh.until(allReady(fresh, 9))
  expect(new Set(fresh.pods().map(({ metadata }) => metadata.uid)).size).toBe(9)
})

it('keeps nodes that are off, cut off or slow as they are, and what they know', async () => {
  const made = await started()
  await made.clock.step(20_000)
  const on = (name: string, nodeName: string) => pod(name, SHELL, { nodeName, tolerations: [{ operator: 'Exists' }] })
  for (const [name, node] of [
    ['off', 'worker'],
    ['apart', 'worker2'],
    ['slow', 'control-plane'],
  ] as const) {
    await made.post(PODS, on(name, node))
  }
  await made.until(allReady(made, 3))
  const controls = () => made.cluster.workloads?.nodes
  controls()?.slow('control-plane', 4, 20)
  controls()?.stop('worker')
  controls()?.setCutOff('worker2', true)
  await made.clock.step(70_000)
  const states = () => ['worker', 'worker2', 'control-plane'].map((node) => controls()?.state(node))
  const [before, known] = [states(), seen(made.pods())]
  const ready = async () => {
    const { items } = await made.get('/api/v1/nodes')
    return items.map(({ status }: ApiObject) => (status as Status).conditions?.at(-1)?.status)
  }
  const readiness = await ready()
  expect(readiness).toContain('Unknown')
  const snapshot = decodeSnapshot(encodeSnapshot(made.cluster.snapshot()))

  controls()?.slow('control-plane', 1)
  controls()?.start('worker')
  controls()?.setCutOff('worker2', false)
  await made.clock.step(30_000)
  for (const name of ['off', 'apart', 'slow']) await made.remove(`${PODS}/${name}?gracePeriodSeconds=0`)
  await made.clock.step(5000)
  made.cluster.restore(snapshot)
  expect(states()).toEqual(before)
  await made.clock.step(20_000)
  expect(await ready()).toEqual(readiness)
  expect(seen(made.pods())).toEqual(known)

  // A node that comes back finds its Pods as any that was off; one that is no longer cut off tells that nothing has happened
  controls()?.start('worker')
  controls()?.setCutOff('worker2', false)
  await made.until(() => made.pods().every(isReady))
  expect(Object.fromEntries(made.pods().map((one) => [one.metadata.name, restarts(one)]))).toEqual({
    off: 1,
    apart: 0,
    slow: 0,
  })
})

it('keeps what is over, what waits to be tried again, and what both said', async () => {
  const made = await started()
  await made.clock.step(20_000)
  const said = 'echo said; exit'
  // A token is signed in the machine's own time, and here the clock's seconds count
  const bare = { automountServiceAccountToken: false }
  await made.post(PODS, pod('done', { command: ['sh', '-c', `${said} 0`] }, { ...bare, restartPolicy: 'Never' }))
  await made.post(PODS, pod('crashing', { command: ['sh', '-c', `${said} 3`] }, bare))
  await made.post(PODS, pod('missing', { image: 'nowhere.example/none:1' }, bare))
  await made.clock.step(40_000)
  const before = seen(made.pods())
  const logs = await made.logs('done')
  expect(logs).toBe('said\n')
  const snapshot = made.cluster.snapshot()
  for (const name of ['done', 'crashing', 'missing']) await made.remove(`${PODS}/${name}?gracePeriodSeconds=0`)
  await made.clock.step(1000)
  made.cluster.restore(snapshot)
  await made.clock.step(200)
  expect(seen(made.pods())).toEqual(before)
  expect(await made.logs('done')).toBe(logs)
  await made.clock.step(75_000)
  const crashing = made.pods().find(({ metadata }) => metadata.name === 'crashing')
  const earlier = before.find(({ metadata }) => metadata.name === 'crashing')
  // Its back-off goes on as well, at 20 s or more: from the beginning it would have been tried at least three times by now
  expect([1, 2]).toContain(restarts(crashing) - restarts(earlier))
})

it('ends what was about to end', async () => {
  const made = await started()
  await made.clock.step(20_000)
  const stubborn = { command: ['sh', '-c', 'trap "" TERM; while true; do sleep 1; done'] }
  await made.post(PODS, pod('ending', stubborn, { terminationGracePeriodSeconds: 60 }))
  await made.until(allReady(made, 1))
  await made.remove(`${PODS}/ending`)
  await made.clock.step(2000)
  const snapshot = made.cluster.snapshot()
  await made.remove(`${PODS}/ending?gracePeriodSeconds=0`)
  made.cluster.restore(snapshot)
  expect(made.pods()).toHaveLength(1)
  await made.clock.step(5000)
  expect(made.pods()).toEqual([])
})

async function withRows() {
  const made = await started()
  await made.clock.step(20_000)
  const env = [
    { name: 'POSTGRES_PASSWORD', value: 'secret' },
    { name: 'PGDATA', value: '/data/db' },
  ]
  await made.post(STATEFUL_SETS, statefulSet('db', { image: 'postgres:17', env }, '/data'))
  await made.until(allReady(made, 1))
  const sql = sqlOf(made)
  await made.until(async () => (await sql('SELECT 1')) === '1')
  await sql('CREATE TABLE notes (text text)')
  await sql("INSERT INTO notes VALUES ('first'), ('second')")
  return { made, sql, snapshot: made.cluster.snapshot() }
}

const sqlOf =
  ({ exec }: Bench) =>
  (text: string) =>
    exec('db-0', 'psql', '-U', 'postgres', '-tAc', text)

it('has the rows of a PostgreSQL that were there', { timeout: 60_000 }, async () => {
  const { made, sql, snapshot } = await withRows()
  await sql('DROP TABLE notes')
  made.cluster.restore(decodeSnapshot(encodeSnapshot(snapshot)))
  await made.until(async () => (await sql('SELECT count(*) FROM notes')) === '2')
  await sql("INSERT INTO notes VALUES ('third')")
  expect(await sql('SELECT count(*) FROM notes')).toBe('3')
  expect(restarts(made.pods()[0])).toBe(0)
})

it('has them in another process, if the template of the database comes along', { timeout: 60_000 }, async () => {
  const { made, snapshot } = await withRows()
  const [id, ...others] = templatesIn(snapshot)
  expect(others).toEqual([])
  const own = templateOf(id ?? '')
  const template = own ? encodeTemplate(own) : new Uint8Array(0)
  const bytes = encodeSnapshot(snapshot)
  // As little of this process as can be: programs anew, and with them another template
  vi.resetModules()
  const another = await import('./snapshot.testing.ts')
  const theirs = await import('./images/postgres/templates.ts')
  const { loadPglite } = await import('./images/postgres/pglite.ts')
  expect((await loadPglite()).template.id).not.toBe(id)
  const fresh = await another.bench(made.clock.now())
  benches.push(fresh)
  await fresh.clock.step(1000)
  theirs.addTemplate(theirs.decodeTemplate(template))
  const { decodeSnapshot: decoded } = await import('./snapshot.ts')
  fresh.cluster.restore(decoded(bytes))
  const sql = sqlOf(fresh)
  await fresh.until(async () => (await sql('SELECT count(*) FROM notes')) === '2')
  await sql('CREATE DATABASE more')
  expect(await sql('SELECT count(*) FROM pg_database')).toBe('4')
})

it('refuses what is no snapshot', () => {
  expect(() => decodeSnapshot(new TextEncoder().encode('{"objects": {}}, and more bytes'))).toThrow(
    'These bytes are no snapshot of a cluster that is known here.',
  )
})
