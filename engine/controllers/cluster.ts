import type { Backend } from '../admission/plugin.ts'
import type { UserInfo } from '../auth/user.ts'
import type { ResourceDefinition } from '../kinds/resource.ts'
import type { GroupKind, GroupResource } from '../objects/types.ts'
import type { Collection } from '../storage/collection.ts'
import type { ObjectEvent } from '../storage/event.ts'
import { follow as followAtOnce } from '../storage/follow.ts'
import type { Registry } from '../storage/registry.ts'

/** A resource as controllers meet it; the API server's `ServedResource` is one. */
export interface KnownResource {
  readonly definition: Pick<ResourceDefinition, 'resource' | 'namespaced' | 'subresources'>
  readonly registry: Registry
}

/** All resources of a cluster; the API server's `Catalogue` is one. */
export interface KnownResources extends Iterable<KnownResource> {
  /** Goes up with each change. */
  readonly generation: number
  get(resource: GroupResource): KnownResource | undefined
  ofKind(kind: GroupKind): KnownResource | undefined
}

/** What controllers work on: an `ApiServer` is one. */
export interface Cluster {
  readonly backend: Backend
  readonly catalogue: KnownResources
}

/** Something that runs until it is stopped. May be started again. */
export interface Controller {
  start(): void
  stop(): void
}

/** Who controllers write as: upstream's run in one program. */
export const CONTROLLER_MANAGER = 'kube-controller-manager'

/** Tells of what there is and of each change; after a restore, when all collections are restored, of all that there is again. What is returned ends it. */
export function follow(
  collection: Collection,
  { clock }: Pick<Backend, 'clock'>,
  told: (event: ObjectEvent) => void,
): () => void {
  return followAtOnce(collection, told, { later: (begin) => clock.after(0, begin) })
}

/** The user that one of kube-controller-manager's controllers is to admission: `deployment-controller`. */
export function controllerUser(name: string): UserInfo {
  return {
    username: `system:serviceaccount:kube-system:${name}`,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
  }
}
