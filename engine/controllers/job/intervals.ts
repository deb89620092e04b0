interface Interval {
  readonly first: number
  readonly last: number
}

/** Indexes of a Job's Pods, in order, as the status writes them: `1,3-5,7`. */
export class Intervals {
  static readonly none = new Intervals([])

  readonly #intervals: readonly Interval[]

  private constructor(intervals: readonly Interval[]) {
    this.#intervals = intervals
  }

  static of(indexes: Iterable<number>): Intervals {
    return joined([...indexes].map((index) => ({ first: index, last: index })))
  }

  /** What cannot be read, or is beyond the Job's indexes, is passed over. */
  static parse(text: string | undefined, completions: number): Intervals {
    if (text === undefined || text === '') return Intervals.none
    const parts = text.split(',').flatMap((part) => {
      const [first, last = first] = part.split('-').map(Number) as [number, number | undefined]
      if (!Number.isInteger(first) || !Number.isInteger(last) || first >= completions) return []
      return [{ first, last: Math.min(last, completions - 1) }]
    })
    return joined(parts)
  }

  /** How many indexes there are. */
  get size(): number {
    return this.#intervals.reduce((total, { first, last }) => total + last - first + 1, 0)
  }

  has(index: number): boolean {
    return this.#intervals.some(({ first, last }) => first <= index && index <= last)
  }

  with(other: Intervals): Intervals {
    return joined([...this.#intervals, ...other.#intervals])
  }

  /** How many are in both. */
  common(other: Intervals): number {
    let total = 0
    for (const one of this.#intervals) {
      for (const two of other.#intervals) {
        total += Math.max(0, Math.min(one.last, two.last) - Math.max(one.first, two.first) + 1)
      }
    }
    return total
  }

  /** The first `count` indexes below `completions` that are not here. */
  missing(count: number, completions: number): number[] {
    const found: number[] = []
    let candidate = 0
    for (const { first, last } of [...this.#intervals, { first: completions, last: completions }]) {
      for (; candidate < first && candidate < completions && found.length < count; candidate++) found.push(candidate)
      candidate = Math.max(candidate, last + 1)
    }
    return found
  }

  toString(): string {
    const text = ({ first, last }: Interval) =>
      first === last ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`
    return this.#intervals.map(text).join(',')
  }

  /** Intervals in order, neighbours as one. */
  static ordered(intervals: readonly Interval[]): Intervals {
    const result: Interval[] = []
    for (const next of intervals.toSorted((one, other) => one.first - other.first)) {
      const before = result.at(-1)
      if (before === undefined || next.first > before.last + 1) result.push(next)
      else if (next.last > before.last) result[result.length - 1] = { first: before.first, last: next.last }
    }
    return new Intervals(result)
  }
}

const joined = Intervals.ordered
