import type { Affinity, PodAffinity, PodAffinityTerm, PodSpec, PodStatus, Toleration } from '../kinds/pod/types.ts'
import { LabelSelector, type LabelSelectorObject } from '../objects/label-selector.ts'
import type { Labels } from '../objects/requirement.ts'
import type { ApiObject } from '../objects/types.ts'
import { keyOfObject } from '../storage/key.ts'
import { type PodRequests, RequestReader } from './requests.ts'

export const podSpec = (pod: ApiObject): PodSpec => (pod.spec ?? {}) as PodSpec
export const podStatus = (pod: ApiObject): PodStatus => (pod.status ?? {}) as PodStatus
export const priorityOf = (pod: ApiObject): number => podSpec(pod).priority ?? 0

/** Pods that no selector can tell apart: of the same namespace and labels, and all ending or none. One object for all of them. */
export interface PodGroup {
  readonly namespace: string
  readonly labels: Labels
  readonly ending: boolean
}

/** A Pod affinity term, read. */
export interface AffinityTerm {
  readonly namespaces: ReadonlySet<string>
  readonly selector: LabelSelector
  /** Of namespaces by their labels. */
  readonly namespaceSelector: LabelSelector
  readonly topologyKey: string
  readonly weight: number
}

export interface AffinityTerms {
  readonly required: readonly AffinityTerm[]
  readonly preferred: readonly AffinityTerm[]
  readonly requiredAnti: readonly AffinityTerm[]
  readonly preferredAnti: readonly AffinityTerm[]
}

export interface HostPort {
  readonly ip: string
  /** `TCP/80` */
  readonly port: string
}

/** What scheduling wants to know of a Pod, read once. What most Pods do not have is a shared constant. */
export interface PodInfo {
  readonly pod: ApiObject
  readonly key: string
  readonly requests: PodRequests
  readonly group: PodGroup
  readonly affinity: AffinityTerms | undefined
  readonly ports: readonly HostPort[]
}

const NO_LABELS: Labels = {}
const NO_PORTS: readonly HostPort[] = []
const NO_TERMS: readonly AffinityTerm[] = []
export const NO_TOLERATIONS: readonly Toleration[] = []
/** Groups that are remembered without being asked whether they are in use. */
const MOST_GROUPS = 20_000

/** Reads Pods; remembers what many of them share. */
export class PodReader {
  readonly requests = new RequestReader()
  readonly selectors = new Selectors()
  readonly #groups = new Map<string, PodGroup>()

  read(pod: ApiObject): PodInfo {
    const spec = podSpec(pod)
    return {
      pod,
      key: keyOfObject(pod),
      requests: this.requests.ofPod(pod),
      group: this.#groupOf(pod),
      affinity: this.#termsOf(pod, spec.affinity),
      ports: portsOf(spec),
    }
  }

  #groupOf({ metadata }: ApiObject): PodGroup {
    const { namespace = '', labels = NO_LABELS } = metadata
    const ending = metadata.deletionTimestamp !== undefined
    const key = `${namespace}\n${ending}\n${JSON.stringify(labels)}`
    let group = this.#groups.get(key)
    if (group === undefined) {
      // Groups that are asked for again come again: two objects for one group cost memory, and change nothing.
      if (this.#groups.size >= MOST_GROUPS) this.#groups.clear()
      group = { namespace, labels, ending }
      this.#groups.set(key, group)
    }
    return group
  }

  #termsOf(pod: ApiObject, affinity: Affinity | undefined): AffinityTerms | undefined {
    const { podAffinity, podAntiAffinity } = affinity ?? {}
    if (podAffinity === undefined && podAntiAffinity === undefined) return undefined
    const required = (terms: PodAffinity | undefined): readonly AffinityTerm[] =>
      terms?.requiredDuringSchedulingIgnoredDuringExecution?.map((term) => this.#read(pod, term, 0)) ?? NO_TERMS
    const preferred = (terms: PodAffinity | undefined): readonly AffinityTerm[] =>
      terms?.preferredDuringSchedulingIgnoredDuringExecution?.map(({ weight, podAffinityTerm }) =>
        this.#read(pod, podAffinityTerm, weight),
      ) ?? NO_TERMS
    return {
      required: required(podAffinity),
      preferred: preferred(podAffinity),
      requiredAnti: required(podAntiAffinity),
      preferredAnti: preferred(podAntiAffinity),
    }
  }

  #read(pod: ApiObject, term: PodAffinityTerm, weight: number): AffinityTerm {
    const { namespaces = [], namespaceSelector, labelSelector, topologyKey } = term
    // Without either the Pod's own namespace is meant
    const own = namespaces.length === 0 && namespaceSelector === undefined
    return {
      namespaces: new Set(own ? [pod.metadata.namespace ?? ''] : namespaces),
      selector: this.selectors.of(labelSelector),
      namespaceSelector: this.selectors.of(namespaceSelector),
      topologyKey,
      weight,
    }
  }
}

/** Selectors of stored objects, each read once. */
export class Selectors {
  readonly #known = new WeakMap<object, LabelSelector>()

  of(selector: LabelSelectorObject | undefined): LabelSelector {
    if (selector === undefined) return LabelSelector.nothing
    let known = this.#known.get(selector)
    if (known === undefined) {
      try {
        known = LabelSelector.fromObject(selector)
      } catch {
        // What cannot be read selects nothing
        known = LabelSelector.nothing
      }
      this.#known.set(selector, known)
    }
    return known
  }
}

/** Whether the term means Pods of this group; `labels` are those of the group's namespace. */
export function termMatches(term: AffinityTerm, { namespace, labels }: PodGroup, ofNamespace: Labels): boolean {
  if (!term.namespaces.has(namespace) && !term.namespaceSelector.matches(ofNamespace)) return false
  return term.selector.matches(labels)
}

function portsOf({ containers, initContainers = [] }: PodSpec): readonly HostPort[] {
  const ports: HostPort[] = []
  for (const container of containers ?? []) collectPorts(container, ports)
  for (const container of initContainers) if (container.restartPolicy === 'Always') collectPorts(container, ports)
  return ports.length === 0 ? NO_PORTS : ports
}

function collectPorts({ ports = [] }: NonNullable<PodSpec['containers']>[number], into: HostPort[]): void {
  for (const { hostPort = 0, hostIP, protocol } of ports) {
    if (hostPort > 0) into.push({ ip: hostIP || '0.0.0.0', port: `${protocol || 'TCP'}/${hostPort}` })
  }
}
