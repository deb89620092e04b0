import { EventRecorder } from '../../events/recorder.ts'
import { StatusError } from '../../objects/status-error.ts'
import type { ApiObject, GroupResource, NewObject } from '../../objects/types.ts'
import { type Cluster, CONTROLLER_MANAGER, controllerUser } from '../cluster.ts'
import { Writer } from '../writer.ts'

export const PODS: GroupResource = { group: '', resource: 'pods' }

/** Creates and deletes the Pods of owners, and tells of it in the owners' events: controller's `RealPodControl` (1.34). */
export class PodControl {
  readonly events: EventRecorder
  readonly #cluster: Cluster
  readonly #writer: Writer
  readonly #component: string

  /** `component` is who it is in events and to admission: `replicaset-controller`. */
  constructor(cluster: Cluster, component: string) {
    this.#cluster = cluster
    this.#component = component
    this.#writer = new Writer(cluster.backend, CONTROLLER_MANAGER)
    this.events = new EventRecorder(cluster.backend, { component }, CONTROLLER_MANAGER)
  }

  /** Throws what a request for it would be answered with; the owner has an event of it then, unless its namespace ends. */
  create(owner: ApiObject, pod: NewObject): ApiObject {
    try {
      const created = this.submit(PODS, pod, owner.metadata.namespace)
      this.events.normal(owner, 'SuccessfulCreate', `Created pod: ${created.metadata.name}`)
      return created
    } catch (error) {
      if (!endsWithNamespace(error)) this.events.warning(owner, 'FailedCreate', `Error creating: ${messageOf(error)}`)
      throw error
    }
  }

  /** Throws like `create`, and 404 without an event if the Pod is gone. */
  delete(owner: ApiObject, { metadata: { namespace, name } }: ApiObject): void {
    try {
      this.#cluster.backend.registry(PODS)?.delete(namespace, name)
    } catch (error) {
      if (error instanceof StatusError && error.reason === 'NotFound') throw error
      this.events.warning(owner, 'FailedDelete', `Error deleting: ${messageOf(error)}`)
      throw new Error(`unable to delete pods: ${messageOf(error)}`)
    }
    this.events.normal(owner, 'SuccessfulDelete', `Deleted pod: ${name}`)
  }

  /** Creates anything as this controller, seen by admission. */
  submit(resource: GroupResource, object: NewObject, namespace: string | undefined): ApiObject {
    return this.#writer.submit(resource, object, controllerUser(this.#component), namespace)
  }
}

/** Whether a create was refused since its namespace ends. */
export function endsWithNamespace(error: unknown): boolean {
  if (!(error instanceof StatusError)) return false
  return error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
