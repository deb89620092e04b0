import type { Cancel } from '../../clock/clock.ts'
import { isTerminal, statusOf, withCondition } from '../../kinds/pod/status.ts'
import { formatTime } from '../../objects/time.ts'
import type { ApiObject } from '../../objects/types.ts'
import { follow } from '../../storage/follow.ts'
import { type Cluster, CONTROLLER_MANAGER, type Controller } from '../cluster.ts'
import { orElse } from '../namespaces.ts'
import { Writer } from '../writer.ts'
import { NODES, PODS, readyOf, taintsOf } from './node.ts'
import { OUT_OF_SERVICE } from './taints.ts'

/** Milliseconds between looks, and for how long a node has to be gone. */
const PERIOD = 20_000
const QUARANTINE = 40_000

const nodeNameOf = ({ spec }: ApiObject): string => (spec as { readonly nodeName?: string }).nodeName ?? ''
const isEnding = ({ metadata }: ApiObject): boolean => metadata.deletionTimestamp !== undefined

/** Removes Pods that no kubelet will remove: upstream's pod-garbage-collector (1.34). Its clock runs only while there are some. */
export class PodGc implements Controller {
  readonly #cluster: Cluster
  readonly #report: ((error: unknown) => void) | undefined
  readonly #writer: Writer
  /** Nodes that Pods name and that are not there, and since when that is known. */
  readonly #missing = new Map<string, number>()
  #ends: readonly (() => void)[] = []
  #cancel: Cancel | undefined

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    this.#cluster = cluster
    this.#report = report
    this.#writer = new Writer(cluster.backend, CONTROLLER_MANAGER)
  }

  start(): void {
    if (this.#ends.length > 0) return
    const { store, clock } = this.#cluster.backend
    const later = (begin: () => void) => clock.after(0, begin)
    const nodes = store.collection(NODES)
    const pods = store.collection(PODS)
    if (nodes === undefined || pods === undefined) return
    this.#ends = [
      follow(
        nodes,
        ({ type, object }) => {
          if (type === 'DELETED' || isOutOfService(object)) this.#lookLater()
        },
        { later, closed: () => this.#missing.clear() },
      ),
      follow(
        pods,
        ({ type, object }) => {
          if (type !== 'DELETED' && this.#isLeft(object)) this.#lookLater()
        },
        { later },
      ),
    ]
  }

  stop(): void {
    for (const end of this.#ends) end()
    this.#ends = []
    this.#cancel?.()
    this.#cancel = undefined
    this.#missing.clear()
  }

  #node(name: string): ApiObject | undefined {
    return this.#cluster.backend.store.collection(NODES)?.get(undefined, name)
  }

  #isLeft(pod: ApiObject): boolean {
    const name = nodeNameOf(pod)
    if (name === '') return isEnding(pod)
    const node = this.#node(name)
    return node === undefined || (isEnding(pod) && isOutOfService(node))
  }

  #lookLater(): void {
    this.#cancel ??= this.#cluster.backend.clock.after(PERIOD, () => {
      this.#cancel = undefined
      this.#look()
    })
  }

  #look(): void {
    const now = this.#cluster.backend.clock.now()
    const left = [...(this.#cluster.backend.store.collection(PODS) ?? [])].filter((pod) => this.#isLeft(pod))
    const names = new Set(left.map(nodeNameOf))
    for (const name of this.#missing.keys()) if (!names.has(name)) this.#missing.delete(name)
    for (const pod of left) {
      const name = nodeNameOf(pod)
      const orphan = name !== '' && this.#node(name) === undefined
      if (orphan) {
        const since = this.#missing.get(name) ?? now
        this.#missing.set(name, since)
        if (now - since < QUARANTINE) continue
      }
      try {
        this.#remove(pod, orphan)
      } catch (error) {
        this.#report?.(error)
      }
    }
    if (left.length > 0) this.#lookLater()
  }

  /** It is marked as failed first: what counts Pods would else take it to run. */
  #remove(pod: ApiObject, orphan: boolean): void {
    const { backend } = this.#cluster
    const { namespace, name, uid, generation } = pod.metadata
    const now = formatTime(backend.clock.now())
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    } as const
    orElse(() => {
      if (!isTerminal(pod)) {
        this.#writer.update({ resource: PODS, namespace, name, subresource: 'status' }, (live) => {
          const marked = orphan ? withCondition(live, condition, now) : live
          const observed = generation === undefined ? {} : { observedGeneration: generation }
          return { ...marked, status: { ...statusOf(marked), ...observed, phase: 'Failed' } }
        })
      }
      backend.registry(PODS)?.delete(namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } })
    }, 'NotFound')
  }
}

function isOutOfService(node: ApiObject): boolean {
  return readyOf(node)?.status !== 'True' && taintsOf(node).some(({ key }) => key === OUT_OF_SERVICE)
}
