import { badRequest } from '../../objects/status-error.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { mutateAll, validate } from '../admit.ts'
import { methodNotAllowed } from '../answers.ts'
import type { Api, Call } from '../context.ts'
import type { ApiResponse, ExecOptions } from '../http.ts'
import { isTrue } from '../request-info.ts'
import type { Door } from '../router.ts'
import { containerOf, mustHaveNode, podNamed, runtimeOf } from './pods.ts'

const KINDS: Readonly<Record<string, string>> = {
  exec: 'PodExecOptions',
  attach: 'PodAttachOptions',
  portforward: 'PodPortForwardOptions',
}

/** `pods/<name>/exec`, `attach` and `portforward`: all that is checked before the connection changes its protocol (registry/core/pod, 1.34). */
export const streamsDoor: Door = {
  serves: (group, version, resource, subresource) =>
    group === '' && version === 'v1' && resource === 'pods' && Object.hasOwn(KINDS, subresource),
  handle(api, call): ApiResponse {
    const { request, info } = call
    if (request.method !== 'GET' && request.method !== 'POST') throw methodNotAllowed()
    const { query } = request
    if (query.has('dryRun')) throw badRequest('dryRun is not supported')
    const options = streamOptions(query)
    admitConnection(api, call, {
      ...options,
      container: query.get('container') ?? '',
      command: query.getAll('command'),
    })
    const pod = podNamed(api, info.namespace, info.name)
    if (info.subresource === 'portforward') return forward(api, call, pod)
    const container = containerOf(pod, query.get('container') ?? '')
    mustHaveNode(pod)
    mustUpgrade(call)
    const runtime = runtimeOf(api)
    if (info.subresource === 'attach') {
      return {
        kind: 'upgrade',
        session: { kind: 'attach', options, start: (io) => runtime.attach(pod, container, options, io) },
      }
    }
    const command = query.getAll('command')
    return {
      kind: 'upgrade',
      session: { kind: 'exec', options, start: (io) => runtime.exec(pod, container, command, options, io) },
    }
  },
}

function forward(api: Api, call: Call, pod: ApiObject): ApiResponse {
  mustHaveNode(pod)
  mustUpgrade(call)
  const runtime = runtimeOf(api)
  return { kind: 'upgrade', session: { kind: 'portforward', connect: (port) => runtime.portForward(pod, port) } }
}

function mustUpgrade({ request }: Call): void {
  if ((request.headers.upgrade ?? '') === '') throw badRequest('Upgrade request required')
}

function streamOptions(query: URLSearchParams): ExecOptions {
  return {
    stdin: isTrue(query.get('stdin')),
    stdout: isTrue(query.get('stdout')),
    stderr: isTrue(query.get('stderr')),
    tty: isTrue(query.get('tty')),
  }
}

/** Lets admission see the connection, as an object with its options. */
export function admitConnection(api: Api, call: Call, options: Readonly<Record<string, unknown>>): void {
  const { info, user, warnings } = call
  const kind = { group: '', version: 'v1', kind: KINDS[info.subresource] ?? 'PodProxyOptions' }
  const object: NewObject = { apiVersion: 'v1', kind: kind.kind, metadata: {}, ...options }
  const attributes = {
    operation: 'CONNECT' as const,
    resource: { group: '', resource: info.resource },
    kind,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
    options: {},
    user,
    dryRun: false,
    warn: (text: string) => warnings.add(text),
  }
  mutateAll(api, attributes, object, undefined)
  validate(api, attributes, { ...object, metadata: { name: info.name } } as ApiObject, undefined)
}
