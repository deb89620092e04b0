/** Single requests whose status, content type and body are compared. */
import { type Answer, Api, accountOf, clean } from './post.ts'
import type { Side } from './side.ts'

export interface WireCase {
  readonly method: string
  /** `$NS` is a namespace that holds what `setUp` makes. */
  readonly path: string
  readonly accept?: string
  readonly contentType?: string
  readonly body?: unknown
}

const NAMESPACE = 'wire'
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const partial = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
const partialList = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
const pods = '/api/v1/namespaces/$NS/pods'
const maps = '/api/v1/namespaces/$NS/configmaps'
const map = (name: string, data: object = { a: 'b' }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { made: 'wire' } },
  data,
})
const apply = 'application/apply-patch+yaml'
const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'
const json = 'application/json-patch+json'
const get = (path: string, accept?: string): WireCase => ({ method: 'GET', path, ...(accept ? { accept } : {}) })
const patch = (path: string, contentType: string, body: unknown): WireCase => ({
  method: 'PATCH',
  path,
  contentType,
  body,
})

export const wireCases: readonly WireCase[] = [
  ...['one', 'two', 'three'].map((name) => ({ method: 'POST', path: maps, body: map(name) })),
  get('/'),
  get('/api'),
  get('/apis/apps'),
  get('/apis/nothing'),
  get('/apis/apps/v7'),
  get('/healthz'),
  get('/livez/ping'),
  get('/nothing'),
  get('/api/v1/nothing'),
  get('/api/v1/namespaces/$NS/nothing'),
  get('/api/v1/namespaces/$NS/configmaps/one/nothing'),
  get('/api/v1/namespaces/$NS'),
  get('/api/v1/namespaces/missing'),
  get('/api/v1/namespaces/missing/pods'),
  get(`${maps}/one`),
  get(`${maps}/one`, table),
  get(`${maps}/one`, partial),
  get(`${maps}/missing`, table),
  get(maps, table),
  get(maps, partialList),
  get(maps, 'application/yaml'),
  get(`${maps}/one`, 'application/yaml'),
  get(`${maps}/one`, 'text/plain'),
  get(`${maps}/one`, 'application/json;as=Table;v=v2;g=meta.k8s.io'),
  get(`${maps}/one`, `application/json;as=Table;v=v9;g=meta.k8s.io,application/json`),
  get(`${maps}?labelSelector=made%3Dwire&limit=2`),
  get(`${maps}?limit=-1`),
  get(`${maps}?limit=x`),
  get(`${maps}?continue=x`),
  get(`${maps}?labelSelector=a%20b`),
  get(`${maps}?labelSelector=%21%21`),
  get(`${maps}?labelSelector=a%20in%20()`),
  get(`${maps}?fieldSelector=metadata.name%3Done`),
  get(`${maps}?fieldSelector=data.a%3Db`),
  get(`${maps}?fieldSelector=a`),
  get(`${maps}?resourceVersion=x`),
  get(`${maps}?resourceVersionMatch=Exact`),
  get(`${maps}?resourceVersion=0&resourceVersionMatch=Exact`),
  get(`${maps}?resourceVersion=1&resourceVersionMatch=Maybe`),
  get(`${maps}?watch=true&resourceVersion=x`),
  get(`${maps}?watch=true&sendInitialEvents=true`),
  get(`${maps}?watch=true&fieldSelector=metadata.name%3Done&timeoutSeconds=1`),
  get(`${maps}?watch=true&fieldSelector=metadata.name%3Done&timeoutSeconds=1`, table),
  get(`${maps}/one?resourceVersion=99999999999`),
  get('/api/v1/configmaps/one'),
  get('/api/v1/configmaps?labelSelector=made%3Dwire', table),
  get('/api/v1/nodes/missing', table),
  get(`${maps}?includeObject=None`, table),
  get(`${maps}?includeObject=Object&limit=1`, table),
  { method: 'HEAD', path: `${maps}/one` },
  { method: 'OPTIONS', path: maps },
  { method: 'TRACE', path: maps },
  { method: 'PUT', path: maps, body: map('one') },
  { method: 'PATCH', path: maps, contentType: merge, body: {} },
  { method: 'POST', path: `${maps}/one`, body: map('one') },
  { method: 'DELETE', path: `/api/v1/namespaces` },
  { method: 'POST', path: maps, body: '{"kind":' },
  { method: 'POST', path: maps, body: '' },
  { method: 'POST', path: maps, body: '[]' },
  { method: 'POST', path: maps, body: '{}' },
  { method: 'POST', path: maps, body: { kind: 'ConfigMap', metadata: { name: 'short' } } },
  { method: 'POST', path: maps, body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'other' } } },
  { method: 'POST', path: maps, body: { apiVersion: 'apps/v1', kind: 'ConfigMap', metadata: { name: 'other' } } },
  { method: 'POST', path: maps, body: { apiVersion: 'v1', kind: 'List', items: [] } },
  { method: 'POST', path: maps, contentType: 'text/plain', body: map('plain') },
  {
    method: 'POST',
    path: maps,
    contentType: 'application/yaml',
    body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: yaml }\n',
  },
  { method: 'POST', path: maps, contentType: 'application/yaml', body: 'a: b: c' },
  { method: 'POST', path: maps, contentType: 'application/vnd.kubernetes.protobuf', body: 'no protobuf' },
  { method: 'POST', path: `${maps}?dryRun=Some`, body: map('dry') },
  { method: 'POST', path: `${maps}?dryRun=All`, body: map('dry') },
  { method: 'POST', path: `${maps}?fieldValidation=Hard`, body: map('strict') },
  { method: 'POST', path: `${maps}?fieldValidation=Strict`, body: { ...map('strict'), a: 1, b: { c: 2 } } },
  { method: 'POST', path: `${maps}?fieldValidation=Warn`, body: { ...map('warned'), a: 1 } },
  { method: 'POST', path: `${maps}?fieldValidation=Ignore`, body: { ...map('ignored'), a: 1 } },
  {
    method: 'POST',
    path: `${maps}?fieldValidation=Strict`,
    body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},"data":{"a":"1"},"data":{"a":"2"}}',
  },
  { method: 'POST', path: `${maps}?fieldManager=${'m'.repeat(129)}`, body: map('managed') },
  { method: 'POST', path: `${maps}?fieldManager=bad%00name`, body: map('managed') },
  { method: 'POST', path: maps, body: map('one') },
  { method: 'PUT', path: `${maps}/one`, body: map('two') },
  { method: 'PUT', path: `${maps}/new`, body: map('new') },
  { method: 'PUT', path: `${maps}/one`, body: { ...map('one'), metadata: { name: 'one', resourceVersion: '1' } } },
  { method: 'PUT', path: `${maps}/one`, body: { ...map('one'), metadata: { name: 'one', uid: 'x' } } },
  patch(`${maps}/one`, 'application/json', {}),
  patch(`${maps}/one`, merge, { data: { a: null, c: 'd' } }),
  patch(`${maps}/one`, merge, 'x'),
  patch(`${maps}/one`, merge, []),
  patch(`${maps}/one`, merge, { apiVersion: 'v2' }),
  patch(`${maps}/one`, merge, { metadata: { labels: 5 } }),
  patch(`${maps}/one`, strategic, { data: { e: 'f' }, $patch: 'fly' }),
  patch(`${maps}/one`, strategic, { $patch: 'replace', metadata: { name: 'one' }, data: { g: 'h' } }),
  patch(`${maps}/one`, json, [
    { op: 'add', path: '/data/x', value: 'y' },
    { op: 'copy', from: '/data/x', path: '/data/z' },
    { op: 'move', from: '/data/z', path: '/data/w' },
  ]),
  patch(`${maps}/one`, json, [{ op: 'replace', path: '/data/missing', value: 'y' }]),
  patch(`${maps}/one`, json, [{ op: 'add', path: 'data', value: 'y' }]),
  patch(`${maps}/one`, json, [{ op: 'test', path: '/data/x', value: 'z' }]),
  patch(`${maps}/one`, json, { op: 'add' }),
  patch(`${maps}/missing`, merge, { data: {} }),
  patch(`${maps}/applied`, apply, map('applied')),
  patch(`${maps}/applied?fieldManager=f`, apply, map('applied')),
  patch(`${maps}/applied?fieldManager=f`, apply, map('applied', { a: 'c' })),
  patch(`${maps}/applied?fieldManager=g`, apply, map('applied', { a: 'd' })),
  patch(`${maps}/applied?fieldManager=g&force=true`, apply, map('applied', { a: 'd' })),
  patch(`${maps}/applied?fieldManager=g`, apply, { ...map('applied'), metadata: { name: 'other' } }),
  patch(`${maps}/applied?fieldManager=g`, apply, {
    ...map('applied'),
    metadata: { name: 'applied', managedFields: [] },
  }),
  patch(`${maps}/applied?fieldManager=g`, apply, 'x: ['),
  patch(`${maps}/applied?fieldManager=g&force=x`, apply, map('applied')),
  patch(`${maps}/applied?force=true`, merge, {}),
  { method: 'DELETE', path: `${maps}/two?propagationPolicy=Sideways` },
  { method: 'DELETE', path: `${maps}/two`, body: { propagationPolicy: 'Background', orphanDependents: true } },
  { method: 'DELETE', path: `${maps}/two`, body: { preconditions: { uid: 'x' } } },
  { method: 'DELETE', path: `${maps}/two`, body: { preconditions: { resourceVersion: '1' } } },
  { method: 'DELETE', path: `${maps}/two`, body: { gracePeriodSeconds: -1 } },
  { method: 'DELETE', path: `${maps}/two`, body: { dryRun: ['All'] } },
  { method: 'DELETE', path: `${maps}/two` },
  { method: 'DELETE', path: `${maps}/two` },
  { method: 'DELETE', path: `${maps}?labelSelector=made%3Dnothing` },
  { method: 'DELETE', path: `${maps}?labelSelector=made%3Dwire&dryRun=All` },
  { method: 'POST', path: `${pods}/missing/exec?command=x` },
  { method: 'GET', path: `${pods}/missing/log` },
  { method: 'GET', path: `${pods}/missing/log?tailLines=-1` },
  {
    method: 'POST',
    path: `${pods}/missing/eviction`,
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'missing' } },
  },
  {
    method: 'POST',
    path: `${pods}/missing/binding`,
    body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'missing' }, target: { kind: 'Node', name: 'n' } },
  },
  get('/apis/apps/v1/namespaces/$NS/deployments/missing/scale'),
  get('/apis/apps/v1/namespaces/$NS/deployments/missing/status'),
  {
    method: 'PUT',
    path: '/apis/apps/v1/namespaces/$NS/deployments/missing/scale',
    body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'missing' }, spec: { replicas: 1 } },
  },
  {
    method: 'POST',
    path: '/api/v1/namespaces/$NS/serviceaccounts/default/token',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 1 } },
  },
  { method: 'POST', path: '/api/v1/namespaces/$NS/serviceaccounts/missing/token', body: {} },
  { method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body: {} },
  { method: 'GET', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews' },
  { method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: {} },
  { method: 'DELETE', path: maps },
]

export const wireTitle = ({ method, path, accept, contentType, body }: WireCase, index: number): string =>
  [
    `${index + 1}.`,
    method,
    path,
    accept ?? contentType ?? '',
    body === undefined ? '' : JSON.stringify(body).slice(0, 60),
  ]
    .filter((part) => part !== '')
    .join(' ')

/** Sends all requests one after the other. */
export async function sendAll(side: Side): Promise<readonly Answer[]> {
  const api = new Api(side.kubeconfig)
  try {
    await api.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
    await accountOf(api, NAMESPACE)
    const answers: Answer[] = []
    for (const { method, path, accept, contentType, body } of wireCases) {
      const { text, ...reply } = await api.send(method, path.replaceAll('$NS', NAMESPACE), body, contentType, accept)
      answers.push({ what: `${method} ${path}`, ...reply, body: clean(text, NAMESPACE, false) })
    }
    return answers
  } finally {
    api.close()
  }
}
