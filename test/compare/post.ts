/** Posts manifests to a side and takes down what it answers. */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { isDeepStrictEqual } from 'node:util'
import { load } from 'js-yaml'
import { normalise } from './normalise.ts'
import type { Case, Manifest } from './objects/cases.ts'

export interface Answer {
  /** `dry run`, `create`, `get`, `delete`, `change: <name>`. */
  readonly what: string
  readonly status: number
  readonly contentType: string
  readonly warnings: readonly string[]
  /** Normalised. */
  readonly body: unknown
}

interface Reply {
  status: number
  contentType: string
  warnings: string[]
  text: string
}

export class Api {
  private readonly server: URL
  private readonly userAgent: string
  private readonly agent: Agent
  private readonly token: string | undefined

  /** `userAgent`: by which the API server names the manager of the fields that are written. */
  constructor(kubeconfig: string, userAgent = 'compare/1.0') {
    this.userAgent = userAgent
    const config = load(readFileSync(kubeconfig, 'utf8')) as Kubeconfig
    const cluster = config.clusters[0]?.cluster
    const user = config.users[0]?.user
    if (!cluster || !user) throw new Error(`${kubeconfig} has no cluster or no user`)
    const decoded = (text: string | undefined) => (text ? Buffer.from(text, 'base64') : undefined)
    this.server = new URL(cluster.server)
    this.token = user.token
    this.agent = new Agent({
      keepAlive: true,
      maxSockets: 8,
      ca: decoded(cluster['certificate-authority-data']),
      cert: decoded(user['client-certificate-data']),
      key: decoded(user['client-key-data']),
    })
  }

  send(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
    accept = 'application/json',
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string> = { 'user-agent': this.userAgent, accept }
      if (this.token) headers.authorization = `Bearer ${this.token}`
      const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
      if (text !== undefined) {
        headers['content-type'] = contentType
        headers['content-length'] = String(Buffer.byteLength(text))
      }
      const sent = request(new URL(path, this.server), { method, headers, agent: this.agent }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            warnings: warningsOf(response.rawHeaders),
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        )
      })
      sent.once('error', reject)
      sent.end(text)
    })
  }

  close(): void {
    this.agent.destroy()
  }
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data'?: string } }[]
  users: { user: { token?: string; 'client-certificate-data'?: string; 'client-key-data'?: string } }[]
}

const warningsOf = (raw: readonly string[]) =>
  raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === 'warning')

/** Plural names of kinds that are not served: a request for them is one to nowhere. */
const nowhere: Record<string, string> = { Pot: 'pots' }

/** Where objects of a kind are posted to, by discovery. */
export async function collections(api: Api): Promise<(manifest: Manifest, namespace: string) => string> {
  const served = new Map<string, { name: string; namespaced: boolean }>()
  const add = async (path: string, version: string) => {
    const { text } = await api.send('GET', path)
    const list = JSON.parse(text) as {
      resources: { name: string; kind: string; namespaced: boolean; group?: string }[]
    }
    for (const resource of list.resources) {
      const only = resource.name.includes('/') ? resource.name === 'bindings' : true
      if (only && !resource.group) served.set(`${version} ${resource.kind}`, resource)
    }
  }
  await add('/api/v1', 'v1')
  const groups = JSON.parse((await api.send('GET', '/apis')).text) as {
    groups: { name: string; versions: { groupVersion: string }[] }[]
  }
  await Promise.all(
    groups.groups
      // Others are of other tests, and may go while they are asked for
      .filter(({ name }) => !name.includes('example.org') && name !== 'metrics.k8s.io')
      .flatMap(({ versions }) => versions.map(({ groupVersion }) => add(`/apis/${groupVersion}`, groupVersion))),
  )
  return (manifest, namespace) => {
    const { apiVersion, kind } = manifest as { apiVersion: string; kind: string }
    const known = served.get(`${apiVersion} ${kind}`) ??
      [...served].find(([key]) => key.endsWith(` ${kind}`))?.[1] ?? { name: nowhere[kind] ?? kind, namespaced: true }
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    return known.namespaced ? `${root}/namespaces/${namespace}/${known.name}` : `${root}/${known.name}`
  }
}

/** All answers to a case. What it makes is gone afterwards. */
export async function post(
  { manifest: template, updates, unordered }: Case,
  api: Api,
  collectionOf: (manifest: Manifest, namespace: string) => string,
  namespace: string,
): Promise<Answer[]> {
  const here = (text: Manifest) => JSON.parse(JSON.stringify(text).replaceAll('$NS', namespace)) as Manifest
  const manifest = here(template)
  const answers: Answer[] = []
  const say = (what: string, { status, contentType, warnings, text }: Reply) => {
    answers.push({ what, status, contentType, warnings, body: clean(text, namespace, unordered) })
  }
  const collection = collectionOf(manifest, namespace)
  if (updates.length === 0) say('dry run', await api.send('POST', `${collection}?dryRun=All`, manifest))
  const created = await api.send('POST', collection, manifest)
  say('create', created)
  const name = created.status === 201 ? nameOf(created.text) : undefined
  const path = name && `${collection}/${encodeURIComponent(name)}`
  if (path) await settled(api, path, manifest)
  for (const update of updates) {
    if (!path) break
    const changed = here(update.manifest)
    const target = `${collectionOf(changed, namespace)}/${path.slice(collection.length + 1)}`
    say(`change: ${update.name}`, await api.send('PUT', target, changed))
    await settled(api, path, manifest)
  }
  if (path) {
    say('get', await api.send('GET', path))
    const gone = { propagationPolicy: 'Background', gracePeriodSeconds: 0 }
    const deleted = await api.send('DELETE', path, gone)
    say('delete', deleted)
    // Nobody is there who would let go of it
    const release = [{ op: 'remove', path: '/metadata/finalizers' }]
    await api.send('PATCH', path, release, 'application/json-patch+json')
    if (manifest.kind === 'Namespace') await api.send('PUT', `${path}/finalize`, { ...manifest, spec: {} })
    await removed(api, path)
  }
  return answers
}

