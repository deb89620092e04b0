import type { Labels } from '../objects/requirement.ts'
import type { ApiObject } from '../objects/types.ts'
import type { Store } from '../storage/store.ts'
import { NodeInfo, tally } from './node-info.ts'
import { type PodGroup, type PodInfo, PodReader, podSpec } from './pod-info.ts'
import type { ScoreWorld } from './scores.ts'

const NAMESPACES = { group: '', resource: 'namespaces' } as const
const ZONE = 'topology.kubernetes.io/zone'
const REGION = 'topology.kubernetes.io/region'
const NO_LABELS: Labels = {}

/** The nodes and which Pods are on them, as watched and as assumed: kept up to date with each change, never built anew. */
export class Cache implements ScoreWorld {
  readonly store: Store
  readonly reader = new PodReader()
  readonly groups = new Map<PodGroup, number>()
  readonly #nodes = new Map<string, NodeInfo>()
  readonly #images = new Map<string, number>()
  readonly #withAffinity = new Set<NodeInfo>()
  /** On which node each Pod is, by its key. */
  readonly #places = new Map<string, string>()
  #ordered: readonly NodeInfo[] | undefined
  #version = 0

  constructor(store: Store) {
    this.store = store
  }

  get selectors() {
    return this.reader.selectors
  }

  get nodes(): readonly NodeInfo[] {
    this.#ordered ??= byZones([...this.#nodes.values()].filter(({ node }) => node !== undefined))
    return this.#ordered
  }

  get nodesWithAffinity(): Iterable<NodeInfo> {
    return this.#withAffinity
  }

  /** Changes with all that is known here. */
  get version(): number {
    return this.#version
  }

  /** Labels of a namespace are others now. */
  namespaceChanged(): void {
    this.#version++
  }

  /** A node that is there. */
  node(name: string): NodeInfo | undefined {
    const info = this.#nodes.get(name)
    return info?.node === undefined ? undefined : info
  }

  imageNodes(name: string): number {
    return this.#images.get(name) ?? 0
  }

  labelsOf(namespace: string): Labels {
    return this.store.collection(NAMESPACES)?.get(undefined, namespace)?.metadata.labels ?? NO_LABELS
  }

  /** The Pod as it is on a node, if it is on one. */
  placed(key: string): PodInfo | undefined {
    const place = this.#places.get(key)
    return place === undefined ? undefined : this.#nodes.get(place)?.pods.get(key)
  }

  setNode(node: ApiObject): void {
    const info = this.#of(node.metadata.name)
    const zone = info.node === undefined ? undefined : zoneOf(info)
    for (const name of info.images?.keys() ?? []) tally(this.#images, name, -1)
    info.set(node, this.reader.requests)
    for (const name of info.images?.keys() ?? []) tally(this.#images, name, 1)
    if (zone !== zoneOf(info)) this.#ordered = undefined
    this.#note(info)
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name)
    if (info === undefined) return
    for (const image of info.images?.keys() ?? []) tally(this.#images, image, -1)
    info.node = undefined
    info.images = undefined
    this.#ordered = undefined
    this.#note(info)
    this.#dropEmpty(info)
  }

  /** Puts a Pod on the node that it names, or on `node`, in place of what was known of it. */
  place(info: PodInfo, node = podSpec(info.pod).nodeName ?? ''): void {
    this.remove(info.key)
    const on = this.#of(node)
    on.add(info)
    this.#places.set(info.key, node)
    this.#note(on)
  }

  remove(key: string): PodInfo | undefined {
    const place = this.#places.get(key)
    const on = place === undefined ? undefined : this.#nodes.get(place)
    if (on === undefined) return undefined
    this.#places.delete(key)
    const info = on.remove(key)
    this.#note(on)
    this.#dropEmpty(on)
    return info
  }

  clear(): void {
    this.#version++
    this.#nodes.clear()
    this.#images.clear()
    this.#withAffinity.clear()
    this.#places.clear()
    this.#ordered = undefined
  }

  #of(name: string): NodeInfo {
    let info = this.#nodes.get(name)
    if (info === undefined) {
      info = new NodeInfo(name, this.groups)
      this.#nodes.set(name, info)
    }
    return info
  }

  #note(info: NodeInfo): void {
    this.#version++
    if (info.node !== undefined && info.withAffinity.size > 0) this.#withAffinity.add(info)
    else this.#withAffinity.delete(info)
  }

  #dropEmpty(info: NodeInfo): void {
    if (info.node === undefined && info.pods.size === 0) this.#nodes.delete(info.name)
  }
}

const zoneOf = ({ labels }: NodeInfo): string => `${labels[REGION] ?? ''}:\n:${labels[ZONE] ?? ''}`

/** One node of each zone, then the second of each: scheduler's `nodeTree`. */
function byZones(nodes: readonly NodeInfo[]): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>()
  for (const node of nodes) {
    const zone = zones.get(zoneOf(node))
    if (zone === undefined) zones.set(zoneOf(node), [node])
    else zone.push(node)
  }
  if (zones.size < 2) return [...nodes]
  const ordered: NodeInfo[] = []
  for (let round = 0; ordered.length < nodes.length; round++) {
    for (const zone of zones.values()) {
      const node = zone[round]
      if (node !== undefined) ordered.push(node)
    }
  }
  return ordered
}
