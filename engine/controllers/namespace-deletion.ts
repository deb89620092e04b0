import { formatTime, parseTime } from '../objects/time.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import type { Registry } from '../storage/registry.ts'
import type { Cluster } from './cluster.ts'
import { type NamespaceCondition, updateConditions } from './namespace-conditions.ts'
import { NAMESPACES, orElse } from './namespaces.ts'
import { type Followed, QueueController } from './queue-controller.ts'
import { NotYet } from './work-queue.ts'

const PODS: GroupResource = { group: '', resource: 'pods' }
const FINALIZER = 'kubernetes'
/** Milliseconds before an ending namespace is looked at: a real cluster lets its other servers hear of it first. */
const DELAY = 5_000
/** Seconds that finalizers of others are given before it is looked again. */
const FINALIZERS_TAKE = 15
const BACKOFF = { first: 5, longest: 60_000 }

interface Rest {
  /** Seconds until it is worth to look again; 0 if nothing is left. */
  readonly estimate: number
  readonly remaining: number
  readonly finalizers: ReadonlyMap<string, number>
  readonly failure?: string
}

/**
 * Empties namespaces that are being deleted, Pods first, says in their conditions how far it has come, and lets go of them: the namespace controller
 * (1.34, ordered deletion).
 */
export class NamespaceDeletion extends QueueController {
  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report, backoff: BACKOFF })
  }

  protected follows(): readonly Followed[] {
    return [
      {
        resource: NAMESPACES,
        told: ({ type, object: { metadata } }) => {
          if (type !== 'DELETED' && metadata.deletionTimestamp !== undefined) this.queue.addAfter(metadata.name, DELAY)
        },
      },
    ]
  }

  protected sync(name: string): void {
    const namespace = this.#get(name)
    if (namespace?.metadata.deletionTimestamp === undefined || finalizersOf(namespace).length === 0) return
    this.#change(name, 'status', (now) => ({ ...now, status: { ...(now.status as object), phase: 'Terminating' } }))
    const { estimate, failures, leftovers } = this.#empty(name)
    if (failures.length > leftovers) throw new Error(failures.join(', '))
    if (leftovers > 0) throw new NotYet(failures.join(', '))
    if (estimate > 0) {
      this.queue.addAfter(name, (Math.floor(estimate / 2) + 1) * 1000)
      return
    }
    this.#change(name, 'finalize', (now) => ({
      ...now,
      spec: { ...(now.spec as object), finalizers: finalizersOf(now).filter((one) => one !== FINALIZER) },
    }))
  }

  /** `leftovers`: how many of the failures only say that something is still there, such as Pods that take longer to end. */
  #empty(name: string): { estimate: number; failures: string[]; leftovers: number } {
    const failures: string[] = []
    const resources = new Map<string, number>()
    const finalizers = new Map<string, number>()
    let estimate = 0
    let leftovers = 0
    const remove = (registry: Registry): number => {
      const { resource } = registry.collection
      const rest = this.#removeAll(registry, name)
      estimate = Math.max(estimate, rest.estimate)
      if (rest.failure !== undefined) failures.push(rest.failure)
      if (rest.failure !== undefined && rest.remaining > 0) leftovers++
      if (rest.remaining > 0) resources.set(`${resource.resource}.${resource.group}`, rest.remaining)
      for (const [finalizer, count] of rest.finalizers) {
        finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + count)
      }
      return rest.remaining
    }
    const { backend } = this.cluster
    const pods = backend.registry(PODS)
    if (pods !== undefined && remove(pods) > 0) {
      // As upstream, what is left is not told while Pods end, and that it failed for them is not said to who asks
      this.#tell(name, undefined, failures)
      const failed = failures.map((why) => `failed to delete pods for namespace: ${name}, err: ${why}`)
      return { estimate, failures: failed, leftovers }
    }
    const registries = backend.store.collections.flatMap(({ namespaced, resource }) =>
      namespaced ? (backend.registry(resource) ?? []) : [],
    )
    for (const registry of registries) if (registry !== pods) remove(registry)
    this.#tell(name, { resources, finalizers }, failures)
    return { estimate, failures, leftovers }
  }

  #removeAll(registry: Registry, namespace: string): Rest {
    const { collection } = registry
    const before = collection.list({ namespace }).items
    const grace = this.#graceLeft(collection.resource, before, namespace)
    let failure: string | undefined
    try {
      registry.deleteCollection({ namespace }, { propagationPolicy: 'Background' })
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
    }
    const after = collection.list({ namespace }).items
    const finalizers = new Map<string, number>()
    for (const finalizer of after.flatMap(({ metadata }) => metadata.finalizers ?? [])) {
      finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
    }
    const [left] = after
    if (failure !== undefined) return { estimate: grace, remaining: 0, finalizers: new Map(), failure }
    if (left === undefined) return { estimate: 0, remaining: 0, finalizers }
    const remaining = after.length
    if (grace > 0) return { estimate: grace, remaining, finalizers }
    if (finalizers.size > 0) return { estimate: FINALIZERS_TAKE, remaining, finalizers }
    const { group, resource } = collection.resource
    const version = left.apiVersion.split('/').at(-1) ?? ''
    const where = `${group}/${version}, Resource=${resource}`
    failure = `unexpected items still remain in namespace: ${namespace} for gvr: ${where}`
    return { estimate: 0, remaining, finalizers, failure }
  }

  /** The longest grace among Pods that run, in seconds; 0 once it is over. */
  #graceLeft({ group, resource }: GroupResource, objects: readonly ApiObject[], namespace: string): number {
    if (group !== PODS.group || resource !== PODS.resource) return 0
    let longest = 0
    for (const pod of objects) {
      const { phase } = (pod.status ?? {}) as { readonly phase?: string }
      const { terminationGracePeriodSeconds: grace = 0 } = (pod.spec ?? {}) as {
        readonly terminationGracePeriodSeconds?: number
      }
      if (phase !== 'Succeeded' && phase !== 'Failed') longest = Math.max(longest, grace)
    }
    const since = parseTime(this.#get(namespace)?.metadata.deletionTimestamp ?? '') ?? 0
    return this.cluster.backend.clock.now() - since >= longest * 1000 ? 0 : longest
  }

  #tell(name: string, remains: Parameters<typeof updateConditions>[1], failures: readonly string[]): void {
    const now = formatTime(this.cluster.backend.clock.now())
    this.#change(name, 'status', (namespace) => {
      const status = (namespace.status ?? {}) as { readonly conditions?: readonly NamespaceCondition[] }
      const conditions = updateConditions(status.conditions ?? [], remains, failures, now)
      return { ...namespace, status: { ...status, conditions } }
    })
  }

  #get(name: string): ApiObject | undefined {
    return this.cluster.backend.store.collection(NAMESPACES)?.get(undefined, name)
  }

  #change(name: string, door: 'status' | 'finalize', change: (namespace: ApiObject) => ApiObject): void {
    orElse(() => this.writer.update({ resource: NAMESPACES, name, subresource: door }, change), 'NotFound')
  }
}

function finalizersOf(namespace: ApiObject): readonly string[] {
  return (namespace.spec as { readonly finalizers?: readonly string[] } | undefined)?.finalizers ?? []
}
