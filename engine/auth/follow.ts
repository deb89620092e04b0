import type { ApiObject } from '../objects/types.ts'
import type { Collection } from '../storage/collection.ts'

export interface Follower {
  /** An object that is new or has changed. */
  set(object: ApiObject): void
  remove(object: ApiObject): void
  /** All that was set no longer holds: the store was restored, and is told anew. */
  clear(): void
}

/** Keeps something in step with a collection, through restores of the store; what is returned ends it. */
export function follow(collection: Collection, follower: Follower): () => void {
  let end = () => {}
  const begin = () => {
    end = collection.subscribe(
      { initial: true },
      {
        event: ({ type, object }) => (type === 'DELETED' ? follower.remove(object) : follower.set(object)),
        closed: () => {
          follower.clear()
          begin()
        },
      },
    )
  }
  begin()
  return () => end()
}
