/** A seeded source of choices for property tests: the same seed makes the same cases. */
export class Seeded {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** At least 0, below `bound`. */
  int(bound: number): number {
    // mulberry32
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = this.state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound
  }

  chance(percent: number): boolean {
    return this.int(100) < percent
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.int(choices.length)] as T
  }

  /** Each choice kept with the chance given, order kept. */
  some<T>(choices: readonly T[], percent = 50): T[] {
    return choices.filter(() => this.chance(percent))
  }

  shuffled<T>(items: readonly T[]): T[] {
    const shuffled = [...items]
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.int(last + 1)
      const kept = shuffled[last] as T
      shuffled[last] = shuffled[other] as T
      shuffled[other] = kept
    }
    return shuffled
  }

  text(alphabet: string, longest: number): string {
    return Array.from({ length: this.int(longest + 1) }, () => this.pick([...alphabet])).join('')
  }

  /** JSON with few keys and values, so that two of them often meet; lists and nulls only where asked for. */
  json(depth: number, options: { nulls?: boolean; lists?: boolean } = {}): unknown {
    const kind = depth === 0 ? this.int(4) : this.int(8)
    if (kind === 0) return this.int(4)
    if (kind === 1) return this.pick(['a', 'b', ''])
    if (kind === 2) return this.chance(50)
    if (kind === 3) return options.nulls === true ? null : 'c'
    if (kind === 4 && options.lists !== false) {
      return Array.from({ length: this.int(4) }, () => this.json(depth - 1, options))
    }
    return this.fields(depth, options)
  }

  fields(depth: number, options: { nulls?: boolean; lists?: boolean } = {}): Record<string, unknown> {
    const keys = this.some(['a', 'b', 'c', 'x/y', 'm~n', ''], 40)
    return Object.fromEntries(keys.map((key) => [key, this.json(Math.max(depth - 1, 0), options)]))
  }
}

/** Runs a property on seeds 0, 1, 2 …; a failure names its seed. */
export function forSeeds(cases: number, property: (seeded: Seeded) => void): void {
  for (let seed = 0; seed < cases; seed++) {
    try {
      property(new Seeded(seed))
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
}
