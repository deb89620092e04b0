import type { Backend } from '../../admission/plugin.ts'
import { withCondition } from '../../kinds/pod/status.ts'
import { aggregate, type FieldError, notSupported, requiredValue } from '../../objects/field-error.ts'
import { badRequest, conflict, notFound, unclassified } from '../../objects/status-error.ts'
import { formatTime } from '../../objects/time.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { keyOf } from '../../storage/key.ts'
import { checkStored } from '../../storage/preconditions.ts'
import type { ApiResponse } from '../http.ts'
import type { Door } from '../router.ts'
import { received, success } from './creating.ts'

const BINDING = { group: '', version: 'v1', kind: 'Binding' } as const
const PODS = { group: '', resource: 'pods' } as const

interface Binding extends NewObject {
  readonly target?: { readonly kind?: string; readonly name?: string }
}

/** `pods/<name>/binding` and the older `bindings`: puts a Pod on a node (registry/core/pod's `BindingREST`, 1.34). */
export const bindingDoor: Door = {
  serves: (group, version, resource, subresource) =>
    group === '' &&
    version === 'v1' &&
    ((resource === 'pods' && subresource === 'binding') || (resource === 'bindings' && subresource === '')),
  handle(api, call): ApiResponse {
    const legacy = call.info.resource === 'bindings'
    const sent = received(api, call, {
      resource: legacy ? { group: '', resource: 'bindings' } : PODS,
      subresource: legacy ? '' : 'binding',
      kind: BINDING,
    })
    const binding = sent.object as Binding
    const name = legacy ? (binding.metadata.name ?? '') : call.info.name
    if (name !== binding.metadata.name) throw badRequest('name in URL does not match name in Binding object')
    const errors = bindingErrors(binding)
    if (errors.length > 0) throw unclassified(aggregate(errors))
    sent.admit()
    const { metadata, target } = binding
    const { uid, resourceVersion, annotations } = metadata
    const { dryRun } = sent.options
    bindPod(api.backend, call.info.namespace, name, {
      node: target?.name ?? '',
      uid,
      resourceVersion,
      annotations,
      dryRun,
    })
    return success(call)
  },
}

function bindingErrors({ target = {} }: Binding): FieldError[] {
  const { kind = '', name = '' } = target
  return [
    ...(kind === '' || kind === 'Node' ? [] : [notSupported('target.kind', kind, ['Node', '<empty>'])]),
    ...(name === '' ? [requiredValue('target.name')] : []),
  ]
}

export interface BindOptions {
  readonly node: string
  /** The Pod must be this one still. */
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly dryRun?: boolean
}

/** Puts a Pod on a node, as the door does. Throws 404, and 409 for a Pod that has a node or may have none. */
export function bindPod(
  { clock, store }: Pick<Backend, 'clock' | 'store'>,
  namespace: string,
  name: string,
  { node, uid, resourceVersion, annotations, dryRun = false }: BindOptions,
): void {
  const pods = store.collection(PODS)
  const pod = pods?.get(namespace, name)
  if (pods === undefined || pod === undefined) throw notFound(PODS, name)
  const failed = checkStored(PODS, `/registry/pods/${keyOf(namespace, name)}`, pod, {
    uid: uid === '' ? undefined : uid,
    resourceVersion: resourceVersion === '' ? undefined : resourceVersion,
  })
  if (failed !== undefined) throw failed
  const refusal = whyNot(pod)
  if (refusal !== undefined) throw conflict({ group: '', resource: 'pods/binding' }, name, refusal)
  if (dryRun) return
  pods.put(bound(pod, node, annotations, formatTime(clock.now())))
}

function whyNot({ metadata, spec }: ApiObject): string | undefined {
  const { nodeName = '', schedulingGates = [] } = spec as { nodeName?: string; schedulingGates?: unknown[] }
  if (metadata.deletionTimestamp !== undefined) {
    return `pod ${metadata.name} is being deleted, cannot be assigned to a host`
  }
  if (nodeName !== '') return `pod ${metadata.name} is already assigned to node "${nodeName}"`
  if (schedulingGates.length > 0) return `pod ${metadata.name} has non-empty .spec.schedulingGates`
  return undefined
}

function bound(pod: ApiObject, nodeName: string, annotations: BindOptions['annotations'], now: string): ApiObject {
  const scheduled = withCondition(pod, { type: 'PodScheduled', status: 'True' }, now)
  return {
    ...scheduled,
    metadata: {
      ...pod.metadata,
      ...(annotations === undefined ? {} : { annotations: { ...pod.metadata.annotations, ...annotations } }),
    },
    spec: { ...(pod.spec as object), nodeName },
  }
}
