import type { Pod } from '../../kinds/pod/status.ts'
import type { LabelSelector } from '../../objects/label-selector.ts'
import { withMetadata } from '../../storage/metadata.ts'
import { type ControllerRevision, History, type HistoryTools, says } from '../history/history.ts'
import { PODS } from '../pod-control/pod-control.ts'
import { templateHash } from '../pod-control/template-hash.ts'
import { HASH_LABEL } from './daemon-pod.ts'
import { DAEMON_SETS, type DaemonSet } from './types.ts'

export interface Revisions {
  /** What Pods of the present template have as their label. */
  readonly hash: string
  readonly old: readonly ControllerRevision[]
}

/** What a daemon was before: the history part of the DaemonSet controller (1.34). */
export class DaemonRevisions {
  readonly #tools: HistoryTools
  readonly #history: History

  constructor(tools: HistoryTools) {
    this.#tools = tools
    this.#history = new History(tools)
  }

  /** Throws if another template has the same hash; it is another one the next time. */
  of(set: DaemonSet, selector: LabelSelector, pods: readonly Pod[]): Revisions {
    const all = this.#history.of(set, selector).map((one) => this.#withHash(one))
    const { template } = set.spec
    const same = all.filter((one) => says(one, template))
    const old = all.filter((one) => !same.includes(one))
    const number = old.reduce((latest, { revision }) => Math.max(latest, revision), 0) + 1
    const kept = same.at(-1)
    if (kept === undefined) return { hash: hashOf(this.#snapshot(set, number)), old }
    for (const other of same.slice(0, -1)) this.#history.remove(other)
    if (same.length > 1) this.#relabel(pods, hashOf(kept))
    if (kept.revision < number) this.#history.renumber(kept, number)
    return { hash: hashOf(kept), old }
  }

  /** Removes the earliest that no Pod is of, if there are more than are to be remembered. */
  forget({ spec }: DaemonSet, { old }: Revisions, pods: readonly Pod[]): void {
    const live = new Set(pods.map(({ metadata }) => metadata.labels?.[HASH_LABEL]))
    let surplus = old.length - (spec.revisionHistoryLimit ?? 10)
    for (const one of old) {
      if (surplus <= 0) return
      if (live.has(hashOf(one))) continue
      this.#history.remove(one)
      surplus--
    }
  }

  #withHash(one: ControllerRevision): ControllerRevision {
    const { labels, name } = one.metadata
    if (labels?.[HASH_LABEL] !== undefined) return one
    return this.#history.change(one, (now) => withMetadata(now, { labels: { ...labels, [HASH_LABEL]: name } }))
  }

  #snapshot(set: DaemonSet, revision: number): ControllerRevision {
    const { template } = set.spec
    const hash = templateHash(template, set.status?.collisionCount)
    const { namespace, name: owner } = set.metadata
    const name = `${owner}-${hash}`
    try {
      return this.#history.create(set, template, { name, labels: { [HASH_LABEL]: hash }, revision })
    } catch (error) {
      const there = this.#history.taken(set, name, error)
      if (says(there, template)) return there
      const place = { resource: DAEMON_SETS, namespace, name: owner, subresource: 'status' }
      this.#tools.writer.update(place, (now) => {
        const { status } = now as DaemonSet
        return { ...now, status: { ...status, collisionCount: (status?.collisionCount ?? 0) + 1 } }
      })
      throw error
    }
  }

  #relabel(pods: readonly Pod[], hash: string): void {
    for (const { metadata } of pods) {
      if (metadata.labels?.[HASH_LABEL] === hash) continue
      const { namespace, name } = metadata
      this.#tools.writer.update({ resource: PODS, namespace, name }, (now) =>
        withMetadata(now, { labels: { ...now.metadata.labels, [HASH_LABEL]: hash } }),
      )
    }
  }
}

const hashOf = ({ metadata }: ControllerRevision): string => metadata.labels?.[HASH_LABEL] ?? ''
