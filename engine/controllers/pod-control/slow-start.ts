export interface Batches {
  readonly successes: number
  /** The first of what was thrown. */
  readonly error?: unknown
}

/**
 * Does something `count` times, in batches of 1, 2, 4 …, and goes on to the next only if all of one went well: `slowStartBatch` (1.34). So what is refused
 * for lack of quota is asked for few times.
 */
export function slowStart(count: number, act: () => void): Batches {
  let left = count
  let successes = 0
  for (let size = Math.min(left, 1); size > 0; size = Math.min(2 * size, left)) {
    const errors: unknown[] = []
    for (let one = 0; one < size; one++) {
      try {
        act()
        successes++
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) return { successes, error: errors[0] }
    left -= size
  }
  return { successes }
}
