import type { WorkQueue } from '../work-queue.ts'

/** Pods up to which an owner is brought up to date with each change. */
const SMALL = 50
/** Milliseconds for each Pod of a larger one: a hundred for a thousand Pods. */
const EACH = 0.1

/**
 * Queues an owner of whose `size` Pods one has changed. A look at a large one costs as much as it has Pods, so that changes are gathered for a moment, far
 * shorter than upstream's client would take to write them.
 */
export function addPaced(queue: WorkQueue, key: string, size: number): void {
  if (size < SMALL) queue.add(key)
  else queue.addAfter(key, Math.ceil(size * EACH))
}
