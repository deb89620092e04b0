import type { EventRecorder } from '../../events/recorder.ts'
import { deepEqual } from '../../objects/equal.ts'
import { StatusError } from '../../objects/status-error.ts'
import type { NewObject } from '../../objects/types.ts'
import { withMetadata } from '../../storage/metadata.ts'
import type { Cluster } from '../cluster.ts'
import { orElse } from '../namespaces.ts'
import { withCondition } from '../pod-control/conditions.ts'
import { controllerRef, isControlledBy } from '../pod-control/controller-ref.ts'
import { endsWithNamespace, messageOf, type PodControl } from '../pod-control/pod-control.ts'
import { templateHash } from '../pod-control/template-hash.ts'
import { REPLICA_SETS } from '../replicaset/replica-controller.ts'
import type { Writer } from '../writer.ts'
import {
  byRevision,
  HASH_LABEL,
  latestRevision,
  newSetAnnotations,
  newSetOf,
  REVISION,
  sameTemplate,
} from './revisions.ts'
import { newSize, sizeAnnotations } from './sizes.ts'
import { condition, hasDeadline, hasHistoryLimit, PROGRESSING, progressOf, type Sets, written } from './status.ts'
import {
  actualOf,
  DEPLOYMENTS,
  type Deployment,
  type DeploymentStatus,
  oldestFirst,
  type ReplicaSet,
  sizeOf,
} from './types.ts'

/** Characters of the longest name. */
const LONGEST_NAME = 253

export interface Tools {
  readonly cluster: Cluster
  readonly writer: Writer
  readonly control: PodControl
}

/** A Deployment on which work is done, with what is done to it and its ReplicaSets. What it shows is always as last written. */
export class Workbench {
  readonly #tools: Tools
  #deployment: Deployment
  readonly #replicaSets: Map<string, ReplicaSet>

  constructor(tools: Tools, deployment: Deployment, replicaSets: readonly ReplicaSet[]) {
    this.#tools = tools
    this.#deployment = deployment
    this.#replicaSets = new Map(replicaSets.map((set) => [set.metadata.uid, set]))
  }

  get deployment(): Deployment {
    return this.#deployment
  }

  get events(): EventRecorder {
    return this.#tools.control.events
  }

  get now(): number {
    return this.#tools.cluster.backend.clock.now()
  }

  get sets(): Sets {
    const all = [...this.#replicaSets.values()].sort(oldestFirst)
    const current = newSetOf(this.#deployment, all)
    return { current, old: all.filter((set) => set !== current) }
  }

  /** The set of the present template is given its revision; where there is none it is created, if `create` says so. */
  sync(create: boolean): Sets {
    const { current, old } = this.sets
    const revision = latestRevision(old) + 1
    if (current !== undefined) this.#adoptAsCurrent(current, revision)
    else if (create) this.#create(old, revision)
    return this.sets
  }

  /** Changes a set's size and tells of it; false if it has that size already. */
  scale(set: ReplicaSet, replicas: number): boolean {
    return sizeOf(set) !== replicas && this.resize(set, replicas)
  }

  /** The same, and writes down for which size of the Deployment it was done. */
  resize(set: ReplicaSet, replicas: number): boolean {
    const before = sizeOf(set)
    const sizes = sizeAnnotations(this.#deployment)
    const noted = Object.entries(sizes).every(([key, value]) => set.metadata.annotations?.[key] === value)
    if (before === replicas && noted) return false
    const { name } = set.metadata
    this.#update(set, (now) => ({
      ...withMetadata(now, { annotations: { ...now.metadata.annotations, ...sizes } }),
      spec: { ...now.spec, replicas },
    }))
    if (before === replicas) return false
    const direction = before < replicas ? 'up' : 'down'
    this.events.normal(
      this.#deployment,
      'ScalingReplicaSet',
      `Scaled ${direction} replica set ${name} from ${before} to ${replicas}`,
    )
    return true
  }

