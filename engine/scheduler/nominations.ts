import { type PodInfo, podStatus } from './pod-info.ts'

const NONE: readonly PodInfo[] = []

/** Pods that wait for a place on a node which was made for them: scheduler's `nominator`. */
export class Nominations {
  readonly #pods = new Map<string, Map<string, PodInfo>>()
  readonly #places = new Map<string, string>()
  #version = 0

  /** Goes up with each change. */
  get version(): number {
    return this.#version
  }

  on(node: string): readonly PodInfo[] {
    const pods = this.#pods.get(node)
    return pods === undefined ? NONE : [...pods.values()]
  }

  /** The node that is said, or else the one of the Pod's status. */
  set(info: PodInfo, node = podStatus(info.pod).nominatedNodeName ?? ''): void {
    this.remove(info.key)
    if (node === '') return
    this.#version++
    this.#places.set(info.key, node)
    const pods = this.#pods.get(node)
    if (pods === undefined) this.#pods.set(node, new Map([[info.key, info]]))
    else pods.set(info.key, info)
  }

  remove(key: string): void {
    const node = this.#places.get(key)
    if (node === undefined) return
    this.#version++
    this.#places.delete(key)
    const pods = this.#pods.get(node)
    pods?.delete(key)
    if (pods?.size === 0) this.#pods.delete(node)
  }

  clear(): void {
    this.#pods.clear()
    this.#places.clear()
  }
}
