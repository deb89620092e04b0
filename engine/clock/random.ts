/**
 * Randomness that repeats: the same seed gives the same sequence. Not for secrets.
 * The generator is xoshiro128** (Blackman and Vigna, public domain), its state filled by splitmix32.
 */
export class Random {
  readonly #seed: number
  readonly #state: [number, number, number, number]

  constructor(seed: number | string) {
    this.#seed = typeof seed === 'number' ? seed >>> 0 : hash(seed, 0)
    let mixed = this.#seed
    const fill = () => {
      mixed = (mixed + 0x9e3779b9) | 0
      return finish(mixed)
    }
    this.#state = [fill(), fill(), fill(), fill()]
  }

  /**
   * A sequence of its own for a part of the engine. It depends on the seed and the name alone, not on how much was drawn before, so that a
   * part that draws more often does not change what the others get.
   */
  split(name: string): Random {
    return new Random(hash(name, this.#seed))
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    const s = this.#state
    const result = Math.imul(rotate(Math.imul(s[1], 5), 7), 9) >>> 0
    const shifted = s[1] << 9
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= shifted
    s[3] = rotate(s[3], 11)
    return result
  }

  /** From 0 up to, never reaching, 1. */
  float(): number {
    return (this.uint32() * 0x200000 + (this.uint32() >>> 11)) / 2 ** 53
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.float() * count)
  }

  /** From `low` up to, never reaching, `high`. */
  between(low: number, high: number): number {
    return low + this.float() * (high - low)
  }

  chance(probability: number): boolean {
    return this.float() < probability
  }

  /** Throws for an empty list. */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('Nothing to pick from.')
    return list[this.below(list.length)] as T
  }

  /** A shuffled copy. */
  shuffle<T>(list: readonly T[]): T[] {
    const copy = list.slice()
    for (let left = copy.length; left > 1; left--) {
      const other = this.below(left)
      const last = copy[left - 1] as T
      copy[left - 1] = copy[other] as T
      copy[other] = last
    }
    return copy
  }

  /** Where the sequence stands, to go on from there later. */
  save(): RandomState {
    return [this.#seed, ...this.#state]
  }

  static restore(saved: RandomState): Random {
    const random = new Random(saved[0])
    for (let index = 0; index < 4; index++) random.#state[index] = saved[index + 1] as number
    return random
  }
}

/** The seed, then the generator's four words. */
export type RandomState = readonly [number, number, number, number, number]

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by))

/** Murmur3's finisher: spreads each bit of the input over the whole word. */
function finish(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** FNV-1a over the text's code units, started from `seed`. */
function hash(text: string, seed: number): number {
  let sum = finish(seed ^ 0x811c9dc5)
  for (let index = 0; index < text.length; index++) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193)
  return finish(sum) >>> 0
}
