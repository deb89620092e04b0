import type { Collection } from './collection.ts'
import type { ObjectEvent } from './event.ts'

export interface FollowOptions {
  /** All that was told no longer holds: the store was restored, and is told anew. */
  readonly closed?: () => void
  /** Begins anew when the caller can, and returns what gives that up; without it at once, while other collections may not be restored yet. */
  readonly later?: (begin: () => void) => () => void
}

/** Tells of what there is and of each change, through restores of the store; what is returned ends it. */
export function follow(
  collection: Collection,
  told: (event: ObjectEvent) => void,
  { closed, later }: FollowOptions = {},
): () => void {
  let end = () => {}
  const begin = () => {
    end = collection.subscribe(
      { initial: true },
      {
        event: told,
        closed: () => {
          closed?.()
          if (later === undefined) begin()
          else end = later(begin)
        },
      },
    )
  }
  begin()
  return () => end()
}
