import { statusOf } from '../../kinds/pod/status.ts'
import { goQuote } from '../../objects/go-quote.ts'
import { badRequest, notFound, StatusError, serviceUnavailable } from '../../objects/status-error.ts'
import type { ApiObject } from '../../objects/types.ts'
import { plainText } from '../answers.ts'
import type { Api, Call } from '../context.ts'
import type { ApiResponse } from '../http.ts'
import type { Door } from '../router.ts'
import { PODS, podNamed, runtimeOf, specOf } from './pods.ts'
import { admitConnection } from './streams.ts'

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']
const SERVICES = { group: '', resource: 'services' } as const
const NODES = { group: '', resource: 'nodes' } as const
const SLICES = { group: 'discovery.k8s.io', resource: 'endpointslices' } as const
/** The kubelet's. */
const KUBELET_PORT = '10250'

/** `pods|services|nodes/<name>/proxy/…`: a request to what listens there (registry/core's `ProxyREST`s, 1.34). */
export const proxyDoor: Door = {
  serves: (group, version, resource, subresource) =>
    group === '' &&
    version === 'v1' &&
    subresource === 'proxy' &&
    (resource === 'pods' || resource === 'services' || resource === 'nodes'),
  async handle(api, call): Promise<ApiResponse> {
    const { request, info } = call
    if (!METHODS.includes(request.method))
      throw new StatusError(
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource',
        { details: {} },
      )
    if (request.query.has('dryRun')) throw badRequest('dryRun is not supported')
    const path = pathBehind(call)
    admitConnection(api, call, { path })
    if (info.resource === 'nodes') return kubelet(api, call, path)
    const { pod, port } =
      info.resource === 'pods'
        ? podTarget(api, info.namespace, info.name)
        : serviceTarget(api, info.namespace, info.name)
    const query = request.query.toString()
    const answered = await runtimeOf(api).proxy(pod, port, {
      method: request.method,
      path: query === '' ? path : `${path}?${query}`,
      headers: request.headers,
      body: request.body,
      signal: request.signal,
    })
    return { kind: 'whole', ...answered }
  },
}

function pathBehind({ info }: Call): string {
  const rest = info.parts.slice(3).join('/')
  return `/${rest}${rest !== '' && info.path.endsWith('/') ? '/' : ''}`
}

interface Target {
  readonly pod: ApiObject
  readonly port: number
}

/** `name`, `name:port`, `scheme:name:port`, as `SplitSchemeNamePort`. Throws 400. */
function split(id: string, what: string): { readonly name: string; readonly port: string } {
  const parts = id.split(':')
  const [scheme = '', name = '', port = ''] = parts.length === 3 ? parts : ['', ...parts]
  if (
    parts.length > 3 ||
    name === '' ||
    (parts.length === 3 && scheme !== '' && scheme !== 'http' && scheme !== 'https')
  ) {
    throw badRequest(`invalid ${what} request ${goQuote(id)}`)
  }
  return { name, port }
}

function podTarget(api: Api, namespace: string, id: string): Target {
  const { name, port } = split(id, 'pod')
  const pod = podNamed(api, namespace, name)
  if ((statusOf(pod).podIP ?? '') === '') throw badRequest('address not allowed')
  const first = specOf(pod).containers?.find(({ ports = [] }) => ports.length > 0)?.ports?.[0]?.containerPort
  return { pod, port: port === '' ? (first ?? 80) : Number(port) }
}

interface Slice {
  /** Null while there is no Pod. */
  readonly ports: readonly { readonly name?: string; readonly port?: number }[] | null
  readonly endpoints:
    | readonly {
        readonly conditions?: { readonly ready?: boolean }
        readonly targetRef?: { readonly kind?: string; readonly name?: string; readonly namespace?: string }
      }[]
    | null
}

function serviceTarget(api: Api, namespace: string, id: string): Target {
  const { name, port } = split(id, 'service')
  const service = api.backend.store.collection(SERVICES)?.get(namespace, name)
  if (service === undefined) throw notFound(SERVICES, name)
  const wanted = portName(service, name, port)
  const slices = api.backend.store.collection(SLICES)?.list({
    namespace,
    selects: ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name,
  }).items
  if (!slices?.some(({ endpoints }) => ((endpoints ?? []) as readonly unknown[]).length > 0)) {
    throw serviceUnavailable(`no endpoints available for service ${goQuote(name)}`)
  }
  const targets = slices.flatMap((slice) => targetsOf(api, namespace, slice as unknown as Slice, wanted))
  const [first] = targets
  if (first === undefined) throw serviceUnavailable(`no endpoints available for service ${goQuote(id)}`)
  return targets.length === 1 ? first : api.random.pick(targets)
}

/** The name of the port that a number stands for. Throws 503. */
function portName(service: ApiObject, name: string, port: string): string {
  if (!/^[+-]?[0-9]+$/.test(port)) return port
  const { ports = [] } = (service.spec ?? {}) as { ports?: readonly { name?: string; port: number }[] }
  const found = ports.find((one) => one.port === Number(port))
  if (found === undefined) {
    throw serviceUnavailable(`no service port ${Number(port)} found for service ${goQuote(name)}`)
  }
  return found.name ?? ''
}

function targetsOf(api: Api, namespace: string, { ports, endpoints }: Slice, wanted: string): Target[] {
  const port = ports?.find(({ name = '' }) => name === wanted)?.port
  if (port === undefined) return []
  const pods = api.backend.store.collection(PODS)
  return (endpoints ?? []).flatMap(({ conditions, targetRef }) => {
    if (conditions?.ready === false || targetRef?.kind !== 'Pod' || targetRef.name === undefined) return []
    const pod = pods?.get(targetRef.namespace ?? namespace, targetRef.name)
    return pod === undefined ? [] : [{ pod, port }]
  })
}

/** What a kubelet says of itself without anything running in it: that it is there, and which Pods it has. */
function kubelet(api: Api, { request, info }: Call, path: string): ApiResponse {
  const { name, port } = split(info.name, 'node')
  if (api.backend.store.collection(NODES)?.get(undefined, name) === undefined) throw notFound(NODES, name)
  if (port !== '' && port !== KUBELET_PORT) throw unreachable(`${name}:${port}`)
  if (request.method !== 'GET' && request.method !== 'HEAD') return plainText(405, 'Method Not Allowed\n')
  switch (path) {
    case '/healthz':
      return plainText(200, 'ok')
    case '/pods':
    case '/pods/': {
      const pods = [...(api.backend.store.collection(PODS) ?? [])].filter((pod) => specOf(pod).nodeName === name)
      const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods }
      return {
        kind: 'whole',
        status: 200,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(list),
      }
    }
    default:
      return plainText(404, '404 page not found\n')
  }
}

function unreachable(host: string): StatusError {
  return serviceUnavailable(`error trying to reach service: dial tcp ${host}: connect: connection refused`)
}
