/**
 * A node for tests: runs the Pods that are bound to it in Docker and writes their status, as a kubelet does. It restarts no
 * container, pulls no image and asks no probe: what the comparison needs, for real, and no more.
 */
import type { Api } from '../post.ts'
import type { PodContainers } from './containers.ts'
import type { Pod } from './pod.ts'
import { podStatus, type States, timestamp } from './status.ts'

/** Milliseconds between two looks at the API server and at Docker. */
const LOOK_EVERY = 200

interface Running {
  pod: Pod
  address: string
  startTime: string
  /** Names of containers that were begun. */
  begun: Set<string>
  /** As last written. */
  status: string
  busy: boolean
}

export class Kubelet {
  private readonly api: Api
  private readonly containers: PodContainers
  private readonly node: string
  private readonly hostAddress: string
  private readonly pods = new Map<string, Running>()
  private closed = false
  private loop: Promise<void> | undefined

  /** `api` must write as `kubelet`: that is the manager of the fields that it writes. */
  constructor(api: Api, containers: PodContainers, node: string, hostAddress: string) {
    this.api = api
    this.containers = containers
    this.node = node
    this.hostAddress = hostAddress
  }

  begin(): void {
    this.loop = this.look()
  }

  async close(): Promise<void> {
    this.closed = true
    await this.loop
    await this.containers.removeAll()
  }

  /** Namespace, name and uid of all Pods that run here. */
  running(): Pod[] {
    return [...this.pods.values()].map(({ pod }) => pod)
  }

  private async look(): Promise<void> {
    while (!this.closed) {
      const { text, status } = await this.api.send('GET', `/api/v1/pods?fieldSelector=spec.nodeName=${this.node}`)
      if (status !== 200) throw new Error(`the node cannot list its Pods: ${text}`)
      const { items } = JSON.parse(text) as { items: Pod[] }
      for (const pod of items) void this.care(pod)
      const there = new Set(items.map(({ metadata }) => metadata.uid))
      for (const uid of this.pods.keys()) if (!there.has(uid)) void this.forget(uid)
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY))
    }
  }

  private async care(pod: Pod): Promise<void> {
    const { uid } = pod.metadata
    const known = this.pods.get(uid)
    if (known?.busy) return
    const running = known ?? this.welcome(pod)
    running.pod = pod
    running.busy = true
    try {
      if (pod.metadata.deletionTimestamp) await this.end(pod)
      else await this.run(running)
    } catch {
      // A Pod may go at any time; the next look shows what has become of it
    } finally {
      running.busy = false
    }
  }

  private welcome(pod: Pod): Running {
    const running = {
      pod,
      address: '',
      startTime: timestamp(Date.now()),
      begun: new Set<string>(),
      status: '',
      busy: false,
    }
    this.pods.set(pod.metadata.uid, running)
    return running
  }

  private async run(running: Running): Promise<void> {
    const { pod, begun } = running
    if (running.address === '') running.address = await this.containers.startSandbox(pod)
    const all = [...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])]
    for (const container of all) {
      if (begun.has(container.name)) continue
      begun.add(container.name)
      await this.containers.start(pod, container)
    }
    const states: States = new Map(
      await Promise.all(all.map(async ({ name }) => [name, await this.containers.state(pod, name)] as const)),
    )
    const status = podStatus(pod, states, { host: this.hostAddress, pod: running.address }, running.startTime)
    const text = JSON.stringify(status)
    if (text === running.status) return
    const { namespace, name, uid } = pod.metadata
    const patch = { metadata: { uid }, status }
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`
    const answer = await this.api.send('PATCH', path, patch, 'application/strategic-merge-patch+json')
    if (answer.status === 200) running.status = text
  }

  private async end(pod: Pod): Promise<void> {
    const { namespace, name, uid } = pod.metadata
    await this.containers.remove(uid)
    const options = { gracePeriodSeconds: 0, preconditions: { uid } }
    await this.api.send('DELETE', `/api/v1/namespaces/${namespace}/pods/${name}`, options)
    this.pods.delete(uid)
  }

  private async forget(uid: string): Promise<void> {
    if (this.pods.get(uid)?.busy) return
    this.pods.delete(uid)
    await this.containers.remove(uid)
  }
}