/** Deletion of namespaces and definitions goes on after its answer; in ms. */
const GONE_MS = 15_000

interface Settling {
  readonly metadata: { readonly generation?: number; readonly finalizers?: readonly string[] }
  readonly spec: { readonly hard?: object }
  readonly status?: {
    readonly hard?: object
    readonly observedGeneration?: number
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

/** Of what a controller writes to an object soon after each write: whether it has. */
const done: Record<string, (object: Settling) => boolean> = {
  CustomResourceDefinition: ({ status }) =>
    status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True') ?? false,
  ValidatingAdmissionPolicy: ({ metadata, status }) => status?.observedGeneration === metadata.generation,
  ResourceQuota: ({ spec, status }) => isDeepStrictEqual(spec.hard, status?.hard),
  PersistentVolume: ({ metadata }) => metadata.finalizers !== undefined,
  PersistentVolumeClaim: ({ metadata }) => metadata.finalizers !== undefined,
}

/** Waits until controllers have had their turn; not for ever, as a wrong object may never get one. */
async function settled(api: Api, path: string, { kind }: Manifest): Promise<void> {
  const isDone = done[kind as string]
  if (!isDone) return
  for (const begun = Date.now(); Date.now() - begun < GONE_MS; ) {
    const { status, text } = await api.send('GET', path)
    if (status !== 200 || isDone(JSON.parse(text) as Settling)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function removed(api: Api, path: string): Promise<void> {
  for (const begun = Date.now(); Date.now() - begun < GONE_MS; ) {
    const { status } = await api.send('GET', path)
    if (status !== 200) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const nameOf = (text: string) => (JSON.parse(text) as { metadata?: { name?: string } }).metadata?.name

/** Addresses and numbers that servers choose. */
const chosen = [
  [/"continue":"[\w-]+"/g, '"continue":"<continue>"'],
  [/current: \d+/g, 'current: <version>'],
  [/in record \(\d+\)/g, 'in record (<version>)'],
  [/(\\+"resourceVersion\\+":\\+")\d+/g, '$1<version>'],
  [/"(clusterIP|healthCheckNodePort|nodePort)":("10\.96\.[\d.]+"|3\d{4})/g, '"$1":"<chosen>"'],
  [/"clusterIPs":\["10\.96\.[\d.]+"\]/g, '"clusterIPs":["<chosen>"]'],
  [/"pod-[bcdfghjklmnpqrstvwxz2456789]{5}"/g, '"pod-<random>"'],
  [/(Bad!)[bcdfghjklmnpqrstvwxz2456789]{5}/g, '$1<random>'],
] as const

export function clean(text: string, namespace: string, unordered: boolean): unknown {
  let result = text
  // First: the other rules would leave numbers that are no JSON
  for (const [pattern, replacement] of chosen) result = result.replace(pattern, replacement)
  result = normalise(result, { namespace, folder: '\0' })
  try {
    // The order of an object's fields means nothing to anybody
    return inOrder(JSON.parse(result, sortedKeys) as Body, unordered)
  } catch {
    return result
  }
}

/** Managers too: their order is that of seconds in which they wrote. */
const sortedKeys = (name: string, value: unknown): unknown =>
  name === 'managedFields' && Array.isArray(value)
    ? sorted(value)
    : typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value

interface Body {
  message?: string
  details?: { causes?: unknown[] }
  status?: string | { resourceRules?: unknown[]; nonResourceRules?: unknown[] }
}

const sorted = (list: readonly unknown[]) => [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

/** Lists in which upstream keeps no order, put into one. */
function inOrder(body: Body, unordered: boolean): Body {
  if (typeof body.status === 'object') {
    const { resourceRules, nonResourceRules } = body.status
    if (!resourceRules || !nonResourceRules) return body
    const status = { ...body.status, resourceRules: sorted(resourceRules), nonResourceRules: sorted(nonResourceRules) }
    return { ...body, status }
  }
  if (!unordered || !body.details?.causes) return body
  // The message says the same once more
  return {
    ...body,
    message: body.message?.replace(/\[.*/s, '[…]') ?? '',
    details: { ...body.details, causes: sorted(body.details.causes) },
  }
}

/** Without its default ServiceAccount a namespace takes no Pods. */
export async function accountOf(api: Api, namespace: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { status } = await api.send('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)
    if (status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`namespace ${namespace} has got no ServiceAccount`)
}
