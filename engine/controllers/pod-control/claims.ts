import type { LabelSelector } from '../../objects/label-selector.ts'
import { StatusError } from '../../objects/status-error.ts'
import type { ApiObject, GroupResource, OwnerReference } from '../../objects/types.ts'
import { withMetadata } from '../../storage/metadata.ts'
import type { Cluster } from '../cluster.ts'
import type { Writer } from '../writer.ts'
import { controllerOf, controllerRef, isControlledBy } from './controller-ref.ts'

export interface Claim {
  readonly resource: GroupResource
  readonly owner: ApiObject
  readonly selector: LabelSelector
  /** Which objects are looked at; all if not said. */
  readonly among?: (object: ApiObject) => boolean
  /** What an object must be besides, to be claimed. */
  readonly fits?: (object: ApiObject) => boolean
  /** What an adopted object is held by, and a released one no longer. */
  readonly finalizer?: string
}

/**
 * The objects that are the owner's: it adopts those that match and that nobody controls, and lets go of those that no longer match; nothing of both while it
 * is being deleted (`ControllerRefManager`, 1.34). Its collection must have the index `uncontrolled`. Throws if a write fails, after all have been tried.
 */
export function claimed({ backend }: Cluster, writer: Writer, claim: Claim): ApiObject[] {
  const { resource, owner, selector, among = () => true, fits } = claim
  const collection = backend.store.collection(resource)
  if (collection === undefined) return []
  const matches = (object: ApiObject) => selector.matches(object.metadata.labels) && (fits?.(object) ?? true)
  const ends = owner.metadata.deletionTimestamp !== undefined
  const errors: unknown[] = []
  const mine: ApiObject[] = []
  const attempt = (write: () => void) => {
    try {
      write()
    } catch (error) {
      if (!(error instanceof StatusError) || error.reason !== 'NotFound') errors.push(error)
    }
  }
  for (const object of collection.byIndex('owner', owner.metadata.uid)) {
    if (!isControlledBy(object, owner) || !among(object)) continue
    if (matches(object)) mine.push(object)
    else if (!ends) attempt(() => release(writer, claim, object))
  }
  if (!ends) {
    for (const object of collection.byIndex('uncontrolled', owner.metadata.namespace ?? '')) {
      if (object.metadata.deletionTimestamp !== undefined || !among(object) || !matches(object)) continue
      attempt(() => mine.push(adopt(writer, claim, object)))
    }
  }
  const [first] = errors
  if (errors.length === 1) throw first
  if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join(', '))
  return mine
}

function adopt(writer: Writer, { resource, owner, finalizer }: Claim, object: ApiObject): ApiObject {
  const { namespace, name, uid } = object.metadata
  return writer.update(
    { resource, namespace, name },
    (now) => {
      const others = (now.metadata.ownerReferences ?? []).filter((one) => one.uid !== owner.metadata.uid)
      const { finalizers = [] } = now.metadata
      const held = finalizer === undefined || finalizers.includes(finalizer)
      return withMetadata(now, {
        ownerReferences: [...others, controllerRef(owner)],
        ...(held ? {} : { finalizers: [...finalizers, finalizer] }),
      })
    },
    { preconditions: { uid } },
  )
}

function release(writer: Writer, { resource, owner, finalizer }: Claim, object: ApiObject): void {
  const { namespace, name, uid } = object.metadata
  try {
    writer.update(
      { resource, namespace, name },
      (now) => {
        const owners = (now.metadata.ownerReferences ?? []).filter((one) => one.uid !== owner.metadata.uid)
        const finalizers = (now.metadata.finalizers ?? []).filter((one) => one !== finalizer)
        return withMetadata(now, {
          ownerReferences: owners.length === 0 ? undefined : owners,
          finalizers: finalizers.length === 0 ? undefined : finalizers,
        })
      },
      { preconditions: { uid } },
    )
  } catch (error) {
    // As upstream: what is no longer the same object, or no longer has this owner, is let go already
    if (!(error instanceof StatusError) || error.reason !== 'Invalid') throw error
  }
}

/** Whether two states of an object have different controllers. */
export function controllerChanged(now: ApiObject, before: ApiObject): boolean {
  const [left, right] = [controllerOf(now), controllerOf(before)]
  return left?.uid !== right?.uid || kindText(left) !== kindText(right)
}

const kindText = (owner: OwnerReference | undefined): string => `${owner?.apiVersion ?? ''}/${owner?.kind ?? ''}`