  /** Deletes the oldest of the sets without Pods that are more than are to be remembered. */
  cleanUp(): void {
    if (!hasHistoryLimit(this.#deployment)) return
    const old = this.sets.old.filter(({ metadata }) => metadata.deletionTimestamp === undefined).sort(byRevision)
    const surplus = old.length - (this.#deployment.spec.revisionHistoryLimit ?? 0)
    for (const set of old.slice(0, Math.max(0, surplus))) {
      const { namespace, name, uid, generation = 0 } = set.metadata
      if (actualOf(set) !== 0 || sizeOf(set) !== 0 || generation > (set.status?.observedGeneration ?? 0)) continue
      orElse(() => this.#tools.cluster.backend.registry(REPLICA_SETS)?.delete(namespace, name), 'NotFound')
      this.#replicaSets.delete(uid)
    }
  }

  writeStatus(status: DeploymentStatus, revision?: number): void {
    const { namespace, name } = this.#deployment.metadata
    const place = { resource: DEPLOYMENTS, namespace, name, subresource: 'status' }
    this.#deployment = this.#tools.writer.update(place, (now) => {
      const told = { ...now, status: written(status) }
      if (revision === undefined) return told
      return withMetadata(told, { annotations: { ...now.metadata.annotations, [REVISION]: String(revision) } })
    }) as Deployment
  }

  /** Tells how the rollout is going, if that changes it; `revision` is written too. */
  tell(
    progress: { readonly status: 'True' | 'False' | 'Unknown'; readonly reason: string; readonly message: string },
    revision?: number,
  ): void {
    const { status = {} } = this.#deployment
    const { status: is, reason, message } = progress
    const conditions = withCondition(status.conditions ?? [], condition(PROGRESSING, is, reason, message, this.now))
    this.writeStatus({ ...status, conditions }, revision)
  }

  write(change: (now: Deployment) => NewObject): void {
    const { namespace, name } = this.#deployment.metadata
    const place = { resource: DEPLOYMENTS, namespace, name }
    this.#deployment = this.#tools.writer.update(place, (now) => change(now as Deployment)) as Deployment
  }

  #adoptAsCurrent(set: ReplicaSet, newRevision: number): void {
    const { minReadySeconds } = this.#deployment.spec
    const annotations = newSetAnnotations(this.#deployment, set, newRevision)
    // Nearly always nothing is to be changed
    if (
      !deepEqual(annotations, set.metadata.annotations ?? {}) ||
      (set.spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)
    ) {
      this.#update(set, (now) => ({
        ...withMetadata(now, { annotations }),
        spec: withMinReady(now.spec, minReadySeconds),
      }))
      return
    }
    const revision = Number(set.metadata.annotations?.[REVISION] ?? 0)
    const known = this.#deployment.metadata.annotations?.[REVISION] === String(revision)
    if (hasDeadline(this.#deployment) && progressOf(this.#deployment) === undefined) {
      const message = `Found new replica set ${JSON.stringify(set.metadata.name)}`
      this.tell({ status: 'True', reason: 'FoundNewReplicaSet', message }, revision)
    } else if (!known) this.writeStatus(this.#deployment.status ?? {}, revision)
  }

  #create(old: readonly ReplicaSet[], revision: number): void {
    const { metadata } = this.#deployment
    const hash = templateHash(this.#deployment.spec.template, this.#deployment.status?.collisionCount)
    const name = setName(metadata.name, hash)
    const replicas = newSize(this.#deployment, old, 0)
    let created: ReplicaSet
    try {
      created = this.#tools.control.submit(
        REPLICA_SETS,
        this.#newSet(name, hash, replicas, revision),
        metadata.namespace,
      ) as ReplicaSet
    } catch (error) {
      this.#notCreated(name, error, revision)
      return
    }
    this.#replicaSets.set(created.metadata.uid, created)
    if (replicas > 0) {
      this.events.normal(this.#deployment, 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicas}`)
    }
    if (hasDeadline(this.#deployment)) {
      const message = `Created new replica set ${JSON.stringify(name)}`
      this.tell({ status: 'True', reason: 'NewReplicaSetCreated', message }, revision)
    } else this.writeStatus(this.#deployment.status ?? {}, revision)
  }

  /** Throws, unless the set is there already after all. */
  #notCreated(name: string, error: unknown, revision: number): void {
    if (endsWithNamespace(error)) throw error
    if (error instanceof StatusError && error.reason === 'AlreadyExists') {
      const { backend } = this.#tools.cluster
      const there = backend.store.collection(REPLICA_SETS)?.get(this.#deployment.metadata.namespace, name) as
        | ReplicaSet
        | undefined
      const { spec, status = {} } = this.#deployment
      if (
        there !== undefined &&
        isControlledBy(there, this.#deployment) &&
        sameTemplate(spec.template, there.spec.template)
      ) {
        this.#replicaSets.set(there.metadata.uid, there)
        this.writeStatus(status, revision)
        return
      }
      // Another template has the same hash: the next attempt gets another one
      this.writeStatus({ ...status, collisionCount: (status.collisionCount ?? 0) + 1 })
      throw error
    }
    const message = `Failed to create new replica set ${JSON.stringify(name)}: ${messageOf(error)}`
    if (hasDeadline(this.#deployment)) this.tell({ status: 'False', reason: 'ReplicaSetCreateError', message })
    this.events.warning(this.#deployment, 'ReplicaSetCreateError', message)
    throw error
  }

  #newSet(name: string, hash: string, replicas: number, revision: number): NewObject {
    const { metadata, spec } = this.#deployment
    const { template, selector, minReadySeconds } = spec
    const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash }
    return {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name,
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
        labels,
        annotations: {
          ...newSetAnnotations(this.#deployment, undefined, revision),
          ...sizeAnnotations(this.#deployment),
        },
        ownerReferences: [controllerRef(this.#deployment)],
      },
      spec: {
        replicas,
        ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
        selector: { ...selector, matchLabels: { ...selector?.matchLabels, [HASH_LABEL]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    }
  }

  #update(set: ReplicaSet, change: (now: ReplicaSet) => NewObject): void {
    const { namespace, name, uid } = set.metadata
    const place = { resource: REPLICA_SETS, namespace, name }
    const updated = this.#tools.writer.update(place, (now) => change(now as ReplicaSet), {
      preconditions: { uid },
    }) as ReplicaSet
    this.#replicaSets.set(uid, updated)
  }
}

function withMinReady({ minReadySeconds: _, ...spec }: ReplicaSet['spec'], seconds: number | undefined) {
  return seconds === undefined ? spec : { ...spec, minReadySeconds: seconds }
}

function setName(deployment: string, hash: string): string {
  return `${deployment.slice(0, LONGEST_NAME - 1 - hash.length)}-${hash}`
}
