import type { PodTemplateSpec } from '../../kinds/pod/types.ts'
import { semanticallyEqual } from '../../objects/equal.ts'
import type { LabelSelector } from '../../objects/label-selector.ts'
import { StatusError } from '../../objects/status-error.ts'
import { parseTime } from '../../objects/time.ts'
import type { ApiObject, GroupResource, NewObject } from '../../objects/types.ts'
import type { Cluster } from '../cluster.ts'
import { orElse } from '../namespaces.ts'
import { claimed } from '../pod-control/claims.ts'
import { controllerRef } from '../pod-control/controller-ref.ts'
import type { PodControl } from '../pod-control/pod-control.ts'
import type { Writer } from '../writer.ts'

export const CONTROLLER_REVISIONS: GroupResource = { group: 'apps', resource: 'controllerrevisions' }

/** A template as a StatefulSet or DaemonSet had it: a patch, by which clients go back to it. */
export interface ControllerRevision extends ApiObject {
  readonly revision: number
  readonly data: { readonly spec: { readonly template: PodTemplateSpec & { readonly $patch: 'replace' } } }
}

export const dataOf = (template: PodTemplateSpec): ControllerRevision['data'] => ({
  spec: { template: { ...template, $patch: 'replace' } },
})

export function templateOf({ data }: ControllerRevision): PodTemplateSpec {
  const { $patch: _, ...template } = data.spec.template
  return template
}

export const says = (revision: ControllerRevision, template: PodTemplateSpec): boolean =>
  semanticallyEqual(revision.data, dataOf(template))

/** The earliest first. */
export function byRevision(left: ControllerRevision, right: ControllerRevision): number {
  if (left.revision !== right.revision) return left.revision - right.revision
  const [first, second] = [left, right].map(({ metadata }) => parseTime(metadata.creationTimestamp) ?? 0)
  if (first !== second) return (first ?? 0) - (second ?? 0)
  return left.metadata.name < right.metadata.name ? -1 : 1
}

export interface HistoryTools {
  readonly cluster: Cluster
  readonly writer: Writer
  readonly control: PodControl
}

/** The revisions of owners: controller's `history` (1.34). */
export class History {
  readonly #tools: HistoryTools

  constructor(tools: HistoryTools) {
    this.#tools = tools
  }

  /** The owner's, the earliest first; it adopts those that nobody has. */
  of(owner: ApiObject, selector: LabelSelector): ControllerRevision[] {
    const { cluster, writer } = this.#tools
    const all = claimed(cluster, writer, { resource: CONTROLLER_REVISIONS, owner, selector })
    return (all as ControllerRevision[]).sort(byRevision)
  }

  /** Throws 409 if another one has the name. */
  create(
    owner: ApiObject,
    template: PodTemplateSpec,
    named: { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly revision: number },
  ): ControllerRevision {
    const { namespace, annotations } = owner.metadata
    const object: NewObject = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: named.name,
        labels: { ...template.metadata?.labels, ...named.labels },
        ...(annotations === undefined ? {} : { annotations }),
        ownerReferences: [controllerRef(owner)],
      },
      data: dataOf(template),
      revision: named.revision,
    }
    return this.#tools.control.submit(CONTROLLER_REVISIONS, object, namespace) as ControllerRevision
  }

  /** The one that keeps another from being created, if it says the same. */
  taken(owner: ApiObject, name: string, error: unknown): ControllerRevision {
    const { backend } = this.#tools.cluster
    const there = backend.store.collection(CONTROLLER_REVISIONS)?.get(owner.metadata.namespace, name)
    if (there === undefined || !(error instanceof StatusError) || error.reason !== 'AlreadyExists') throw error
    return there as ControllerRevision
  }

  /** Makes it the latest, say. */
  renumber(one: ControllerRevision, revision: number): ControllerRevision {
    return this.change(one, (now) => ({ ...now, revision }))
  }

  change(one: ControllerRevision, change: (now: ControllerRevision) => NewObject): ControllerRevision {
    const { namespace, name } = one.metadata
    const place = { resource: CONTROLLER_REVISIONS, namespace, name }
    return this.#tools.writer.update(place, (now) => change(now as ControllerRevision)) as ControllerRevision
  }

  /** Removes the earliest of those that nobody uses, so that `limit` of them are left. */
  truncate(
    revisions: readonly ControllerRevision[],
    isUsed: (one: ControllerRevision) => boolean,
    limit: number,
  ): void {
    if (limit < 0) return
    const unused = revisions.filter((one) => !isUsed(one)).sort(byRevision)
    for (const one of unused.slice(0, Math.max(0, unused.length - limit))) this.remove(one)
  }

  remove({ metadata: { namespace, name } }: ControllerRevision): void {
    orElse(() => this.#tools.cluster.backend.registry(CONTROLLER_REVISIONS)?.delete(namespace, name), 'NotFound')
  }
}
