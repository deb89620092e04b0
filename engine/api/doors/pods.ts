import { badRequest, internalError, notFound } from '../../objects/status-error.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { Api } from '../context.ts'
import type { NodeRuntime } from '../runtime.ts'
import { goList } from './go-list.ts'

export const PODS = { group: '', resource: 'pods' } as const

interface PodSpec {
  readonly nodeName?: string
  /** Null in a Pod that has none. */
  readonly containers?: readonly Container[] | null
  readonly initContainers?: readonly Container[]
  readonly ephemeralContainers?: readonly Container[]
}

export interface Container {
  readonly name: string
  readonly ports?: readonly { readonly containerPort: number; readonly name?: string }[]
}

export function specOf(pod: ApiObject): PodSpec {
  return (pod.spec ?? {}) as PodSpec
}

/** Throws 404. */
export function podNamed(api: Api, namespace: string, name: string): ApiObject {
  const pod = api.backend.store.collection(PODS)?.get(namespace, name)
  if (pod === undefined) throw notFound(PODS, name)
  return pod
}

/** The container that is meant: the only one where none is named. Throws 400 for one that is not there, or if there are several to choose from. */
export function containerOf(pod: ApiObject, asked: string): string {
  const { initContainers = [], ephemeralContainers = [], ...spec } = specOf(pod)
  const containers = spec.containers ?? []
  const { name } = pod.metadata
  const all = [...initContainers, ...containers, ...ephemeralContainers].map((container) => container.name)
  if (asked !== '') {
    if (all.includes(asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${name}`)
  }
  const [first] = containers
  if (first !== undefined && containers.length === 1) return first.name
  const start = `a container name must be specified for pod ${name}`
  throw badRequest(first === undefined ? start : `${start}, choose one of: ${goList(all)}`)
}

/** Throws 400 for a Pod that is on no node. */
export function mustHaveNode(pod: ApiObject): void {
  const { nodeName = '' } = specOf(pod)
  if (nodeName === '') throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
}

/** Throws 500, as for nodes that do not answer. */
export function runtimeOf({ runtime }: Api): NodeRuntime {
  if (runtime === undefined) throw internalError('error dialing backend: nothing runs on the nodes of this cluster')
  return runtime
}
