import type { Cancel } from '../../clock/clock.ts'
import { EventRecorder } from '../../events/recorder.ts'
import type { Taint } from '../../kinds/core/node.ts'
import { withCondition } from '../../kinds/pod/status.ts'
import type { PodSpec, Toleration } from '../../kinds/pod/types.ts'
import { deepEqual } from '../../objects/equal.ts'
import { formatTime } from '../../objects/time.ts'
import type { ApiObject } from '../../objects/types.ts'
import { toleratesTaint } from '../../scheduler/taints.ts'
import type { ObjectEvent } from '../../storage/event.ts'
import { follow } from '../../storage/follow.ts'
import { keyOfObject } from '../../storage/key.ts'
import { type Cluster, CONTROLLER_MANAGER, type Controller } from '../cluster.ts'
import { orElse } from '../namespaces.ts'
import { Writer } from '../writer.ts'
import { NODES, PODS, taintsOf } from './node.ts'

const NAME = 'taint-eviction-controller'
const NO_TAINTS: readonly Taint[] = []
const NO_TOLERATIONS: readonly Toleration[] = []

/** A Pod that will have to go. */
interface Sentence {
  readonly since: number
  /** It has no time left, and is not called off any more. */
  readonly isDue: boolean
  readonly stop: Cancel
}

/** Deletes Pods from nodes whose taints they do not tolerate, or not for longer: upstream's taint-eviction-controller (1.34). */
export class TaintEviction implements Controller {
  readonly #cluster: Cluster
  readonly #report: ((error: unknown) => void) | undefined
  readonly #writer: Writer
  readonly #events: EventRecorder
  /** Taints of nodes that drive Pods out. */
  readonly #tainted = new Map<string, readonly Taint[]>()
  readonly #sentences = new Map<string, Sentence>()
  #ends: readonly (() => void)[] = []

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    const { backend } = cluster
    this.#cluster = cluster
    this.#report = report
    this.#writer = new Writer(backend, CONTROLLER_MANAGER)
    this.#events = new EventRecorder(backend, { component: NAME }, CONTROLLER_MANAGER)
  }

  start(): void {
    if (this.#ends.length > 0) return
    const { store, clock } = this.#cluster.backend
    const later = (begin: () => void) => clock.after(0, begin)
    const nodes = store.collection(NODES)
    const pods = store.collection(PODS)
    if (nodes === undefined || pods === undefined) return
    this.#ends = [
      follow(nodes, (event) => this.#nodeChanged(event), { later, closed: () => this.#forget() }),
      follow(pods, (event) => this.#podChanged(event), { later }),
    ]
  }

  stop(): void {
    for (const end of this.#ends) end()
    this.#ends = []
    this.#forget()
  }

  #forget(): void {
    for (const { stop } of this.#sentences.values()) stop()
    this.#sentences.clear()
    this.#tainted.clear()
  }

  #nodeChanged({ type, object }: ObjectEvent): void {
    const { name } = object.metadata
    const taints = type === 'DELETED' ? NO_TAINTS : taintsOf(object).filter(({ effect }) => effect === 'NoExecute')
    const before = this.#tainted.get(name) ?? NO_TAINTS
    if (taints.length === 0) this.#tainted.delete(name)
    else this.#tainted.set(name, taints)
    if (type === 'DELETED' || deepEqual(taints, before)) return
    for (const pod of this.#cluster.backend.store.collection(PODS)?.byIndex('spec.nodeName', name) ?? []) {
      if (taints.length === 0) this.#pardon(keyOfObject(pod))
      else this.#judge(pod, taints)
    }
  }

  #podChanged({ type, object, previous }: ObjectEvent): void {
    if (type === 'DELETED') {
      this.#pardon(keyOfObject(object))
      return
    }
    const spec = object.spec as PodSpec
    const before = previous?.spec as PodSpec | undefined
    // Nothing else about it matters: one that is on its way out is not judged again
    if (before?.nodeName === spec.nodeName && deepEqual(before?.tolerations, spec.tolerations)) return
    const taints = this.#tainted.get(spec.nodeName ?? '')
    if (taints !== undefined) this.#judge(object, taints)
  }

  #judge(pod: ApiObject, taints: readonly Taint[]): void {
    const key = keyOfObject(pod)
    const { tolerations = NO_TOLERATIONS } = pod.spec as PodSpec
    const used = tolerationsFor(taints, tolerations)
    const now = this.#cluster.backend.clock.now()
    if (used === undefined) {
      this.#pardon(key)
      this.#sentence(pod, now, now)
      return
    }
    const seconds = shortest(used)
    if (seconds === undefined) {
      this.#pardon(key)
      return
    }
    const sentence = this.#sentences.get(key)
    if (sentence === undefined || sentence.isDue) {
      this.#sentence(pod, now, now + seconds * 1000)
      return
    }
    // What is left of its time since it began to run out
    if (sentence.since + seconds * 1000 < now + seconds * 1000) return
    this.#pardon(key)
    this.#sentence(pod, sentence.since, now + seconds * 1000)
  }

  #sentence(pod: ApiObject, since: number, at: number): void {
    const key = keyOfObject(pod)
    if (this.#sentences.has(key)) return
    const { clock } = this.#cluster.backend
    const stop = clock.after(at - clock.now(), () => {
      this.#evict(pod)
      this.#sentences.delete(key)
    })
    this.#sentences.set(key, { since, isDue: at <= since, stop })
  }

  #pardon(key: string): void {
    const sentence = this.#sentences.get(key)
    if (sentence === undefined || sentence.isDue) return
    this.#sentences.delete(key)
    sentence.stop()
    this.#tell(key, `Cancelling deletion of Pod ${key}`)
  }

  #evict({ metadata: { namespace, name, generation } }: ApiObject): void {
    const { backend } = this.#cluster
    this.#tell(`${namespace}/${name}`, `Marking for deletion Pod ${namespace}/${name}`)
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    } as const
    const now = formatTime(backend.clock.now())
    try {
      orElse(() => {
        const place = { resource: PODS, namespace, name, subresource: 'status' }
        this.#writer.update(place, (pod) => withCondition(pod, condition, now))
        backend.registry(PODS)?.delete(namespace, name)
      }, 'NotFound')
    } catch (error) {
      this.#report?.(error)
    }
  }

  /** It names Pods without their uid. */
  #tell(key: string, message: string): void {
    const [namespace = '', name = ''] = key.split('/')
    this.#events.normal(
      { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name } },
      'TaintManagerEviction',
      message,
    )
  }
}

/** Those that tolerate the taints, or undefined if one is not tolerated. */
function tolerationsFor(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
): readonly Toleration[] | undefined {
  const used: Toleration[] = []
  for (const taint of taints) {
    const found = tolerations.find((toleration) => toleratesTaint(toleration, taint))
    if (found === undefined) return undefined
    used.push(found)
  }
  return used
}

/** Seconds; undefined for ever. */
function shortest(tolerations: readonly Toleration[]): number | undefined {
  const limits = tolerations.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? [])
  return limits.length === 0 ? undefined : Math.max(0, Math.min(...limits))
}
