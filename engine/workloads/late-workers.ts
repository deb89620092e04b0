import type { Backend } from '../admission/plugin.ts'
import { type Controller, follow } from '../controllers/cluster.ts'
import { NODES, PODS, taintsOf } from '../controllers/nodes/node.ts'
import { Writer } from '../controllers/writer.ts'
import type { PodSpec } from '../kinds/pod/types.ts'
import type { ApiObject } from '../objects/types.ts'

const DEPLOYMENTS = { group: 'apps', resource: 'deployments' }
/** No controller of a cluster without a cloud takes it away, and no addon tolerates it but those that run on every node. */
const NOT_YET = { key: 'node.cloudprovider.kubernetes.io/uninitialized', effect: 'NoSchedule' } as const
/** Milliseconds: workers come even if the addons find no place. */
const AT_LAST = 5000

/**
 * kubeadm's workers join when the addons have long found their places, all of them beside the control plane: a worker that is lost takes no
 * part of the cluster's names along. Here all nodes are there from the beginning, so the workers take nothing until then.
 */
export class LateWorkers implements Controller {
  readonly #backend: Backend
  readonly #writer: Writer
  readonly #workers: readonly string[]
  #ends: readonly (() => void)[] = []

  constructor(backend: Backend, workers: readonly string[]) {
    this.#backend = backend
    this.#writer = new Writer(backend, 'kubelet')
    this.#workers = workers
  }

  start(): void {
    const pods = this.#backend.store.collection(PODS)
    if (this.#ends.length > 0 || this.#workers.length === 0 || pods === undefined) return
    this.#change((taints) => [...taints, NOT_YET])
    this.#ends = [
      this.#backend.clock.after(AT_LAST, () => this.#join()),
      follow(pods, this.#backend, () => {
        if (this.#placed() >= this.#wished()) this.#join()
      }),
    ]
  }

  stop(): void {
    for (const end of this.#ends) end()
    this.#ends = []
  }

  #join(): void {
    this.stop()
    this.#change((taints) => taints.filter(({ key }) => key !== NOT_YET.key))
  }

  #change(by: (taints: ReturnType<typeof taintsOf>) => ReturnType<typeof taintsOf>): void {
    for (const name of this.#workers) {
      const node = this.#backend.store.collection(NODES)?.get(undefined, name)
      if (node === undefined) continue
      const { taints: _, ...spec } = node.spec as Readonly<Record<string, unknown>>
      const taints = by(taintsOf(node))
      this.#writer.put(NODES, node, { ...node, spec: { ...spec, ...(taints.length > 0 && { taints }) } } as ApiObject)
    }
  }

  #wished(): number {
    const all = [...(this.#backend.store.collection(DEPLOYMENTS) ?? [])]
    return all.reduce((sum, { spec }) => sum + ((spec as { replicas?: number }).replicas ?? 1), 0)
  }

  #placed(): number {
    const all = [...(this.#backend.store.collection(PODS) ?? [])]
    return all.filter(
      ({ metadata, spec }) =>
        metadata.ownerReferences?.some(({ kind }) => kind === 'ReplicaSet') && (spec as PodSpec).nodeName !== undefined,
    ).length
  }
}
