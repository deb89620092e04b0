import type { Backend } from '../../admission/plugin.ts'
import type { Writer } from '../../controllers/writer.ts'
import { formatMicroTime, formatTime } from '../../objects/time.ts'
import type { Kubelet } from '../kubelet.ts'
import { LEASES, NODES } from '../objects.ts'
import { nodeStatus } from './node-status.ts'

/** Seconds for which a node's lease holds. */
const LEASE_SECONDS = 40
/** Milliseconds after which a node tells of itself although nothing is new: `nodeStatusReportFrequency`. */
const STATUS_PERIOD = 300_000

/** How the cluster sees that a node is there: its lease, its status, and the events of its start. */
export class NodePresence {
  readonly #kubelet: Kubelet
  readonly #backend: Backend
  readonly #writer: Writer
  #boots = 0
  #told = Number.NEGATIVE_INFINITY
  #cordoned = false

  constructor(kubelet: Kubelet, backend: Backend, writer: Writer) {
    this.#kubelet = kubelet
    this.#backend = backend
    this.#writer = writer
  }

  get boots(): number {
    return this.#boots
  }

  /** It was there before, and nobody is told that it has come. */
  putBack(boots: number): void {
    this.#boots = boots
    this.#cordoned = (this.#kubelet.node?.spec as { readonly unschedulable?: boolean })?.unschedulable === true
  }

  renewLease(): void {
    const place = { resource: LEASES, namespace: 'kube-node-lease', name: this.#kubelet.name }
    const renewTime = formatMicroTime(this.#backend.clock.now())
    const spec = { holderIdentity: this.#kubelet.name, leaseDurationSeconds: LEASE_SECONDS, renewTime }
    if (this.#backend.store.collection(LEASES)?.get(place.namespace, place.name) !== undefined) {
      this.#writer.update(place, (lease) => ({ ...lease, spec: { ...(lease.spec as object), ...spec } }))
      return
    }
    const metadata = { name: this.#kubelet.name, namespace: place.namespace }
    this.#writer.create(LEASES, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec })
  }

  tellStatus(shuttingDown: boolean): void {
    const { node } = this.#kubelet
    if (node === undefined) return
    this.#tellOfCordon((node.spec as { readonly unschedulable?: boolean }).unschedulable === true)
    const now = this.#backend.clock.now()
    const { status, changed, told } = nodeStatus(node, {
      pressures: this.#kubelet.pressure.pressures,
      ready: shuttingDown
        ? { status: 'False', reason: 'KubeletNotReady', message: 'node is shutting down' }
        : { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
      images: this.#kubelet.images.list(),
      bootId: this.#boots > 1 ? `${this.#kubelet.name}-${this.#boots}` : undefined,
      now: formatTime(now),
    })
    if (!changed && now - this.#told < STATUS_PERIOD) return
    this.#told = now
    const place = { resource: NODES, name: this.#kubelet.name, subresource: 'status' }
    this.#writer.update(place, (existing) => ({ ...existing, status }))
    for (const event of told)
      this.#kubelet.tellOfNode('Normal', event, `Node ${this.#kubelet.name} status is now: ${event}`)
  }

  tellOfStart(): void {
    this.#boots++
    this.#cordoned = false
    if (!this.#kubelet.profile.nodeEvents) return
    this.#kubelet.tellOfNode('Normal', 'Starting', 'Starting kubelet.')
    if (this.#boots > 1) {
      const id = `${this.#kubelet.name}-${this.#boots}`
      this.#kubelet.tellOfNode('Warning', 'Rebooted', `Node ${this.#kubelet.name} has been rebooted, boot id: ${id}`)
    } else {
      for (const reason of ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID']) {
        this.#kubelet.tellOfNode('Normal', reason, `Node ${this.#kubelet.name} status is now: ${reason}`)
      }
    }
    this.#kubelet.tellOfNode('Normal', 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods')
    if (this.#boots === 1)
      this.#kubelet.tellOfNode('Normal', 'NodeReady', `Node ${this.#kubelet.name} status is now: NodeReady`)
  }

  #tellOfCordon(cordoned: boolean): void {
    if (cordoned === this.#cordoned) return
    this.#cordoned = cordoned
    const reason = cordoned ? 'NodeNotSchedulable' : 'NodeSchedulable'
    this.#kubelet.tellOfNode('Normal', reason, `Node ${this.#kubelet.name} status is now: ${reason}`)
  }
}
